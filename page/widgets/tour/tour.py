"""The strip of a tour: a question, what answers it, and a button that sets the page up for it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument


def view(elem_id: str, count: int) -> gr.HTML:
    """`count` steps; the event `asked` wants them in the property `steps`: question, answer, paper
    (each English and Chinese), url and link."""
    return instrument(Path(__file__), value=None, count=count, steps=None, elem_id=elem_id)
