"""Pictures that change while a visitor looks: drawn in one gr.HTML, without files on disk."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import gradio as gr
from PIL import Image
from torch import Tensor

import ddpm
from tabs.texts import text

_HERE = Path(__file__).parent


def grid_uri(x: Tensor, nrow: int) -> str:
    """Images (B, C, H, W) as the data URI of one PNG, pixel for pixel."""
    return picture_uri(ddpm.to_pil(ddpm.make_grid(x, nrow)))


def picture_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def columns(count: int) -> int:
    """How many pictures stand in a row: as square as can be, at most ten wide."""
    return min(10, max(1, round(count**0.5)))


def view(elem_id: str, captions: str, min_height: int) -> gr.HTML:
    """A row of captioned pictures with one line of text under it.

    Its value is {"pictures": [data URI, …], "note": text}. `captions` is the key of a text with
    one caption for each picture, apart by "|": it goes as the label, which Gradio translates.
    `min_height` pixels are kept free, so that nothing below jumps when the first picture comes.
    """
    return gr.HTML(
        value={"pictures": [], "note": ""},
        html_template=(_HERE / "frames.html").read_text("utf-8"),
        css_template=(_HERE / "frames.css").read_text("utf-8"),
        label=text(captions),
        min_height=min_height,
        elem_id=elem_id,
    )
