"""A pad between four noises or four classes, and the picture at the place where the hand is."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument


def view(elem_id: str, ask: str, **start) -> gr.HTML:
    """Its script asks the endpoint named `ask` for each picture, one request at a time; `start` are
    the endpoint's arguments for the place where it begins. A link sets its property `linked`."""
    return instrument(
        Path(__file__),
        value=start,
        ask=ask,
        linked=None,
        words=("class_", "generate_any", "generate_label", "request_failed"),
        elem_id=elem_id,
    )
