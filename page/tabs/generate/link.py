"""What links to Draw and to Compare say. They carry neither sketches nor a visitor's own model."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from page.tabs.generate import by_words
from page.tabs.generate.axes import ACROSS, AXIS, SCHEDULES, SHARED
from page.tabs.generate.controls import SHOWN, START, steps_of
from page.tabs.generate.request import SETTINGS, TAB
from page.widgets.drawn_schedule import offered
from page.widgets.links import Linked, Values

_models = [name for name in SETTINGS["model"].choices or () if name != "trained"]
MODEL = {"model": replace(SETTINGS["model"], table=_models)}


def usual(values: Values) -> Values:
    """What the model that draws by words is best with."""
    return by_words.USUAL if values.get("model") == "words" else {}


DRAWING = Linked(
    TAB,
    {name: SETTINGS[name] for name in SHOWN} | MODEL | {"start": START, "noise": SETTINGS["noise"]},
    TAB,
    "draw",
    changed_defaults=usual,
)
AXES = {"axis": AXIS, "across": ACROSS, "schedules": SCHEDULES}
COMPARING = Linked("compare", SHARED | MODEL | AXES, TAB, "compare", changed_defaults=usual)


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
