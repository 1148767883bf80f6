"""What is shown of the settings: by the view that is open, the model, the start and the axes."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from page.compute import models
from page.tabs.generate.compare.axes import DECIDED
from page.tabs.generate.drawing.request import OF_STAGES, SETTINGS, STUDENT_STEPS, USUAL
from page.tabs.generate.stages import stages
from page.tabs.generate.words.unclip import MOVES, OF_PAIRS, OWN_WAY
from page.texts import text
from page.widgets.log_slider.log_slider import log_slider_props

STOPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]  # of the slider of steps
# What is done with a sketch: on the page a move of its pair begins at 0.
OF_THE_SKETCH = {
    "noise": SETTINGS["noise"],
    **{name: replace(SETTINGS[name], default=0, optional=False) for name in MOVES},
}
SHOWN = [name for name in SETTINGS if name not in ("picture", *OF_THE_SKETCH)]  # the others


def opened(view: str, *given: str) -> list:
    """The view, all settings, which Walk hides, and how they are arranged."""
    return [view, gr.update(visible=True), *arranged(view, *given)]


def arranged(view: str, model: str, start: str, axis: str, across: str) -> list:
    """What is shown of the settings while a view, draw or compare, is open."""
    is_compare, is_unclip = view == "compare", model == "unclip"
    axes = {axis, across} if is_compare else set()
    moves = bool(axes & {*OF_PAIRS})  # DALL·E 2's way changes a picture
    starts = not is_compare or moves
    is_sketch = starts and start == "sketch"
    is_varied = is_unclip and is_sketch
    has_before = "amount" in axes or (is_varied if not is_compare else moves and not is_sketch)
    hidden = {*axes, "count", *(DECIDED if axis == "calls" else ())} if is_compare else set()
    hidden |= {*OWN_WAY} if moves or is_varied else set()
    hidden |= set() if has_before else {"words_before"}
    hidden |= set() if is_unclip and not is_varied else {"prior"}
    hidden |= set() if is_varied else {"eta"}
    sliders = {"noise": not is_unclip} | dict.fromkeys(MOVES, is_unclip and not is_compare)
    does = "variations" if is_varied else start
    return [
        gr.Button(text(f"generate_go_{does}")),
        gr.update(visible=starts),
        gr.update(visible=is_sketch),
        text("generate_variations_info" if is_varied else "generate_from_picture_info"),
        *(gr.update(visible=sliders[name]) for name in OF_THE_SKETCH),
        *_seen(hidden, model),
    ]


def _seen(without: set, model: str) -> list:
    seen = {name: {"visible": name not in without} for name in SHOWN}
    seen["guided_by"]["visible"] &= has_guides()
    seen["steps"] |= steps_of(model)
    return [gr.update(**each) for each in seen.values()]


def has_guides() -> bool:
    """Whether there is a choice, that is, the classifier's file."""
    return len(models.GUIDES) > 1


def steps_of(model: str) -> dict:
    """What the slider of steps offers."""
    setting, stops = SETTINGS["steps"], STOPS
    if model == "student":
        setting, stops = replace(setting, high=STUDENT_STEPS[-1]), list(STUDENT_STEPS)
    if model in OF_STAGES:
        setting = replace(setting, low=stages.LEAST)
        stops = [2, 5, 10, USUAL[model]["steps"], *STOPS[5:]]
    return log_slider_props(setting, stops, label="generate_steps")
