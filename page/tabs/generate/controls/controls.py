"""The tab's settings: few in sight, the rest folded away. Draw and Compare share them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import gradio as gr
from gradio.components import Component

import ddpm
from ddpm.settings import Setting
from page.models.registry import FIRST, KINDS, OF_ONE_MODEL, SETTINGS, model_of
from page.models.request import EACH, TAB
from page.server.listeners.pools import FOLLOWS, UNREAD, quick
from page.tabs.generate.controls import visibility, words_field
from page.texts import text
from page.widgets.controls import control, named_choices, say_good_for
from page.widgets.settings_line import settings_line
from page.widgets.sketch_pad import pad
from page.widgets.sliders.sliders import log_slider, range_slider

# Of the view that is open when the answer is asked for
OF_THE_VIEW = "(_, ...values) => [viewShown(), ...values]"
START = Setting("start", str, "what a run begins with", "noise", table=("noise", "sketch"))


@dataclass(frozen=True)
class Controls:
    trained: gr.State
    line: gr.HTML  # that they fold to
    start: gr.Radio
    sketch: gr.Column  # what is shown while a run begins with a sketch
    about: gr.Markdown
    picture: gr.HTML
    of_the_sketch: dict[str, gr.Slider]  # what is done with it, by setting
    values: dict[str, Component]  # the others, by setting, in the order of `Request`'s fields
    around: gr.Column  # everything
    columns: list[gr.Column]  # as in `visibility.COLUMNS`

    @property
    def by_setting(self) -> dict[str, Component]:
        return self.values | {"start": self.start} | self.of_the_sketch

    @property
    def of_a_model(self) -> list[Component]:
        """What `for_model` updates; its arguments are the values of `model_and_way`."""
        names = ("label", "sampler", "steps", "guidance", "schedule", "guided_by")
        return [*self.columns, *(self.values[name] for name in names), self.start]

    @property
    def model_and_way(self) -> list[Component]:
        names = ("model", "sampler", "steps", "label")
        return [*(self.values[name] for name in names), self.trained, self.values["guided_by"]]

    def follow(
        self, go: gr.Button, axes: tuple[gr.Dropdown, gr.Dropdown], views: list[Callable]
    ) -> None:
        """Show the settings of the view that is open, and what `go` will do. `views` are the events
        by which views open."""
        model, view = self.values["model"], gr.Textbox(visible=False)  # of OF_THE_VIEW
        model.change(quick(visibility.for_model), self.model_and_way, self.of_a_model, **UNREAD)
        own = [self.values[name] for name in visibility.OWN]
        guided_by, *way = (self.values[name] for name in ("guided_by", "guidance", "interval"))
        model.input(quick(visibility.usual), [model, guided_by, *own], own, **UNREAD)
        label = self.values["label"]
        # noise only by hand: a link that begins with it says what becomes of it
        for event, of in ((self.start.change, "sketch"), (self.start.input, "noise")):
            event(quick(partial(visibility.class_for, of)), [self.start, label], label, **UNREAD)
        guided_by.input(quick(visibility.usual_way), [model, guided_by, *way], way, **UNREAD)
        guidance, interval = way
        pieces = [go, self.start, self.sketch, self.about, *self.of_the_sketch.values()]
        given = [view, model, self.start, *axes, guidance]
        shown = [self.around, *pieces, *self.values.values()]
        # one listener for all: of two, an answer on its way could undo that of the next view
        changed = [*views, *(each.change for each in (model, self.start, *axes))]
        gr.on(changed, quick(visibility.arranged), given, shown, js=OF_THE_VIEW, **FOLLOWS)
        seen = quick(visibility.interval_of)
        guidance.change(seen, given, interval, js=OF_THE_VIEW, **FOLLOWS)


def build(trained: gr.State) -> Controls:
    first = model_of(FIRST)
    sliders = {
        name: control(TAB, each, render=False, visible=name in first.of_a_picture)
        for name, each in visibility.OF_THE_SKETCH.items()
    }
    made, columns = {}, {}

    def make(name: str) -> Component:
        setting = SETTINGS[name]
        if name == "interval":
            return range_slider(setting, label=visibility.INTERVAL, visible=False)
        if name == "guided_by":
            guides = visibility.guides_of(first)
            return control(TAB, setting, choices=guides, visible=len(guides) > 1)
        return control(TAB, setting)

    def place(*names: str, **more) -> None:
        """A column of these settings."""
        with gr.Column(**more) as column:
            for name in names:
                made[name] = make(name)
        columns[names] = column

    def place_own(where: str) -> None:
        """What models alone have that belongs here."""
        for kind in KINDS.values():
            if names := kind.placed(where):
                place(*names, visible=False)

    with gr.Column(scale=2, min_width=320, elem_classes="settings") as around:
        line = settings_line.line(TAB, "compare")
        with gr.Row():
            longest = {"grows": True, "min_width": 170}  # of the longest name beside its arrow
            made["model"] = control(
                TAB, SETTINGS["model"], choices=_offered(None), value=FIRST, scale=5, **longest
            )
            classes = visibility.labels_of(first, None)
            with gr.Column(scale=3, min_width=150) as choosing:
                label = SETTINGS["label"]
                made["label"] = control(TAB, label, choices=classes, value=EACH, **longest)
        telling, made["words_before"], made["words"] = words_field.fields()
        with gr.Column() as starting:
            start = control(TAB, START)
        own = [name for kind in KINDS.values() for name in kind.placed("sketch")]
        made |= {name: control(TAB, SETTINGS[name], render=False, visible=False) for name in own}
        sketch, about, picture = pad.group(*(made[name] for name in own), *sliders.values())
        made["count"] = control(TAB, SETTINGS["count"])
        place_own("main")
        made["steps"] = log_slider(SETTINGS["steps"], [*first.stops], label="generate_steps")
        made["sampler"] = control(TAB, SETTINGS["sampler"], choices=visibility.samplers_of(first))
        for name in ("model", "sampler"):
            say_good_for(made[name], TAB, SETTINGS[name])
        place("guidance", "interval")
        with gr.Accordion(text("generate_more"), open=False, elem_id="generate-more"):
            place("schedule", "guided_by")
            place_own("more")
            for name in visibility.SHOWN:
                if name not in made:
                    made[name] = control(TAB, SETTINGS[name], visible=name not in OF_ONE_MODEL)
    columns |= {("label",): choosing, ("words",): telling, ("picture",): starting}
    values = {name: made[name] for name in visibility.SHOWN}
    in_order = [columns[names] for names in visibility.COLUMNS]
    shown = start, sketch, about, picture
    return Controls(trained, line, *shown, sliders, values, around, in_order)


def of_start(given: dict, start: str) -> dict:
    """Settings of a `Request` that begins with the sketch, or without it."""
    if start != "sketch":
        return {name: value for name, value in given.items() if name in visibility.SHOWN}
    optional = [name for name in visibility.OF_THE_SKETCH if SETTINGS[name].optional]
    return given | {name: given[name] or None for name in optional}  # 0 moves nothing


def offer(trained: str | ddpm.Checkpoint | None) -> gr.Dropdown:
    """Add the visitor's own model to the list once there is one."""
    return gr.Dropdown(choices=_offered(trained))


def _offered(trained: str | ddpm.Checkpoint | None) -> list[tuple]:
    """The models to choose from."""
    choices = named_choices(TAB, SETTINGS["model"])
    return [each for each in choices if trained is not None or each[1] != "trained"]
