"""Pictures that change while a visitor looks: data URIs, without files on disk."""

from __future__ import annotations

import base64
import io

from PIL import Image
from torch import Tensor

import ddpm


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
