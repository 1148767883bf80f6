"""Rows of pictures from the same noise, or rows and columns, with what they cost."""

from pathlib import Path

import gradio as gr

from page.widgets.instrument import BADGE, instrument


def view(elem_id: str) -> gr.HTML:
    """Shows a comparison as `/compare` returns it. Before, it shows its property `plan`: the
    `cells`, the `count` of pictures in each, `calls` and `seconds` altogether; or why it would be
    refused: `refused`, the text key of the reason, with its values, or `said` in both languages."""
    return instrument(Path(__file__), value={"rows": []}, plan=None, parts=BADGE, elem_id=elem_id)
