"""A model of two stages: both as one run, and as one film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

import ddpm
from ddpm.systems.stages import StageStep
from page.server.queues import priority
from page.widgets import data_uri
from page.widgets.film.scrubber import Film

STAGES = ("base", "super_resolution")
LEAST = len(STAGES)  # network calls


def split(steps: int, usual: tuple[int, int]) -> tuple[int, int]:
    """So many network calls, shared between the stages as their usual numbers are."""
    small = min(steps - 1, max(1, round(steps * usual[0] / sum(usual))))
    return small, steps - small


@dataclass(frozen=True)
class TwoStageStep(ddpm.Step):
    """A step of either stage, with its pictures at the size and in the number of the second."""

    before: Tensor  # x_t, which it began with
    small: Tensor | None  # the first stage's pictures at their own size; None in the second
    given: Tensor | None  # small pictures with noise on them; None in the first


def begin(
    found: Iterator[StageStep],
    base: ddpm.Denoiser,
    size: int,
    count: int,
    seed: int,
    from_one: bool = False,
) -> tuple[Tensor, Iterator[TwoStageStep]]:
    """x_T of the first stage, `base`, and the steps of both, counted through: `count` pictures of
    `size` pixels, whether the first stage has as many or `from_one` one for all."""
    device, shape, drawn = base.schedule.device, base.network.shape, 1 if from_one else count
    noise = torch.empty(drawn, *shape, device=device)

    def whole(x: Tensor) -> Tensor:
        return enlarged(x, size // shape[-1]).expand(count, -1, -1, -1)

    def walk() -> Iterator[TwoStageStep]:
        for i, each in enumerate(found):
            step, pictures = each.step, (each.step.x, each.step.x_start, each.before)
            if each.stage == STAGES[0]:
                yield TwoStageStep(i, step.t, *map(whole, pictures), step.x, None)
            else:
                yield TwoStageStep(i, step.t, *pictures, None, each.low)

    steps = priority.go_first(walk()) if device.type == "cpu" else walk()
    return whole(ddpm.randn_like(noise, ddpm.generators(drawn, seed))), steps


def enlarged(x: Tensor, factor: int) -> Tensor:
    """Pictures (n, C, H, W), each pixel as a square of `factor` by `factor`."""
    return x.repeat_interleave(factor, -1).repeat_interleave(factor, -2)


class StagesFilm(Film):
    """The film of both stages, one after the other. It also has what the first one drew, and what
    the second was given: the same with noise on it."""

    def __init__(self, x: Tensor, T: int, steps: tuple[int, int], aug: int, **more):
        self.stages = {"picture": "", "given": "", "steps": steps[0], "aug": aug} | more
        super().__init__(x, T - 1, sum(steps))

    def add(self, step: ddpm.Step, cut: bool = False) -> None:
        assert isinstance(step, TwoStageStep)
        self.x = step.before  # the second stage begins with noise of its own
        if step.small is not None:
            nrow = data_uri.columns(len(step.small))
            self.stages["picture"] = data_uri.grid_uri(step.small, nrow)
        elif step.given is not None and not self.stages["given"]:
            self.stages["given"] = data_uri.grid_uri(step.given, self.nrow)
        super().add(step, cut)

    def more(self) -> dict:
        return {"stages": dict(self.stages)}
