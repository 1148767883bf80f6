"""Pictures as data URIs, for instruments that update live: no files on disk."""

import base64
import io
import zlib
from functools import lru_cache

import torch
from PIL import Image, ImageOps
from torch import Tensor

import ddpm


def grid_uri(x: Tensor, nrow: int | None = None) -> str:
    """Images (B, C, H, W) as one PNG grid, unscaled, by default as wide as `columns` says. The gaps
    are transparent, so that they are neither white in the dark nor black in the light."""
    nrow = nrow or columns(len(x))
    picture = ddpm.to_pil(ddpm.make_grid(x, nrow))
    count, _, height, width = x.shape
    picture.putalpha(_opaque(count, height, width, nrow))
    return picture_uri(picture)


@lru_cache(64)
def _opaque(count: int, height: int, width: int, nrow: int) -> Image.Image:
    """White where a grid has pictures, black in the gaps."""
    black = torch.full((count, 1, height, width), -1.0)
    return ImageOps.invert(ddpm.to_pil(ddpm.make_grid(black, nrow)))


def picture_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    # noise repeats nothing: to look for no more than runs of a byte takes a fifth of the time
    picture.save(buffer, "png", compress_type=zlib.Z_RLE)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def columns(count: int) -> int:
    """Pictures per row of a grid: as square as possible, at most ten wide."""
    return min(10, max(1, round(count**0.5)))
