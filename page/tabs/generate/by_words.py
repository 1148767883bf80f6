"""Drawing by words: both stages of Imagen's way as one run, and as one film."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

import ddpm
from ddpm.systems.text_to_image import GUIDANCE, STEPS
from page.server import priority
from page.widgets import data_uri
from page.widgets.film.scrubber import Film

STAGES = ("base", "super_resolution")
LEAST = len(STAGES)  # network calls
USUAL = {"steps": sum(STEPS), "guidance": GUIDANCE}  # what the model is best with
THRESHOLDING = ("dynamic", "static")
LEVEL = 1 / 127.5  # between two levels of grey
MOST_WORDS, MOST_LETTERS = 6, 24  # of those that are said to be unknown


def split(steps: int) -> tuple[int, int]:
    """So many network calls, shared between the stages as is usual for them."""
    small = min(steps - 1, max(1, round(steps * STEPS[0] / sum(STEPS))))
    return small, steps - small


class Threshold:
    """Dynamic or static thresholding, for `clip=` of a sampler, that notes what it had to do."""

    def __init__(self, how: str):
        self.beyond = 0.0  # of the newest x̂_0: the share of pixels blacker or whiter than can be
        self._hold = ddpm.dynamic_threshold() if how == "dynamic" else lambda x: x.clamp(-1, 1)

    def __call__(self, x_start: Tensor) -> Tensor:
        self.beyond = (x_start.abs() > 1 + LEVEL).float().mean().item()
        return self._hold(x_start)


@dataclass(frozen=True)
class WordsStep(ddpm.Step):
    """A step of either stage, with its pictures at the size of the second."""

    before: Tensor  # x_t, which it began with
    small: Tensor | None  # the first stage's pictures at their own size; None in the second
    beyond: float  # see `Threshold`


def begin(
    model: ddpm.TextToImage, texts: Sequence[str], *, steps: int, thresholding: str, **settings
) -> tuple[Tensor, Iterator[WordsStep]]:
    """x_T of the first stage (n, C, H, W), and the steps of both; `settings` are those of
    `TextToImage.stages`."""
    threshold = Threshold(thresholding)
    found = model.stages(texts, steps=split(steps), clip=threshold, **settings)
    shape = model.base.network.shape
    noise = torch.empty(len(texts), *shape, device=model.schedule.device)
    x = ddpm.randn_like(noise, ddpm.generators(len(texts), settings["seed"]))
    factor = model.super_resolution.network.shape[-1] // shape[-1]

    def walk() -> Iterator[WordsStep]:
        for i, (stage, before, step) in enumerate((f.stage, f.before, f.step) for f in found):
            if stage != STAGES[0]:
                yield WordsStep(i, step.t, step.x, step.x_start, before, None, 0.0)
                continue
            pictures = (enlarged(each, factor) for each in (step.x, step.x_start, before))
            yield WordsStep(i, step.t, *pictures, step.x, threshold.beyond)

    on_cpu = model.schedule.device.type == "cpu"
    return enlarged(x, factor), priority.go_first(walk()) if on_cpu else walk()


def enlarged(x: Tensor, factor: int) -> Tensor:
    """Pictures (n, C, H, W), each pixel as a square of `factor` by `factor`."""
    return x.repeat_interleave(factor, -1).repeat_interleave(factor, -2)


class WordsFilm(Film):
    """The film of both stages, one after the other. It also has what the first one drew, how much
    thresholding had to hold it back, and the words that mean nothing to the encoder."""

    def __init__(self, x: Tensor, model: ddpm.TextToImage, words: str, steps: int, how: str):
        known, unknown = model.encoder.split(words)
        self.stages = {
            "picture": "",
            "steps": split(steps)[0],
            "thresholding": how,
            "beyond": 0.0,
            "nothing": not known,
            "unknown": listed(list(dict.fromkeys(unknown))),
        }
        self._beyond: list[float] = []
        super().__init__(x, model.schedule.T - 1, steps)

    def add(self, step: ddpm.Step, cut: bool = False) -> None:
        assert isinstance(step, WordsStep)
        self.x = step.before  # the second stage begins with noise of its own
        if step.small is not None:
            self._beyond.append(step.beyond)
            percent = 100 * sum(self._beyond) / len(self._beyond)
            picture = data_uri.grid_uri(step.small, self.nrow)
            self.stages |= {"picture": picture, "beyond": round(percent, 1)}
        super().add(step, cut)

    def more(self) -> dict:
        return {"stages": dict(self.stages)}


def listed(words: Sequence[str]) -> list[str]:
    """The first few that can be shown, cut to a length that fits a line."""
    each = [word for word in words if word.isprintable()]
    shown = [w if len(w) <= MOST_LETTERS else f"{w[:MOST_LETTERS]}…" for w in each[:MOST_WORDS]]
    return [*shown, "…"] if len(each) > MOST_WORDS else shown


def slug(words: str) -> str:
    """A part of a file's name; "words" for those in which it would have no letter."""
    return "-".join(re.findall("[a-z0-9]+", words.lower()))[:40].rstrip("-") or "words"
