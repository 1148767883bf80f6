"""The page's head: its name, and the switches for language, theme and presenting."""

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument


def header() -> gr.HTML:
    return instrument(Path(__file__), elem_id="header")
