"""What links to Draw, Compare and Walk say. They carry no sketch and no model of a visitor's."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace

import gradio as gr

from page.tabs.generate.compare.axes import ACROSS, AXIS, SCHEDULES, SHARED
from page.tabs.generate.controls.controls import OF_THE_SKETCH, SHOWN, START, steps_of
from page.tabs.generate.drawing.request import (
    BY_WORDS,
    OF_CASCADE,
    OF_STAGES,
    OF_SYSTEMS,
    OF_UNCLIP,
    OF_WORDS,
    SETTINGS,
    TAB,
    USUAL,
)
from page.tabs.generate.walk.walk import CORNERS, Place
from page.tabs.generate.walk.walk import SETTINGS as ON_THE_PAD
from page.tabs.generate.words.unclip import MOVES, OWN_WAY
from page.widgets.drawn_schedule import offered
from page.widgets.links import Linked, Values
from page.widgets.walk import walk

_models = [name for name in SETTINGS["model"].choices or () if name != "trained"]
MODEL = {"model": replace(SETTINGS["model"], table=_models)}


def usual(values: Values) -> Values:
    """What a model of two stages is best with."""
    return USUAL.get(values.get("model", ""), {})


def unused(values: Values) -> set[str]:
    """What the model of a drawing or a comparison doesn't heed."""
    model, axes = values.get("model"), {values.get("axis"), values.get("across")}
    if axes & {"model", "calls"}:
        return set()  # there are several
    is_compare, is_sketch = "axis" in values, values.get("start") == "sketch"
    heeds = {"words": OF_WORDS, "cascade": OF_CASCADE, "unclip": ("words", *OF_UNCLIP)}
    without = {*OF_SYSTEMS} - {*heeds.get(str(model), ())}
    if model in heeds:
        without |= {"schedule", "guided_by"}
    if model in BY_WORDS:
        without.add("label")
    if model in OF_STAGES:
        without.add("start")
    if model != "unclip" or not is_sketch:
        without |= {*MOVES}
    if model in heeds or not is_sketch:
        without.add("noise")
    if model == "unclip" and not is_compare:
        without |= {*OWN_WAY} if is_sketch else {"eta", "words_before"}
    return without


DRAWING = Linked(
    TAB,
    {name: SETTINGS[name] for name in SHOWN} | MODEL | {"start": START} | OF_THE_SKETCH,
    TAB,
    "draw",
    changed_defaults=usual,
    unused=unused,
)
AXES = {"axis": AXIS, "across": ACROSS, "schedules": SCHEDULES}
COMPARING = Linked(
    "compare", SHARED | MODEL | AXES, TAB, "compare", changed_defaults=usual, unused=unused
)
# each corner's class by itself, since two may have the same
WALKING = Linked(
    "walk",
    {name: ON_THE_PAD[name] for name in ("x", "y", "corners", "label", "seed")}
    | {f"corner_{k}": replace(SETTINGS["label"], name=f"corner_{k}", default=Place().classes[k],
                              low=0) for k in range(CORNERS)},
    TAB,
    "walk",
)  # fmt: skip
_counter = itertools.count(1)


def place_of(values: Values) -> Place:
    """The place on the pad that a link names."""
    own = {name: value for name, value in values.items() if name in ON_THE_PAD}
    return Place(**own, classes=tuple(values[f"corner_{k}"] for k in range(CORNERS)))


def walk_updates(values: Values) -> list[gr.HTML]:
    """Of the view: all that it reads, since a view that was never opened would keep no more than
    this. The same link, opened twice, counts twice."""
    return [gr.HTML(**walk.props(WALKING.place, asdict(place_of(values)), next(_counter)))]


def updates(linked: Linked, values: Values) -> list:
    """Of the place's controls, in the order of its settings."""
    schedule = values["schedule"]
    special = {
        "schedule": gr.update(choices=offered(TAB, SETTINGS["schedule"], schedule), value=schedule),
        "steps": gr.HTML(value=values["steps"], **steps_of(values["model"])),
    }
    if "schedules" in values:
        special["schedules"] = list(values["schedules"])
    return [(values | special)[name] for name in linked.settings]
