"""What the controls show and begin with, for the models that have ways of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import gradio as gr
from gradio.components import Component

from page.server.listeners.pools import quick
from page.tabs.generate.drawing.request import BY_WORDS, OF_STAGES, SETTINGS, USUAL

Shown = Sequence[tuple[gr.Column, Callable[[str], bool]]]  # for which models, by their names
NUMBERS = ("steps", "guidance")


def is_words(model: str) -> bool:
    return model == "words"


def reads_words(model: str) -> bool:
    return model in BY_WORDS


def is_cascade(model: str) -> bool:
    return model == "cascade"


def knows_classes(model: str) -> bool:
    return model not in BY_WORDS


def begins_anywhere(model: str) -> bool:
    return model not in OF_STAGES


def follow(values: Mapping[str, Component], start: gr.Radio, columns: Shown) -> None:
    """Show what the chosen model asks for, and hide what it can't heed."""

    def show(model: str) -> list:
        visible = [gr.Column(visible=fits(model)) for _, fits in columns]
        return [*visible, gr.skip() if begins_anywhere(model) else "noise"]

    at_once = {
        "queue": False,
        "preprocess": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    model, numbers = values["model"], [values[name] for name in NUMBERS]
    model.change(quick(show), model, [*(column for column, _ in columns), start], **at_once)
    model.input(quick(usual), [model, *numbers], numbers, **at_once)


def usual(model: str, *numbers: float | None) -> list:
    """A number that is usual for another model gives way to the one usual for this; only when a
    hand chooses the model: a link says what it means."""
    found = []
    for name, number in zip(NUMBERS, numbers, strict=True):
        plain = SETTINGS[name].default
        known = [plain, *(own.get(name, plain) for own in USUAL.values())]
        ours = USUAL.get(model, {}).get(name, plain)
        gives_way = number in known and number != ours and model != "student"
        found.append(ours if gives_way else gr.skip())
    return found
