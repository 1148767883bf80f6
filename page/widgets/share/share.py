"""A dialog: a link to the page as it is, its QR code, and a program that makes what it shows."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from page.texts import text
from page.widgets.instrument import instrument


def view(elem_id: str) -> gr.HTML:
    """Its value: link; qr, a data URI, or None if the link is too long for one; for_all, whether
    others can open it; program, notebook and its name; or error, why there is no program, in both
    languages. A new value opens it."""
    return instrument(Path(__file__), value=None, elem_id=elem_id)


def as_python() -> None:
    """A button that opens the dialog, for a tab's fold of code."""
    button = gr.Button(text("as_python"), size="sm")
    button.click(None, js="() => share()", api_visibility="private")
