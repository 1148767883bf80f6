"""Tensors to pictures and back. A tensor image is (C, H, W) in [-1, 1], C = 1 or 3."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange
from PIL import Image, ImageOps
from torch import Tensor


def to_uint8(x: Tensor) -> Tensor:
    """[-1, 1] to 0 … 255, rounded; x of any shape, such as (B, C, H, W). Values outside are
    clamped, never wrapped."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def to_float(images: Tensor) -> Tensor:
    """uint8 0 … 255 to float32 in [-1, 1]."""
    return images.float() / 127.5 - 1


def to_pil(x: Tensor, *, scale: int = 1) -> Image.Image:
    """A tensor image x (C, H, W) in [-1, 1] as a grey or RGB picture; scale, 1 or more, enlarges it
    by whole pixels. ValueError unless C is 1 or 3."""
    if x.ndim != 3 or x.shape[0] not in (1, 3):
        raise ValueError(f"a picture has shape (1 or 3, H, W), not {tuple(x.shape)}")
    pixels = to_uint8(x).permute(1, 2, 0).cpu().numpy()
    picture = Image.fromarray(pixels[..., 0] if x.shape[0] == 1 else pixels)
    return picture if scale == 1 else ImageOps.scale(picture, scale, Image.Resampling.NEAREST)


def from_pil(image: Image.Image, size: int, channels: int) -> Tensor:
    """Any picture as a tensor image (channels, size, size) in [-1, 1]: the centre square, resized.

    Transparent parts are laid on white. ValueError unless channels is 1 or 3.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, not {channels!r}")
    if image.mode.startswith(("I", "F")):  # 16 and 32 bit: PIL's convert would cut, not scale
        wide = np.array(image, dtype=np.float32)
        top = next((top for top in (1, 255) if wide.max() <= top), 65535)
        np.clip(wide, 0, top, out=wide)
        wide *= 255 / top
        image = Image.fromarray(np.rint(wide, out=wide).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("L" if channels == 1 else "RGB")
    image = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    pixels = torch.from_numpy(np.array(image)).reshape(size, size, channels)
    return to_float(pixels.permute(2, 0, 1))


def make_grid(x: Tensor, nrow: int | None = None, pad: int = 2) -> Tensor:
    """Images x (B, C, H, W) as one tensor image, nrow in a row or about in a square, with a light
    border of `pad` pixels; one alone as it is. ValueError for another shape, or nrow below 1."""
    nrow = max(1, round(len(x) ** 0.5)) if nrow is None else nrow
    if x.ndim != 4 or not len(x) or nrow < 1:
        raise ValueError(f"make_grid needs (B, C, H, W) and nrow of at least 1, not {x.shape}")
    x = x.detach().cpu()
    if len(x) == 1:
        return x[0].clone()
    columns = min(nrow, len(x))
    x = F.pad(x, (0, pad, 0, pad), value=1.0)
    x = torch.cat([x, x.new_ones(-len(x) % columns, *x.shape[1:])])  # empty places
    grid = rearrange(x, "(row column) c h w -> c (row h) (column w)", column=columns)
    return F.pad(grid, (pad, 0, pad, 0), value=1.0)


def save_gif(
    frames: Sequence[Image.Image],
    path: str | Path,
    *,
    seconds: float = 4.0,
    scale: int = 1,
    comment: str = "",
) -> Path:
    """An endless GIF of the frames that takes `seconds`, then shows the last for two more. Returns
    its path.

    scale, 1 or more, enlarges by whole pixels, without blur; comment, if any, is kept in the file.
    ValueError without a frame.
    """
    if not frames:
        raise ValueError("a GIF needs at least one frame")
    size = (frames[0].width * scale, frames[0].height * scale)
    first, *others = (_indexed(frame.resize(size, Image.Resampling.NEAREST)) for frame in frames)
    # GIF counts hundredths of a second; browsers slow down frames shorter than 2 of them
    each = max(20, round(seconds * 1000 / len(frames) / 10) * 10)
    durations = [each] * (len(frames) - 1) + [2000] if len(frames) > 1 else 2000
    said = {"comment": comment.encode()} if comment else {}
    first.save(path, "GIF", save_all=True, append_images=others, duration=durations, loop=0, **said)
    return Path(path)


def _indexed(frame: Image.Image) -> Image.Image:
    """A frame of at most 256 colours. Of noise they are chosen better by coverage than by median
    cut, Pillow's usual way, and as well from some of the pixels, in a fifth of the time."""
    if frame.mode == "L":
        return frame
    step = 1 + min(frame.size) // 48
    few = frame.resize([1 + length // step for length in frame.size], Image.Resampling.NEAREST)
    palette = few.quantize(method=Image.Quantize.MAXCOVERAGE)
    return frame.quantize(palette=palette, dither=Image.Dither.NONE)
