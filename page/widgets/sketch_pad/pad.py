"""A sketch pad with the network's resolution, drawn on in the browser.

Its value is base64 of its grey levels, row by row, or "" while empty. It is not an image file, so
no untrusted data needs decoding.
"""

import base64
import random
from pathlib import Path

import gradio as gr
import torch
from PIL import Image
from torch import Tensor

import ddpm
from ddpm.data import USUAL
from ddpm.data.images import to_float
from page.server.files.uploads import open_upload
from page.server.listeners.pools import DATA, PICTURES, PRIVATE
from page.texts import Refusal, text
from page.widgets.instrument import instrument
from page.widgets.sketch_pad.cutout import cut_out

SIZE = 28


def read(value: object) -> Tensor:
    """A pad's value as (1, SIZE, SIZE) in [-1, 1]; gr.Error if it is empty or invalid."""
    if not value:
        raise Refusal("pad_empty")
    try:
        pixels = base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        pixels = b""
    if len(pixels) != SIZE * SIZE:
        raise Refusal("pad_wrong")
    grey = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(1, SIZE, SIZE)
    return grey.float() / 127.5 - 1


def write(x: Tensor) -> str:
    """An image (1, SIZE, SIZE) in [-1, 1] as a pad's value."""
    return base64.b64encode(ddpm.to_uint8(x).numpy().tobytes()).decode()


def from_upload(upload: dict | Path | None) -> str:
    """An uploaded picture as the pad's value: what stands out of its background, on black. One of
    the pad's own size stays as it is. gr.Error if nothing stands out."""
    return from_picture(open_upload(upload))


def from_picture(picture: Image.Image) -> str:
    if picture.size == (SIZE, SIZE):
        return write(ddpm.from_pil(picture, SIZE, 1))
    return write(cut_out(picture, SIZE))


def garment(row: int | None = None) -> str:
    """One of the data set, as the pad's value: any, or that in this row."""
    images = USUAL.load("train", "shipped").images
    return write(to_float(images[random.randrange(len(images)) if row is None else row]))


def group(*sliders: gr.Slider) -> tuple[gr.Column, gr.Markdown, gr.HTML]:
    """The sketch pad and what belongs to it, hidden at first. Returns the group, what is said of it
    and the drawing. `sliders`, what is done with the drawing, are rendered inside."""
    with gr.Column(visible=False, elem_id="generate-from-picture") as column:
        about = gr.Markdown(text("generate_from_picture_info"))
        picture = instrument(Path(__file__), value="", elem_id="generate-pad")
        with gr.Row():
            upload = gr.UploadButton(
                text("generate_upload"), file_types=["image"], size="sm", elem_id="generate-upload"
            )
            real = gr.Button(text("pad_real"), size="sm", elem_id="generate-real")
        for slider in sliders:
            slider.render()
    real.click(lambda: garment(), None, picture, **PRIVATE, **DATA)
    # preprocess=False passes the file unopened
    upload.upload(from_upload, upload, picture, preprocess=False, **PRIVATE, **PICTURES)
    return column, about, picture
