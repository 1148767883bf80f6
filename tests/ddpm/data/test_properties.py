"""The rules on garments drawn by hand."""

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


def body(grey: int = 150) -> torch.Tensor:
    """A torso with shoulders, no sleeves."""
    x = torch.zeros(28, 28)
    x[2:27, 8:20] = grey
    return x


def test_tone():
    dark, light = found("Shirt", body(40), body(250))
    assert dark["tone"] == "dark" and light["tone"] == "light"


def test_pattern():
    striped = body()
    striped[::4] *= 0.4
    striped[1::4] *= 0.4
    plain, patterned = found("Shirt", body(), striped)
    assert plain["pattern"] == "plain" and patterned["pattern"] == "patterned"


def test_sleeves():
    short, long = body(), body()
    short[3:9, 3:25] = 150
    long[3:9, 3:25] = 150
    long[9:25, 2:7] = 150
    long[9:25, 21:26] = 150
    got = [values["sleeves"] for values in found("Shirt", short, long)]
    assert got == ["short", "long"]
    got = [values["shoulders"] for values in found("T-shirt/top", body(), short)]
    assert got == ["sleeveless", "sleeves"]


def test_handle():
    bag = torch.zeros(28, 28)
    bag[12:26, 2:26] = 150
    held = bag.clone()
    held[2:12, 8:10] = held[2:12, 18:20] = 150
    held[2:4, 8:20] = 150
    got = [values["handle"] for values in found("Bag", bag, held)]
    assert got == ["without", "with"]


def test_shaft_and_heel():
    low, high = torch.zeros(28, 28), torch.zeros(28, 28)
    low[14:22, 1:27] = 150
    low[8:14, 14:27] = 150
    high[19:27, 1:27] = 150
    high[0:19, 14:27] = 150
    assert [v["shaft"] for v in found("Ankle boot", low, high)] == ["low", "high"]
    flat, heeled = torch.zeros(28, 28), torch.zeros(28, 28)
    flat[16:22, 1:27] = 150
    heeled[4:12, 12:27] = 150
    heeled[12:20, 1:16] = 150
    heeled[12:24, 24:26] = 150
    assert [v["heel"] for v in found("Sandal", flat, heeled)] == ["flat", "heel"]


def test_width():
    slim, wide = torch.zeros(28, 28), torch.zeros(28, 28)
    slim[0:28, 11:13] = slim[0:28, 15:17] = 150
    wide[0:28, 6:13] = wide[0:28, 15:22] = 150
    assert [v["width"] for v in found("Trouser", slim, wide)] == ["slim", "wide"]


def test_a_black_picture_is_no_trouble():
    for name in OF_CLASS:
        found(name, torch.zeros(28, 28))
