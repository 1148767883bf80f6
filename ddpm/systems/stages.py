"""What the steps of a system of several networks have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from ddpm.sampling.samplers import Step


@dataclass(frozen=True)
class StageStep:
    """A step of one of a system's networks, and the network's name."""

    stage: str
    before: Tensor  # x_t, which the step began with
    step: Step
    low: Tensor | None = None  # small pictures with noise on them, if the network enlarges such


def told(
    stage: str, x: Tensor, steps: Iterator[Step], low: Tensor | None = None
) -> Iterator[StageStep]:
    """A sampler's steps from x, as those of a stage."""
    for step in steps:
        yield StageStep(stage, x, step, low)
        x = step.x
