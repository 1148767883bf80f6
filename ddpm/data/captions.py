"""Captions for Fashion-MNIST, made from a picture's class and its measured properties.

English and Chinese, with synonyms; each caption mentions some of what is clear in the picture. All
that is random comes from a `random.Random`, so that a caption can be made again.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ddpm.data.batches import shuffled
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.data.properties import OF_CLASS, UNCLEAR, properties

LANGUAGES = ("en", "zh")
MENTIONED = 0.75  # share of the clear properties that a caption mentions

# English nouns: singular ones, then plural ones; Chinese: the measure word, then nouns.
NOUNS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, tuple[str, ...]]]] = {
    "T-shirt/top": ((("t-shirt", "top", "tee"), ("t-shirts",)), ("件", ("T恤", "上衣", "圆领衫"))),
    "Trouser": (((), ("trousers", "pants", "slacks")), ("条", ("裤子", "长裤"))),
    "Pullover": ((("pullover", "sweater", "jumper"), ("sweaters",)), ("件", ("毛衣", "套头衫"))),
    "Dress": ((("dress", "skirt", "frock"), ("dresses",)), ("条", ("连衣裙", "裙子"))),
    "Coat": ((("coat", "jacket", "overcoat"), ("coats",)), ("件", ("外套", "大衣"))),
    "Sandal": ((("sandal", "slipper"), ("sandals",)), ("只", ("凉鞋", "拖鞋"))),
    "Shirt": ((("shirt", "blouse"), ("shirts",)), ("件", ("衬衫", "衬衣"))),
    "Sneaker": ((("sneaker", "running shoe"), ("sneakers",)), ("只", ("运动鞋", "球鞋"))),
    "Bag": ((("bag", "handbag"), ("bags",)), ("个", ("包", "手提包"))),
    "Ankle boot": ((("ankle boot", "boot"), ("ankle boots",)), ("只", ("短靴", "靴子"))),
}
CLASSES = tuple(NOUNS)
_IN_PAIRS = [NOUNS[name] for name in ("Trouser", "Sandal", "Sneaker", "Ankle boot")]


@dataclass(frozen=True)
class Words:
    """How a value of a property is said: before the noun, and after it in English."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    chinese: tuple[str, ...]


WORDS: dict[tuple[str, str], Words] = {
    ("tone", "dark"): Words(("dark", "black", "dark grey"), (), ("深色", "黑色", "暗色")),
    ("tone", "light"): Words(("light", "white", "bright"), (), ("浅色", "白色", "亮色")),
    ("pattern", "plain"): Words(("plain", "solid"), ("without a pattern",), ("素色", "纯色")),
    ("pattern", "patterned"): Words(
        ("patterned", "printed"), ("with a pattern",), ("印花", "有图案的", "花纹")
    ),
    ("sleeves", "short"): Words(("short-sleeved",), ("with short sleeves",), ("短袖",)),
    ("sleeves", "long"): Words(("long-sleeved",), ("with long sleeves",), ("长袖",)),
    ("shoulders", "sleeveless"): Words(("sleeveless",), ("without sleeves",), ("无袖",)),
    ("shoulders", "sleeves"): Words((), ("with sleeves",), ("有袖子的",)),
    ("width", "slim"): Words(("slim", "narrow"), (), ("修身", "窄")),
    ("width", "wide"): Words(("wide", "loose"), (), ("宽松", "宽")),
    ("shaft", "low"): Words(("low",), ("with a low shaft",), ("低帮", "低筒")),
    ("shaft", "high"): Words(("high", "tall"), ("with a high shaft",), ("高帮", "高筒")),
    ("heel", "flat"): Words(("flat",), ("without a heel",), ("平底", "平跟")),
    ("heel", "heel"): Words(("high-heeled",), ("with a high heel",), ("高跟",)),
    ("handle", "without"): Words((), ("without a handle", "without handles"), ("无提手的",)),
    ("handle", "with"): Words((), ("with a handle", "with handles"), ("有提手的", "带提手的")),
}

# Left out of the training of every text model, to ask for later: a class, and two of its values
HELD_OUT: tuple[tuple[str, dict[str, str]], ...] = (
    ("Shirt", {"tone": "dark", "sleeves": "short"}),
    ("Dress", {"tone": "light", "width": "wide"}),
    ("Trouser", {"tone": "light", "width": "wide"}),
    ("Sandal", {"tone": "light", "heel": "heel"}),
    ("Bag", {"tone": "dark", "handle": "without"}),
    ("Ankle boot", {"tone": "light", "shaft": "high"}),
)


def noun(class_name: str) -> str:
    """The usual English word for a class: "sneaker", "trousers"."""
    singular, plural = NOUNS[class_name][0]
    return (singular + plural)[0]


def caption(
    class_name: str,
    values: Mapping[str, str],
    draw: random.Random,
    *,
    language: str | None = None,
    mentioned: float = MENTIONED,
) -> str:
    """A caption for a garment of this class with these values, {"tone": "dark", …}.

    Each value is mentioned with probability `mentioned`. A language of `LANGUAGES`, or either.
    """
    said = [WORDS[item] for item in values.items() if draw.random() < mentioned]
    draw.shuffle(said)
    language = language or draw.choice(LANGUAGES)
    write = {"en": _english, "zh": _chinese}[language]
    return write(NOUNS[class_name], said, draw)


def _english(nouns: tuple, said: list[Words], draw: random.Random) -> str:
    singular, plural = nouns[0]
    noun = draw.choice(singular + plural)
    before, after = [], []
    for words in said:
        if words.before and (not words.after or draw.random() < 0.5):
            before.append(draw.choice(words.before))
        else:
            after.append(draw.choice(words.after))
    form = draw.randrange(4)
    tail = " and ".join(after)
    if tail.startswith("with "):  # "with long sleeves and a pattern"
        tail = tail.replace(" and with ", " and ")
    if form == 0 and before:  # "trousers, dark and slim, with a pattern"
        return ", ".join(part for part in (noun, " and ".join(before), tail) if part)
    phrase = " ".join([*before, noun, *([tail] if tail else [])])
    if form == 1:
        return phrase
    if noun in plural:
        start = draw.choice(("some ", "", "a pair of " if nouns in _IN_PAIRS else "some "))
    else:
        start = "an " if phrase[0] in "aeiou" else "a "
    return draw.choice(("", "", "a picture of ")) + start + phrase


def _chinese(nouns: tuple, said: list[Words], draw: random.Random) -> str:
    measure, names = nouns[1]
    parts = [draw.choice(words.chinese) for words in said]
    parts.sort(key=lambda part: not part.endswith("的"))  # 有提手的深色包
    start = draw.choice((f"一{measure}", ""))
    joint = draw.choice(("", "的")) if parts and not parts[0].endswith("的") else ""
    return start + "".join(parts) + joint + draw.choice(names)


def phrases() -> Iterator[str]:
    """All that captions are made of."""
    yield "a picture of a pair of some, and"
    for (singular, plural), (measure, chinese) in NOUNS.values():
        yield from (*singular, *plural, f"一{measure}", *chinese)
    for words in WORDS.values():
        yield from (*words.before, *words.after, *words.chinese)


@dataclass(frozen=True)
class Captioned:
    """Pictures with what can be said of them."""

    images: Tensor  # uint8 (N, 1, 28, 28)
    labels: Tensor  # (N,)
    values: Tensor  # (N, P), of `properties`

    def described(self, k: int) -> tuple[str, dict[str, str]]:
        """The class of picture k and its clear values."""
        name = CLASSES[int(self.labels[k])]
        numbers = self.values[k].tolist()
        found = {known.name: known.values[number]
                 for known, number in zip(OF_CLASS[name], numbers, strict=False)
                 if number != UNCLEAR}  # fmt: skip
        return name, found


def captioned(split: str, *, source: str = "auto", held_out: bool = False) -> Captioned:
    """Fashion-MNIST with its properties: without the pictures of `HELD_OUT`, or these alone."""
    images, labels = fashion_mnist(split, source=source)
    data = Captioned(images, labels, properties(images, labels))
    rows = is_held_out(data) == held_out
    return Captioned(images[rows], labels[rows], data.values[rows])


def is_held_out(data: Captioned) -> Tensor:
    """Which pictures clearly show a combination of `HELD_OUT`: (N,)."""
    found = torch.zeros(len(data.labels), dtype=torch.bool)
    for name, wanted in HELD_OUT:
        rows = data.labels == CLASSES.index(name)
        for column, known in enumerate(OF_CLASS[name]):
            if known.name in wanted:
                rows = rows & (data.values[:, column] == known.values.index(wanted[known.name]))
        found |= rows
    return found


def caption_batches(
    data: Captioned, batch_size: int, *, seed: int = 0, start: int = 0, stride: int = 1
) -> Iterator[tuple[Tensor, list[str]]]:
    """Endless batches of (x in [-1, 1], a caption for each), as `ddpm.data.batches.batches`: each
    time a picture comes, its caption is another one."""
    for number, rows in shuffled(len(data.images), batch_size, seed, start, stride):
        draw = random.Random(f"{seed} {number}")
        texts = [caption(*data.described(int(k)), draw) for k in rows]
        yield to_float(data.images[rows]), texts
