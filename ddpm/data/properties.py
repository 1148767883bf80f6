"""What can be seen in a picture of Fashion-MNIST besides its class, measured by rule.

Every property has two values, and a class has those that make sense for it. A rule measures a
number; below one threshold the first value holds, above another the second, and between them the
picture shows neither clearly: UNCLEAR. Thresholds are quantiles within the class of the 60,000
training images. "dark" is what the picture shows: its garments are bright on black because the
data set was made from negatives.

Of 100 pictures drawn at random for each property, 50 for each value, so many look right to the eye:
tone 95, pattern 89, shoulders 93, sleeves 90, width 94, shaft 97, heel 97, handle 94. Most of the
others are dark cloth with a sheen ("patterned"), capes ("long sleeves"), and garments that are
folded, or worn by a model.

Images are uint8 (N, 1, 28, 28).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

UNCLEAR = -1
LIT = 12  # a pixel that belongs to the garment is brighter


def garment(images: Tensor) -> Tensor:
    """Which pixels belong to the garment: (N, 28, 28)."""
    return images[:, 0] > LIT


def tone(images: Tensor) -> Tensor:
    """Mean brightness of the garment, 0 to 255."""
    inside = garment(images)
    return (images[:, 0] * inside).float().sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)


def texture(images: Tensor) -> Tensor:
    """How much pixels differ from those around them in the middle of the garment, away from its
    outline and its sleeves. In dark cloth a difference counts for more."""
    x, inside = images[:, 0].float(), garment(images)[:, None].float()
    inside = (-F.max_pool2d(-inside, 5, 1, 2))[:, 0]
    inside[:, :, :9] = inside[:, :, 19:] = 0
    smooth = F.avg_pool2d(images.float(), 3, 1, 1, count_include_pad=False)[:, 0]
    rough = ((x - smooth).abs() * inside).sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    return 100 * rough / (tone(images) + 100)


def sleeve(images: Tensor) -> Tensor:
    """How much lies beside the body below the armpits: lit pixels of the outer columns, low."""
    inside = garment(images)[:, 14:24]
    return torch.cat([inside[:, :, :7], inside[:, :, 21:]], 2).float().sum((1, 2))


def shoulder(images: Tensor) -> Tensor:
    """Lit pixels of the outer columns, high: what a short sleeve covers and no sleeve doesn't."""
    inside = garment(images)[:, 3:13]
    return torch.cat([inside[:, :, :6], inside[:, :, 22:]], 2).float().sum((1, 2))


def breadth(images: Tensor) -> Tensor:
    """Lit pixels of the lower half, in a row on average."""
    return garment(images)[:, 14:].float().sum(2).mean(1)


def height(images: Tensor) -> Tensor:
    """Rows from the highest to the lowest that has two lit pixels: one may be noise."""
    rows = (garment(images).sum(2) >= 2).float()
    first = rows.argmax(1)
    return 28.0 - first - rows.flip(1).argmax(1)


def handle(images: Tensor) -> Tensor:
    """Dark pixels above the bag's body and below something lit: those that a handle spans."""
    inside = garment(images)
    under = inside.cumsum(1) > 0  # something lit above, or here
    over = inside.flip(1).cumsum(1).flip(1) > 0  # something lit below, or here
    return (under & over & ~inside)[:, :16].float().sum((1, 2))


@dataclass(frozen=True)
class Property:
    """Two values and the rule that tells them apart; the first value is a small measure's."""

    name: str
    values: tuple[str, str]
    measure: Callable[[Tensor], Tensor]  # (N, 1, 28, 28) -> (N,)
    low: float  # up to it the first value holds
    high: float  # from it on the second


_tone = partial(Property, "tone", ("dark", "light"), tone)
_pattern = partial(Property, "pattern", ("plain", "patterned"), texture)
_width = partial(Property, "width", ("slim", "wide"), breadth)
OF_CLASS: dict[str, tuple[Property, ...]] = {
    "T-shirt/top": (
        _tone(113, 192),
        _pattern(2.9, 8.4),
        Property("shoulders", ("sleeveless", "sleeves"), shoulder, 6, 28),
    ),
    "Trouser": (_tone(132, 196), _width(7.3, 8.9)),
    "Pullover": (_tone(114, 197), _pattern(2.4, 7.7)),
    "Dress": (_tone(120, 200), _pattern(3.3, 11.7), _width(10.3, 13.0)),
    "Coat": (_tone(125, 200),),
    "Sandal": (_tone(107, 148), Property("heel", ("flat", "heel"), height, 11, 18)),
    "Shirt": (
        _tone(100, 186),
        _pattern(3.1, 10.0),
        Property("sleeves", ("short", "long"), sleeve, 18, 58),
    ),
    "Sneaker": (_tone(119, 160),),
    "Bag": (
        _tone(125, 190),
        _pattern(2.7, 9.6),
        Property("handle", ("without", "with"), handle, 5, 30),
    ),
    "Ankle boot": (_tone(140, 190), Property("shaft", ("low", "high"), height, 18, 24)),
}
MOST = 3  # properties of a class


def properties(images: Tensor, labels: Tensor) -> Tensor:
    """Which value each picture has of each property of its class: (N, MOST), 0, 1 or UNCLEAR."""
    found = torch.full((len(images), MOST), UNCLEAR, dtype=torch.int8)
    for label, known in enumerate(OF_CLASS.values()):
        rows = (labels == label).nonzero()[:, 0]
        for column, rule in enumerate(known):
            measured = rule.measure(images[rows])
            value = (measured >= rule.high).to(torch.int8)
            clear = (measured <= rule.low) | (measured >= rule.high)
            found[rows, column] = value.where(clear, torch.tensor(UNCLEAR, dtype=torch.int8))
    return found
