"""Drawing by words: both stages of Imagen's way as one run, and as one film."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import gradio as gr
from torch import Tensor

import ddpm
from ddpm.data import captions
from ddpm.networks.text import MAX_WORDS, TextEncoder, text_encoder
from ddpm.systems.text_to_image import AUG, GUIDANCE, STEPS
from page.tabs.generate.stages import stages
from page.tabs.generate.stages.stages import StagesFilm, TwoStageStep
from page.texts import both

USUAL = {"steps": sum(STEPS), "guidance": GUIDANCE}  # what the model is best with
THRESHOLDING = ("dynamic", "static")
LEVEL = 1 / 127.5  # between two levels of grey
MOST_WORDS, MOST_LETTERS = 6, 24  # of those that are said to be unknown


def split(steps: int) -> tuple[int, int]:
    return stages.split(steps, STEPS)


class Threshold:
    """Dynamic or static thresholding, for `clip=` of a sampler, that notes what it had to do."""

    def __init__(self, how: str):
        self.beyond = 0.0  # of the newest x̂_0: the share of pixels blacker or whiter than can be
        self._hold = ddpm.dynamic_threshold() if how == "dynamic" else lambda x: x.clamp(-1, 1)

    def __call__(self, x_start: Tensor) -> Tensor:
        self.beyond = (x_start.abs() > 1 + LEVEL).float().mean().item()
        return self._hold(x_start)


@dataclass(frozen=True)
class WordsStep(TwoStageStep):
    beyond: float  # see `Threshold`; of the first stage alone


def begin(
    model: ddpm.TextToImage,
    texts: Sequence[str],
    *,
    steps: int,
    thresholding: str,
    seed: int,
    **settings,
) -> tuple[Tensor, Iterator[WordsStep]]:
    """x_T of the first stage (n, C, H, W), and the steps of both; `settings` are those of
    `TextToImage.stages`."""
    threshold = Threshold(thresholding)
    found = model.stages(texts, steps=split(steps), clip=threshold, seed=seed, **settings)
    size = model.super_resolution.network.shape[-1]
    x, walk = stages.begin(found, model.base, size, len(texts), seed)
    return x, (WordsStep(**vars(step), beyond=threshold.beyond) for step in walk)


class WordsFilm(StagesFilm):
    """It also has how much thresholding had to hold back, and the words that mean nothing to the
    encoder."""

    def __init__(self, x: Tensor, model: ddpm.TextToImage, words: str, steps: int, how: str):
        super().__init__(
            x,
            model.schedule.T,
            split(steps),
            round(AUG * model.super_resolution.schedule.T),
            thresholding=how,
            beyond=0.0,
            **understood(model.encoder, [words]),
        )
        self._beyond: list[float] = []

    def add(self, step: ddpm.Step, cut: bool = False) -> None:
        assert isinstance(step, WordsStep)
        if step.small is not None:
            self._beyond.append(step.beyond)
            percent = 100 * sum(self._beyond) / len(self._beyond)
            self.stages["beyond"] = round(percent, 1)
        super().add(step, cut)


def check_length(encoder: TextEncoder, text: str) -> None:
    """gr.Error for a text of more words than the encoder takes."""
    try:
        encoder.split(text)
    except ValueError as error:
        message = both("words_too_many").format(most=MAX_WORDS)
        raise gr.Error(message, print_exception=False) from error


def understood(encoder: TextEncoder, texts: Sequence[str]) -> dict:
    """Whether it knows none of their words, the first few that it doesn't know, and of the others
    the first that no garment in training had. No texts: a picture needs no words."""
    known, unknown = [], []
    for text in texts:
        found, missing = encoder.split(text)
        known, unknown = known + found, unknown + missing
    return {
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


def slug(words: str) -> str:
    """A part of a file's name; "words" for those in which it would have no letter."""
    return "-".join(re.findall("[a-z0-9]+", words.lower()))[:40].rstrip("-") or "words"
