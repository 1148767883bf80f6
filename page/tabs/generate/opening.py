"""The film that plays when the tab opens, before the visitor has drawn anything."""

import json
from functools import cache
from pathlib import Path

import gradio as gr

FILE = Path(__file__).with_suffix(".json")  # made by devtools/opening_film.py


@cache
def film() -> dict:
    """As `scrubber.Film.value`."""
    return json.loads(FILE.read_text("utf-8"))


def show() -> gr.HTML:
    return gr.HTML(opening=film())
