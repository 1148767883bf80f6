"""Pictures and films as files to take home: wide enough for a slide, with the link to what they
show in their metadata, by which page/scripts/dropped.js opens it again. Of what a browser draws,
page/in_browser/draw.js makes the same."""

import math
import zlib
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

import ddpm

SAVED_PX = 800  # of a file's width, at least
COMMENT = "Comment"  # PNG's keyword for any text
MAX_ADDRESS = 200  # characters


def whole_scale(width: int) -> int:
    """How many times as large a picture of this width is saved: by whole pixels."""
    return math.ceil(SAVED_PX / width)


def save_png(picture: Image.Image, path: str | Path, link: str | None) -> None:
    enlarged = ImageOps.scale(picture, whole_scale(picture.width), Image.Resampling.NEAREST)
    metadata = PngInfo()
    if link:
        metadata.add_text(COMMENT, link)
    # what whole pixels repeat are runs
    enlarged.save(path, pnginfo=metadata, compress_type=zlib.Z_RLE)


def save_gif(film: Sequence[Image.Image], path: str | Path, link: str | None) -> None:
    ddpm.save_gif(film, path, scale=whole_scale(film[0].width), comment=link or "")


def full_link(visit: gr.Request, link: str | None) -> str | None:
    """With the address of the page, as the visitor's browser says it; a program says none."""
    address = visit.headers.get("referer", "").partition("#")[0].partition("?")[0]
    known = address.isascii() and len(address) <= MAX_ADDRESS
    return link and f"{address if known else ''}#{link}"
