"""A dialog: a link to the page as it is, its QR code, and a program that makes what it shows."""

import inspect
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from page.server.listeners.pools import PRIVATE
from page.texts import text
from page.widgets.instrument import instrument


def view(elem_id: str) -> gr.HTML:
    """Its value: link; qr, a data URI, or None if the link is too long for one; for_all, whether
    others can open it; program, notebook and its name; or error, why there is no program, in both
    languages. A new value opens it."""
    return instrument(Path(__file__), elem_id=elem_id)


def source_fold(*shown: Callable) -> gr.Accordion:
    """A tab's fold of code: of these functions, and a button that opens the dialog."""
    with gr.Accordion(text("show_code"), open=False, elem_classes="source") as fold:
        button = gr.Button(text("as_python"), size="sm")
        for each in shown:
            listing(inspect.getsource(each))
    button.click(None, js="() => share()", **PRIVATE)
    return fold


def listing(code: str, **more) -> gr.Code:
    return gr.Code(code, language="python", show_label=False, interactive=False, **more)
