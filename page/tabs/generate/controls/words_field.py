"""The field of models that draw by words, with examples, in place of the classes."""

from pathlib import Path

import gradio as gr

from page.models.registry import SETTINGS
from page.models.request import TAB
from page.models.words import untaught
from page.server.listeners.pools import AT_ONCE, PRIVATE, quick
from page.texts import text
from page.widgets.controls import control
from page.widgets.instrument import instrument

PRESS_GO = """() => [...document.querySelectorAll("#generate-go, #compare-go")]
    .find((button) => button.checkVisibility())?.click()"""
# a moment's pause: while it lasts, what is typed makes no further request
TYPED = "async (words) => (await new Promise((go) => setTimeout(go, 300)), words)"
TITLE = "words_examples_title"


def note(words: str) -> dict:
    """The words that say nothing to the model, beside the examples; with all that their script
    reads, since Gradio shows what was hidden with the props of its last update alone."""
    return gr.update(untaught=untaught(words), named=TITLE, label=text("language"))


def fields() -> tuple[gr.Column, gr.Textbox, gr.Textbox]:
    """What to draw, in words, with examples to click, and before it words for a picture as it is;
    hidden until the model asks for it."""
    with gr.Column(visible=False, elem_id="generate-by-words") as column:
        before = control(TAB, SETTINGS["words_before"], max_lines=1, visible=False)
        words = control(TAB, SETTINGS["words"], max_lines=1)
        file = Path(__file__).with_name("words_examples.html")
        examples = instrument(file, value="", untaught=[], named=TITLE, elem_id="words-examples")
    examples.change(None, examples, words, js="(example) => example", **PRIVATE)
    words.change(quick(note), words, examples, js=TYPED, **AT_ONCE)
    for each in (before, words):
        each.submit(None, js=PRESS_GO, **PRIVATE)
    return column, before, words
