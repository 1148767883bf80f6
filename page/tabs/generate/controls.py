"""The tab's settings: few in sight, the rest folded away. Draw and Compare share them."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.settings import Setting
from page.server.pools import quick
from page.tabs.generate.request import ANY, SETTINGS, TAB
from page.texts import text
from page.widgets.controls import control, named_choices
from page.widgets.log_slider.log_slider import log_slider
from page.widgets.sketch_pad import pad

START = Setting("start", str, "what a run begins with", "noise", table=("noise", "sketch"))
STOPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]  # of the slider of steps
SHOWN = [name for name in SETTINGS if name not in ("picture", "noise")]  # besides the sketch's
CLASSES = [(text(f"class_{k}"), k) for k in range(len(CLASS_NAMES))]


@dataclass(frozen=True)
class Controls:
    start: gr.Radio
    sketch: gr.Column  # what is shown while a run begins with a sketch
    picture: gr.HTML
    noise: gr.Slider
    values: dict[str, Component]  # the others, by setting, in the order of `Request`'s fields

    @property
    def of_a_drawing(self) -> list[Component]:
        return [self.start, self.picture, self.noise, *self.values.values()]

    def follow(
        self,
        go: gr.Button,
        drawing: gr.Tab,
        comparing: gr.Tab,
        axes: tuple[gr.Dropdown, gr.Dropdown],
    ) -> None:
        """Show the settings of the view that is open, and what `go` will do."""
        at_once = {
            "queue": False,
            "preprocess": False,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        self.start.change(quick(_starting), self.start, [self.sketch, go], **at_once)
        shown = [self.start, self.sketch, *self.values.values()]
        drawing.select(quick(_of_draw), self.start, shown, **at_once)
        chosen = [comparing.select, axes[0].change, axes[1].change]
        of_compare = quick(_of_compare)
        gr.on(chosen, of_compare, [*axes], shown, trigger_mode="always_last", **at_once)


def _starting(start: str) -> tuple:
    return gr.Column(visible=start == "sketch"), gr.Button(text(f"generate_go_{start}"))


def _of_draw(start: str) -> list:
    return [gr.update(visible=True), gr.update(visible=start == "sketch"), *_visible(set())]


def _of_compare(axis: str, across: str) -> list:
    return [gr.update(visible=False)] * 2 + _visible({axis, across, "count"})


def _visible(without: set) -> list:
    return [gr.update(visible=name not in without) for name in SHOWN]


def build() -> Controls:
    noise = control(TAB, SETTINGS["noise"], render=False)
    made = {}
    with gr.Column(scale=2, min_width=320, elem_classes="settings"):
        with gr.Row():
            made["model"] = _dropdown(SETTINGS["model"], **_offered(None))
            classes = [(text("generate_any"), ANY), *CLASSES]
            made["label"] = _dropdown(SETTINGS["label"], choices=classes)
        start = control(TAB, START)
        sketch, picture = pad.group(noise)
        made["count"] = control(TAB, SETTINGS["count"])
        steps = SETTINGS["steps"]
        made["steps"] = log_slider(steps, STOPS, label="generate_steps", elem_id="generate-steps")
        for name in ("sampler", "guidance"):
            made[name] = control(TAB, SETTINGS[name])
        with gr.Accordion(text("generate_more"), open=False, elem_id="generate-more"):
            for name in SHOWN:
                if name not in made:
                    made[name] = control(TAB, SETTINGS[name])
    return Controls(start, sketch, picture, noise, {name: made[name] for name in SHOWN})


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
        min_width=120,
        elem_id=f"generate-{setting.name}",
        **more,
    )
