"""What each guide does to the same noise, drawn beforehand."""

import json
from functools import cache
from pathlib import Path

import gradio as gr

from page.server.listeners.pools import AT_ONCE, quick
from page.texts import text
from page.widgets.instrument import instrument

FILE = Path(__file__).with_suffix(".json")  # made by devtools/guide_pictures.py


@cache
def rows() -> list[dict]:
    """Each with its guide, its scale, its times and its strip of pictures."""
    return json.loads(FILE.read_text("utf-8"))


def fold() -> None:
    """Closed at first; its pictures are sent once it is opened."""
    with gr.Accordion(text("guide_pictures_title"), open=False, elem_id="guide-pictures") as fold:
        view = instrument(Path(__file__), value=[], elem_id="guide-pictures-view")
    fold.expand(quick(rows), None, view, **AT_ONCE)
