"""Models that draw by words: what they are given to read, and what they make of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ddpm.data import captions
from ddpm.networks.text import MAX_WORDS, TextEncoder, text_encoder
from ddpm.settings import setting
from page.models.base import System
from page.models.request import Common
from page.texts import Refusal

COMPARING = """

def draw(**settings):
    return model.sample([words] * {count}, **settings)

"""
GUIDED = (0, 700)  # the times at which guidance by words is best: benchmarks/words.py
MOST_WORDS, MOST_LETTERS = 6, 24  # of those that are said to be unknown


@dataclass(frozen=True)
class Worded(Common):
    words: str = setting(
        "a dark ankle boot",
        "what to draw, in English or Chinese: for model=words and unclip, which heed no label and "
        "schedule",
        most=200,
    )


class ByWords(System):
    settings: type[Common] = Worded
    ignores = (*System.ignores, "label")

    def texts(self, request: Any) -> list[str]:
        """All that it reads."""
        return [request.words]

    def check(self, request: Any, system: Any) -> None:
        for text in self.texts(request):
            try:
                system.encoder.split(text)
            except ValueError as error:
                raise Refusal("words_too_many", most=MAX_WORDS) from error
        super().check(request, system)

    def subject(self, request: Any, system: Any) -> str:
        """Or "words", where a file's name would have no letter."""
        found = re.findall("[a-z0-9]+", request.words.lower())
        return "-".join(found)[:40].rstrip("-") or "words"


def with_label_in_words(request: Any) -> Any:
    """For a model that knows no classes, but the captions that name garments of each."""
    if not 0 <= request.label < len(captions.CLASSES):
        return request
    return replace(request, words=captions.noun(captions.CLASSES[request.label]))


def understood(encoder: TextEncoder, texts: Sequence[str]) -> dict:
    """Whether there are none, or it knows none of them, the first few words that it doesn't know,
    and of the others the first that no garment in training had. No texts: a picture needs no
    words."""
    known, unknown = [], []
    for text in texts:
        found, missing = encoder.split(text)
        known, unknown = known + found, unknown + missing
    return {
        "empty": bool(texts) and not "".join(texts).strip(),
        "nothing": bool(texts) and not known,
        "unknown": listed(list(dict.fromkeys(unknown))),
        "untaught": [w for text in texts for w in untaught(text) if w not in unknown],
    }


@cache
def _taught() -> set[int]:
    """The numbers of all words that captions have."""
    encoder = text_encoder()
    return {number for phrase in captions.phrases() for number in encoder.split(phrase)[0]}


def untaught(text: str) -> list[str]:
    """The first few words that no caption in training had, in this or another form. What is in
    every text, such as "the", is none."""
    encoder = text_encoder()
    try:
        pieces = [*encoder.pieces(text)]
    except ValueError:  # too long: said when it is to be drawn
        return []
    found = [
        piece
        for piece, numbers in pieces
        if numbers is None
        or any(number not in _taught() and encoder.weights[number] > 0.5 for number in numbers)
    ]
    return listed(list(dict.fromkeys(found)))


def listed(words: Sequence[str]) -> list[str]:
    """The first few that can be shown, cut to a length that fits a line."""
    each = [word for word in words if word.isprintable()]
    shown = [w if len(w) <= MOST_LETTERS else f"{w[:MOST_LETTERS]}…" for w in each[:MOST_WORDS]]
    return [*shown, "…"] if len(each) > MOST_WORDS else shown
