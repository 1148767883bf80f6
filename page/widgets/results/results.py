"""A strip of what was drawn in this visit, each with its settings. Only the browser knows of it."""

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument


def view(elem_id: str) -> gr.HTML:
    """Whatever ends a film says so by the event "film", whose `made` is of
    page/tabs/generate/link.py."""
    return instrument(Path(__file__), elem_id=elem_id)
