"""A model at work: the stages that it draws in, and their steps."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import randn_like
from ddpm.networks.network import Condition
from ddpm.sampling.plan import Plan
from ddpm.sampling.sample import Reverse
from ddpm.sampling.samplers import Step


@dataclass(frozen=True)
class StageStep:
    """A step of one of a model's networks."""

    stage: str  # the part that the network plays
    before: Tensor  # x_t, which the step began with
    step: Step  # the sampler's
    given: Condition  # what the network draws by, besides labels

    @property
    def low(self) -> Tensor | None:
        """Small pictures with noise on them, if the network enlarges such."""
        return self.given.low


@dataclass
class Stage:
    """One network at work."""

    name: str
    x: Tensor  # the noise that it begins with
    steps: Iterator[Step]
    given: Condition = field(default_factory=Condition)
    drawn: Tensor = field(init=False)  # its newest x; once it is done, what it ended with

    def __post_init__(self):
        self.drawn = self.x

    def walk(self) -> Iterator[StageStep]:
        for step in self.steps:
            before, self.drawn = self.drawn, step.x
            yield StageStep(self.name, before, step, self.given)

    def finish(self) -> Tensor:
        """What it ends with."""
        deque(self.walk(), maxlen=0)
        return self.drawn


class Run:
    """A model about to draw. `steps` goes through all stages; each of them is in `stages`, by name,
    once it has begun: what it was given, and the noise that it began with."""

    def __init__(self, x: Tensor, plans: Mapping[str, Plan | Reverse], stages: Iterable[Stage]):
        self.x = x  # x_T of the first stage that draws pictures
        # at which each stage will ask its network
        self.times = {name: plan.timesteps for name, plan in plans.items()}
        self.stages: dict[str, Stage] = {}
        self._coming = iter(stages)
        self.steps = self._walk()

    def _walk(self) -> Iterator[StageStep]:
        while stage := next(self._coming, None):
            self.stages[stage.name] = stage
            yield from stage.walk()

    def reach(self, name: str) -> Stage:
        """The stage of this name, about to begin; those before it are done."""
        while (stage := next(self._coming)).name != name:
            self.stages[stage.name] = stage
            stage.finish()
        self._coming = itertools.chain([stage], self._coming)
        return stage

    def film(self, shape: tuple[int, int, int]) -> Iterator[Step]:
        """The steps that draw pictures, counted through; smaller ones enlarged to this shape."""
        count = itertools.count()
        for found in self.steps:
            if found.step.x.ndim == len(shape) + 1:
                x, x_start = (enlarged(x, shape) for x in (found.step.x, found.step.x_start))
                yield Step(next(count), found.step.t, x, x_start)


def noise_of(model: Denoiser, seeds: list[torch.Generator]) -> Tensor:
    """x_T for a model, (n, C, H, W)."""
    x = torch.empty(len(seeds), *model.network.shape, device=model.schedule.device)
    return randn_like(x, seeds)


def enlarged(x: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Pictures (n, C, h, w) as (n, C, H, W), each pixel as a rectangle of pixels."""
    down, across = (large // small for large, small in zip(shape[1:], x.shape[2:], strict=True))
    return x.repeat_interleave(down, -2).repeat_interleave(across, -1)
