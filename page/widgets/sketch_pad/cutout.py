"""A photo as the network knows pictures: one thing, grey, on black, filling the frame."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from torch import Tensor

from page.texts import Refusal

SIDE = 112  # pixels of the longer side, where the thing is looked for
DIFFERS = 24.0  # of 441: how far a colour must be from those of the border
COUNT = 4  # colours of a border, at most
LEAST, MOST = 0.02, 0.9  # of the picture: smaller is dirt, larger is the background itself
BRIGHT = 110  # the median grey of a garment, at least


def cut_out(picture: Image.Image, size: int) -> Tensor:
    """What stands out of the background, (1, size, size) in [-1, 1]: on black, in its own greys,
    negative if the background is the lighter one, as in the data set. gr.Error if
    nothing does."""
    picture = picture.convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    mask = _thing(np.asarray(picture.filter(ImageFilter.GaussianBlur(1.5)), np.float32))
    grey = np.asarray(picture.convert("L"), np.float32)
    if np.median(grey[mask]) < np.median(grey[~mask]):
        grey = 255 - grey
    grey = grey * max(1.0, BRIGHT / max(1.0, np.median(grey[mask])))
    shown = np.where(mask, grey, 0).clip(0, 255).astype(np.uint8)
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    box = Image.fromarray(shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = size / max(box.size)
    small = box.resize([max(1, round(scale * side)) for side in box.size], Image.Resampling.BOX)
    whole = Image.new("L", (size, size))
    whole.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    return torch.from_numpy(np.array(whole))[None].float() / 127.5 - 1


def _thing(pixels: np.ndarray) -> np.ndarray:
    """Where the largest thing is, (H, W), without holes."""
    far = _distance(pixels)
    mask = torch.from_numpy(far > max(DIFFERS, _threshold(far)))
    found = _parts(mask)
    largest = found == found[mask].mode().values if bool(mask.any()) else mask
    outside = F.pad(~largest, (1, 1, 1, 1), value=True)
    outside = _parts(outside)
    thing = (outside != outside[0, 0])[1:-1, 1:-1]
    if not LEAST < thing.float().mean().item() < MOST:
        raise Refusal("pad_nothing")
    return thing.numpy()


def _distance(pixels: np.ndarray) -> np.ndarray:
    """Of each pixel's colour from the nearest of the border's, (H, W)."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    centres = [np.median(border, axis=0)]
    while len(centres) < COUNT:  # the farthest that is still common: a table's edge, a shadow
        far = np.min([np.abs(border - centre).sum(1) for centre in centres], axis=0)
        other = border[far > np.quantile(far, 0.75)]
        if not len(other) or far.max() < DIFFERS:
            break
        centres.append(np.median(other, axis=0))
    return np.min([np.sqrt(((pixels - centre) ** 2).sum(-1)) for centre in centres], axis=0)


def _threshold(values: np.ndarray) -> float:
    """Otsu 1979: between two groups, each as narrow as can be."""
    counts, edges = np.histogram(values, 64)
    centres = (edges[1:] + edges[:-1]) / 2
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * centres).cumsum()
    means = sums / np.maximum(below, 1), (sums[-1] - sums) / np.maximum(above, 1)
    return float(edges[1:][(below * above * (means[0] - means[1]) ** 2).argmax()])


def _parts(mask: Tensor) -> Tensor:
    """A number for each pixel of the mask, the same for all that are connected; 0 elsewhere."""
    numbers = torch.arange(1, mask.numel() + 1).reshape(mask.shape).float() * mask
    while True:
        spread = F.max_pool2d(numbers[None, None], 3, 1, 1)[0, 0] * mask
        if torch.equal(spread, numbers):
            return numbers
        numbers = spread
