"""The tab's settings: few in sight, the rest folded away. Draw and Compare share them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import gradio as gr
from gradio.components import Component

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.sampling.samplers import SAMPLERS
from ddpm.settings import Setting
from page.server.listeners.pools import quick
from page.server.listeners.validation import check_setting
from page.tabs.generate.controls import by_model
from page.tabs.generate.controls.shown import (
    OF_THE_SKETCH,
    SHOWN,
    STOPS,
    arranged,
    has_guides,
    opened,
    steps_of,
)
from page.tabs.generate.drawing.request import (
    ANY,
    OF_UNCLIP,
    SETTINGS,
    STUDENT_CALLS,
    STUDENT_SAMPLER,
    STUDENT_STEPS,
    TAB,
    USUAL,
)
from page.tabs.generate.words import by_words_controls
from page.tabs.generate.words.unclip import MOVES
from page.texts import text
from page.widgets.controls import control, named_choices
from page.widgets.log_slider.log_slider import log_slider
from page.widgets.sketch_pad import pad

START = Setting("start", str, "what a run begins with", "noise", table=("noise", "sketch"))
DENOISING = [(text(f"sampler_{name}"), name) for name in SAMPLERS]  # all but the student's own
CLASSES = [(text(f"class_{k}"), k) for k in range(len(CLASS_NAMES))]


@dataclass(frozen=True)
class Controls:
    start: gr.Radio
    sketch: gr.Column  # what is shown while a run begins with a sketch
    about: gr.Markdown
    picture: gr.HTML
    of_the_sketch: dict[str, gr.Slider]  # what is done with it, by setting
    values: dict[str, Component]  # the others, by setting, in the order of `Request`'s fields
    around: gr.Column  # everything
    fixed: list[gr.Column]  # around what a student leaves no choice of

    @property
    def by_setting(self) -> dict[str, Component]:
        return self.values | {"start": self.start} | self.of_the_sketch

    @property
    def of_a_drawing(self) -> list[Component]:
        return [self.start, self.picture, *self.of_the_sketch.values(), *self.values.values()]

    @property
    def of_a_model(self) -> list[Component]:
        """What `for_model` updates; its arguments are the values of `model_and_way`."""
        names = ("sampler", "steps", "guidance", "schedule", "guided_by")
        return [*self.fixed, *(self.values[name] for name in names)]

    @property
    def model_and_way(self) -> list[Component]:
        return [self.values[name] for name in ("model", "sampler", "steps")]

    def follow(
        self,
        go: gr.Button,
        drawing: gr.Tab,
        comparing: gr.Tab,
        axes: tuple[gr.Dropdown, gr.Dropdown],
        walking: gr.Tab | None,
    ) -> None:
        """Show the settings of the view that is open, and what `go` will do."""
        at_once = {
            "queue": False,
            "preprocess": False,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        model, view = self.values["model"], gr.State("draw")
        model.change(quick(for_model), self.model_and_way, self.of_a_model, **at_once)
        pieces = [go, self.start, self.sketch, self.about, *self.of_the_sketch.values()]
        given, shown = [model, self.start, *axes], [*pieces, *self.values.values()]
        for tab, name in ((drawing, "draw"), (comparing, "compare")):
            tab.select(quick(partial(opened, name)), given, [view, self.around, *shown], **at_once)
        changed = [model.change, self.start.change, *(axis.change for axis in axes)]
        gr.on(
            changed, quick(arranged), [view, *given], shown, trigger_mode="always_last", **at_once
        )
        if walking:  # has its own
            walking.select(quick(lambda: gr.Column(visible=False)), None, self.around, **at_once)


def for_model(model: str, sampler: str, steps: int | None) -> list:
    """Offer what this model can do; a way of drawing that is another model's gives way to its."""
    check_setting(SETTINGS["model"], model, TAB)
    kept = [gr.skip()] * 3
    if model == "student":
        fixed = [gr.Column(visible=False)] * 2
        few = {} if steps in STUDENT_STEPS else {"value": STUDENT_CALLS}
        own = [(text(f"sampler_{STUDENT_SAMPLER}"), STUDENT_SAMPLER)]
        if sampler == STUDENT_SAMPLER:  # as a link has it: nothing may arrive after the next link
            return [*fixed, gr.Radio(own), gr.HTML(**steps_of(model), **few), *kept]
        plain = [SETTINGS[name].default for name in ("guidance", "schedule", "guided_by")]
        radio = gr.Radio(own, value=STUDENT_SAMPLER)
        return [*fixed, radio, gr.HTML(**steps_of(model), **few), *plain]
    shown = [gr.Column(visible=True), gr.Column(visible=model not in USUAL)]
    if sampler in SAMPLERS:
        return [*shown, gr.Radio(DENOISING), gr.HTML(**steps_of(model)), *kept]
    sampler, steps = (SETTINGS[name].default for name in ("sampler", "steps"))
    steps = USUAL.get(model, {}).get("steps", steps)
    slider = gr.HTML(**steps_of(model), value=steps)
    return [*shown, gr.Radio(DENOISING, value=sampler), slider, *kept]


def build() -> Controls:
    sliders = {
        name: control(TAB, each, render=False, visible=name not in MOVES)
        for name, each in OF_THE_SKETCH.items()
    }
    made, fixed = {}, []
    with gr.Column(scale=2, min_width=320, elem_classes="settings") as around:
        with gr.Row():
            made["model"] = _dropdown(SETTINGS["model"], scale=5, **_offered(None))
            classes = [(text("generate_any"), ANY), *CLASSES]
            with gr.Column(scale=3, min_width=150) as choosing:
                made["label"] = _dropdown(SETTINGS["label"], choices=classes)
        telling, made["words_before"], made["words"] = by_words_controls.fields()
        with gr.Column() as starting:
            start = control(TAB, START)
        made["eta"] = control(TAB, SETTINGS["eta"], render=False, visible=False)
        sketch, about, picture = pad.group(made["eta"], *sliders.values())
        made["count"] = control(TAB, SETTINGS["count"])
        with gr.Column(visible=False) as enlarging:
            made["from_one"] = control(TAB, SETTINGS["from_one"])
            made["aug"] = control(TAB, SETTINGS["aug"])
        steps = SETTINGS["steps"]
        made["steps"] = log_slider(steps, STOPS, label="generate_steps", elem_id="generate-steps")
        made["sampler"] = control(TAB, SETTINGS["sampler"], choices=DENOISING)
        with gr.Column() as column:
            made["guidance"] = control(TAB, SETTINGS["guidance"])
        fixed.append(column)
        with gr.Accordion(text("generate_more"), open=False, elem_id="generate-more"):
            with gr.Column() as column:
                made["schedule"] = control(TAB, SETTINGS["schedule"])
                made["guided_by"] = control(TAB, SETTINGS["guided_by"], visible=has_guides())
            fixed.append(column)
            with gr.Column(visible=False) as holding:
                made["thresholding"] = control(TAB, SETTINGS["thresholding"])
            for name in SHOWN:
                if name not in made:
                    made[name] = control(TAB, SETTINGS[name], visible=name not in OF_UNCLIP)
    values = {name: made[name] for name in SHOWN}
    columns = [
        (telling, by_model.reads_words),
        (holding, by_model.is_words),
        (enlarging, by_model.is_cascade),
        (choosing, by_model.knows_classes),
        (starting, by_model.begins_anywhere),
    ]
    by_model.follow(values, start, columns)
    return Controls(start, sketch, about, picture, sliders, values, around, fixed)


def of_start(given: dict, start: str) -> dict:
    """Settings of a `Request` that begins with the sketch, or without it."""
    if start != "sketch":
        return {name: value for name, value in given.items() if name in SHOWN}
    moves = {name: given[name] or None for name in MOVES}  # 0 moves nothing
    return given | moves


def offer(trained: str | ddpm.Checkpoint | None) -> gr.Dropdown:
    """Add the visitor's own model to the list once there is one."""
    return gr.Dropdown(**_offered(trained))


def _offered(trained: str | ddpm.Checkpoint | None) -> dict:
    """The models to choose from, and why the visitor's own is not among them."""
    choices = named_choices(TAB, SETTINGS["model"])
    if trained is not None:
        return {"choices": choices, "info": None}
    choices = [(name, value) for name, value in choices if value != "trained"]
    return {"choices": choices, "info": text("generate_model_info")}


def _dropdown(setting: Setting, **more) -> gr.Dropdown:
    """A list that may grow, however few its choices are."""
    return gr.Dropdown(
        value=setting.default,
        label=text(f"generate_{setting.name}"),
        min_width=170,  # of the longest name beside its arrow
        elem_id=f"generate-{setting.name}",
        **more,
    )
