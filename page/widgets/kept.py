"""Values of controls that a reload of the page brings back: page/scripts/visit.js stores them."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def keep(key: str, controls: list[Component], file: gr.Textbox | None = None) -> None:
    """Keep the values of these controls. `file` gets the path of the first one's file when it comes
    back: its `change` can then do with the file what a new one would have done.
    """
    changes = [control.change for control in controls if hasattr(control, "change")]
    if changes:
        gr.on(changes, None, controls, js=f"(...values) => remember('{key}', values)", **PRIVATE)
    # no trigger: runs when the page opens
    gr.on(
        None,
        None,
        None,
        [*controls, file] if file else controls,
        js=f"() => recallValues('{key}')",
        **PRIVATE,
    )


def came_back() -> gr.Textbox:
    """For `keep`: a field that nobody sees."""
    return gr.Textbox(visible="hidden")
