"""The rules on garments drawn by hand."""

import pytest
import torch

from ddpm.data.captions import CLASSES
from ddpm.data.properties import MOST, OF_CLASS, properties


def found(name: str, *pictures: torch.Tensor) -> list[dict[str, str]]:
    images = torch.stack(pictures)[:, None].to(torch.uint8)
    values = properties(images, torch.full((len(images),), CLASSES.index(name)))
    assert values.shape == (len(images), MOST)
    rules = OF_CLASS[name]
    return [
        {r.name: r.values[v] for r, v in zip(rules, row, strict=False) if v >= 0}
        for row in values.tolist()
    ]


def picture(*boxes: tuple[int, int, int, int], grey: int = 150) -> torch.Tensor:
    """Boxes of one grey, each from a row to a row and from a column to a column."""
    x = torch.zeros(28, 28)
    for top, bottom, left, right in boxes:
        x[top:bottom, left:right] = grey
    return x


BODY = (2, 27, 8, 20)  # a torso with shoulders, no sleeves
SHORT = (3, 9, 3, 25)  # sleeves
STRIPES = torch.tensor([0.4, 0.4, 1.0, 1.0]).repeat(7)[:, None]
BAG = (12, 26, 2, 26)
GARMENTS = [
    ("Shirt", "tone", {"dark": picture(BODY, grey=40), "light": picture(BODY, grey=250)}),
    ("Shirt", "pattern", {"plain": picture(BODY), "patterned": picture(BODY) * STRIPES}),
    ("Shirt", "sleeves", {
        "short": picture(BODY, SHORT),
        "long": picture(BODY, SHORT, (9, 25, 2, 7), (9, 25, 21, 26))}),
    ("T-shirt/top", "shoulders", {"sleeveless": picture(BODY), "sleeves": picture(BODY, SHORT)}),
    ("Bag", "handle", {
        "without": picture(BAG),
        "with": picture(BAG, (2, 12, 8, 10), (2, 12, 18, 20), (2, 4, 8, 20))}),
    ("Ankle boot", "shaft", {
        "low": picture((14, 22, 1, 27), (8, 14, 14, 27)),
        "high": picture((19, 27, 1, 27), (0, 19, 14, 27))}),
    ("Sandal", "heel", {
        "flat": picture((16, 22, 1, 27)),
        "heel": picture((4, 12, 12, 27), (12, 20, 1, 16), (12, 24, 24, 26))}),
    ("Trouser", "width", {
        "slim": picture((0, 28, 11, 13), (0, 28, 15, 17)),
        "wide": picture((0, 28, 6, 13), (0, 28, 15, 22))}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rule", "pictures"), GARMENTS, ids=[rule for _, rule, _ in GARMENTS]
)
def test_a_rule_tells_garments_apart(name, rule, pictures):
    assert [values[rule] for values in found(name, *pictures.values())] == [*pictures]


def test_a_black_picture_is_no_trouble():
    for name in OF_CLASS:
        found(name, torch.zeros(28, 28))
