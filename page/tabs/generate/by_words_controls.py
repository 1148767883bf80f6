"""Settings of the model that draws by words: its field, with examples, in place of the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import gradio as gr
from gradio.components import Component

from page.server.pools import quick
from page.tabs.generate import by_words
from page.tabs.generate.request import SETTINGS, TAB
from page.widgets.controls import control
from page.widgets.instrument import instrument

PRESS_GO = """() => [...document.querySelectorAll("#generate-go, #compare-go")]
    .find((button) => button.checkVisibility())?.click()"""
PRIVATE = {"show_progress": "hidden", "api_visibility": "private"}


def field() -> tuple[gr.Column, gr.Textbox]:
    """What to draw, in words, with examples to click; hidden until the model asks for it."""
    with gr.Column(visible=False, elem_id="generate-by-words") as column:
        words = control(TAB, SETTINGS["words"], max_lines=1)
        file = Path(__file__).with_name("words_examples.html")
        examples = instrument(
            file,
            value="",
            words=("words_example_",),
            named="words_examples_title",
            elem_id="words-examples",
        )
    examples.change(None, examples, words, js="(example) => example", **PRIVATE)
    words.submit(None, js=PRESS_GO, **PRIVATE)
    return column, words


def follow(
    values: Mapping[str, Component],
    start: gr.Radio,
    *,
    shown: Sequence[gr.Column],
    hidden: Sequence[gr.Column],
) -> None:
    """Show what this model asks for, and hide what it can't heed, while it is the one chosen."""

    def show(model: str) -> list:
        is_ours = model == "words"
        visible = [is_ours] * len(shown) + [not is_ours] * len(hidden)
        return [*map(_column, visible), "noise" if is_ours else gr.skip()]

    at_once = {"queue": False, "preprocess": False, **PRIVATE}
    model = values["model"]
    model.change(quick(show), model, [*shown, *hidden, start], **at_once)
    numbers = [values[name] for name in by_words.USUAL]
    model.input(quick(usual), [model, *numbers], numbers, **at_once)


def _column(visible: bool) -> gr.Column:
    return gr.Column(visible=visible)


def usual(model: str, *numbers: float | None) -> list:
    """A number that is usual for other models gives way to the one usual for this, and back; only
    when a hand chooses the model: a link says what it means."""
    found = []
    for (name, ours), number in zip(by_words.USUAL.items(), numbers, strict=True):
        theirs = SETTINGS[name].default
        old, new = (theirs, ours) if model == "words" else (ours, theirs)
        found.append(new if number == old and model != "student" else gr.skip())
    return found
