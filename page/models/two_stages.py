"""A model of two stages: both as one run, as one film, and at the end of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.systems.stages import StageStep
from page.models.base import System, before_training
from page.texts import both
from page.widgets import data_uri
from page.widgets.film.scrubber import Film
from page.widgets.programs import scale

STAGES = ("base", "super_resolution")
LEAST = len(STAGES)  # network calls
FILM = """
film = {{"base": [], "super_resolution": []}}
for found in steps:
    film[found.stage].append(ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow})))

film["base"][-1].save("small_pictures.png")
given = ddpm.make_grid(found.low, nrow={nrow})
ddpm.to_pil(given, scale={scale}).save("given_to_the_second.png")
ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow}), scale={scale}).save("pictures.png")
ddpm.save_gif(film["super_resolution"], "film.gif", scale={scale})
"""


def stops(usual: int) -> tuple[int, ...]:
    """Of the slider of steps, `usual` among them."""
    return 2, 5, 10, usual, 50, 100, 200, 500, 1000


class TwoStages(System):
    stage_steps: tuple[int, int]  # of both, as they are usual

    def split(self, steps: int) -> tuple[int, int]:
        """So many network calls, shared between the stages as their usual numbers are."""
        usual = self.stage_steps
        small = min(steps - 1, max(1, round(steps * usual[0] / sum(usual))))
        return small, steps - small

    def fitted(self, request: Any, system: Any) -> Any:
        own = super().fitted(request, system)
        return replace(own, steps=max(LEAST, own.steps))

    def check(self, request: Any, system: Any) -> None:
        if request.picture is not None:
            raise gr.Error(both("staged_sketch"), print_exception=False)
        super().check(request, system)

    def refusal(self, setting: str) -> str:
        return "staged_steps" if setting == "steps" else super().refusal(setting)


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

    x_T = whole(ddpm.randn_like(noise, ddpm.generators(drawn, seed)))
    return x_T, before_training(walk(), device)


def enlarged(x: Tensor, factor: int) -> Tensor:
    """Pictures (n, C, H, W), each pixel as a square of `factor` by `factor`."""
    return x.repeat_interleave(factor, -1).repeat_interleave(factor, -2)


class StagesFilm(Film):
    """The film of both stages, one after the other. It also has what the first one drew, and what
    the second was given: the same with noise on it."""

    def __init__(self, x: Tensor, T: int, steps: tuple[int, int], aug: int, **more):
        self.stages = {"picture": "", "given": "", "steps": steps[0], "aug": aug} | more
        super().__init__(x, T - 1, sum(steps))

    def add(self, step: TwoStageStep, cut: bool = False) -> None:
        self.x = step.before  # the second stage begins with noise of its own
        if step.small is not None:
            nrow = data_uri.columns(len(step.small))
            self.stages["picture"] = data_uri.grid_uri(step.small, nrow)
        elif step.given is not None and not self.stages["given"]:
            self.stages["given"] = data_uri.grid_uri(step.given, self.nrow)
        super().add(step, cut)

    def more(self) -> dict:
        return {"stages": dict(self.stages)}


def filmed(count: int) -> str:
    """The end of a program: it saves what the steps of both stages made."""
    nrow = data_uri.columns(count)
    return FILM.format(nrow=nrow, scale=scale(count, nrow))
