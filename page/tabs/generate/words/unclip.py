"""DALL·E 2's way on the page: pictures by words, or from a pair (z_i, x_T) that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

import ddpm
from ddpm.networks.clip import scaled
from ddpm.sampling.inversion import mixed
from ddpm.systems.unclip import DECODER_STEPS, GUIDANCE, INVERSION_STEPS, better
from page.server.queues import priority

PRIOR = ("used", "skipped")
MOVES = ("amount", "place")  # settings that move the pair
AXES = {
    "prior": list(PRIOR),
    "amount": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
    "place": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
    "eta": [0.0, 0.25, 0.5, 0.75, 1.0],
}
OF_PAIRS = (*MOVES, "eta")  # axes of Compare along which pictures are changed
USUAL = {"steps": DECODER_STEPS, "guidance": GUIDANCE}  # what the model is best with
OWN_WAY = {"sampler": "ddim", "steps": INVERSION_STEPS, "guidance": 1}  # to draw from a pair


def changed(start: str, picture: str, axis: str, across: str) -> str | None:
    """The sketch, if this is what the axes change."""
    return picture if start == "sketch" and {axis, across} & {*OF_PAIRS} else None


@dataclass(frozen=True)
class Proposal:
    """What the decoder is to draw: embeddings (B, EMBEDDING) for B pictures."""

    z: Tensor
    text: Tensor | None = None  # z_t, if words were given
    draws: Tensor | None = None  # all that the prior proposed, one batch after the other
    is_moved: bool = False  # away from the picture's own


@dataclass(frozen=True)
class UnclipStep(ddpm.Step):
    """A step of the decoder; the first has what was proposed to it."""

    before: Tensor  # x_t, which it began with
    proposal: Proposal | None


@dataclass(frozen=True)
class Pair:
    """Where the pair (z_i, x_T) comes from, and how far it is moved."""

    words: str
    before: str  # words for the picture as it is
    picture: Tensor | None  # (1, H, W); None for one that is drawn by the words before
    amount: float | None = None  # of the difference between both texts
    place: float | None = None  # on the way to a picture drawn by the words
    use_prior: bool = True

    @property
    def is_moved(self) -> bool:
        return self.amount is not None or self.place is not None

    def of(self, model: ddpm.UnClip, count: int, seed: int) -> tuple[Tensor, Tensor]:
        """z_i (count, EMBEDDING) and x_T (count, C, H, W)."""
        if self.picture is None:
            pair = self._imagined(model, self.before, count, seed)
        else:
            z, x_T = model.invert(self.picture[None])
            pair = z.expand(count, -1), x_T.expand(count, -1, -1, -1)
        if self.amount is not None:
            pair = model.turned(pair[0], self.before, self.words, self.amount), pair[1]
        if self.place is not None:
            pair = mixed(pair, self._imagined(model, self.words, count, seed), self.place)
        return pair

    def _imagined(self, model: ddpm.UnClip, words: str, count: int, seed: int):
        return model.imagine([words] * count, use_prior=self.use_prior, seed=seed)


def begin_by_words(
    model: ddpm.UnClip, words: str, count: int, *, seed: int, use_prior: bool, **settings
) -> tuple[Tensor, Iterator[UnclipStep]]:
    """x_T (count, C, H, W), and the decoder's steps; `settings` are those of `UnClip.stages`."""

    def walk() -> Iterator[UnclipStep]:
        texts = [words] * count
        text = model.pair.text(model.encoder(texts).to(model.device))
        proposal = Proposal(text, text)
        for found in model.stages(texts, seed=seed, use_prior=use_prior, **settings):
            if found.stage == "prior":
                draws = scaled(found.step.x)
                proposal = Proposal(better(draws, text), text, draws)
                continue
            yield _with(found.step, found.before, proposal)

    return noise(model, count, seed), _first(model, walk())


def begin_from_pair(
    model: ddpm.UnClip, pair: Pair, count: int, *, seed: int, eta: float
) -> tuple[Tensor, Iterator[UnclipStep]]:
    """The same from a pair. Of a picture the x_T is not yet known: the picture stands for it."""

    def walk() -> Iterator[UnclipStep]:
        z, x = pair.of(model, count, seed)
        for step in model.steps(z, x, eta=eta, seed=seed):
            yield _with(step, x, Proposal(z, is_moved=pair.is_moved))
            x = step.x

    given = pair.picture
    x_T = noise(model, count, seed) if given is None else given.expand(count, -1, -1, -1)
    return x_T, _first(model, walk())


def noise(model: ddpm.UnClip, count: int, seed: int) -> Tensor:
    """x_T (count, C, H, W) of pictures by words."""
    x = torch.empty(count, *model.decoder.network.shape)
    return ddpm.randn_like(x, ddpm.generators(count, seed))


def _with(step: ddpm.Step, before: Tensor, proposal: Proposal) -> UnclipStep:
    is_first = step.i == 0
    return UnclipStep(step.i, step.t, step.x, step.x_start, before, proposal if is_first else None)


def _first(model: ddpm.UnClip, steps: Iterator[UnclipStep]) -> Iterator[UnclipStep]:
    """Before training, where both share a processor."""
    return priority.go_first(steps) if model.device.type == "cpu" else steps
