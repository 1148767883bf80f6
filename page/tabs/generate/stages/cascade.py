"""Drawing with a cascade: both stages as one run, and as one film."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

import ddpm
from ddpm.checkpoint import CheckpointError, load_tensors
from ddpm.sampling.sample import STEPS
from ddpm.systems.cascade import CascadeConfig
from page.compute.interface import CASCADE
from page.tabs.generate.stages import stages
from page.tabs.generate.stages.stages import StagesFilm, TwoStageStep

USUAL = {"steps": 2 * STEPS}  # what the model is best with
MAX_AUG = 1000  # T


def own_aug() -> int:
    """The aug that the shipped cascade did best with; 0 without its file."""
    try:
        return load_tensors(CASCADE, CascadeConfig.from_dict)[2].get("aug", 0)
    except CheckpointError:  # a click will report it
        return 0


def split(steps: int) -> tuple[int, int]:
    return stages.split(steps, (STEPS, STEPS))


def begin(
    model: ddpm.Cascade, count: int, *, steps: int, from_one: bool, seed: int, **settings
) -> tuple[Tensor, Iterator[TwoStageStep]]:
    """x_T of the first stage (count, C, H, W), and the steps of both; `settings` are those of
    `Cascade.trajectory`."""
    found = model.trajectory(count, steps=split(steps), from_one=from_one, seed=seed, **settings)
    size = model.super_resolution.config.unet.image_size
    return stages.begin(found, model.base.model, size, count, seed, from_one)


def film(x: Tensor, model: ddpm.Cascade, steps: int, aug: int, from_one: bool) -> StagesFilm:
    """The film of a run that begins with x."""
    return StagesFilm(x, model.schedule.T, split(steps), aug, from_one=from_one)
