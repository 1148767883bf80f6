"""A reverse process before it begins: all that can be wrong with it is found here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor

from ddpm.diffusion.process import Clip, EpsFn, Generators
from ddpm.sampling import checks
from ddpm.sampling.samplers import ALL_SAMPLERS, BEST_SPACING, SAMPLERS, STUDENT_SAMPLERS, Step
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import Schedule

SAMPLER, STEPS = "dpm_solver", 10  # as good as a thousand calls of `ddpm`; see the model card

Samplers = Mapping[str, Callable[..., Iterator[Step]]]


@dataclass(frozen=True)
class Plan:
    """Which sampler asks the network at which times. `planned` makes one."""

    sampler: Callable[..., Iterator[Step]]
    schedule: Schedule
    timesteps: list[int]
    clip: Clip

    def run(self, eps_fn: EpsFn, x: Tensor, generator: Generators) -> Iterator[Step]:
        times = self.timesteps
        return self.sampler(eps_fn, self.schedule, x, times, clip=self.clip, generator=generator)


def planned(
    schedule: Schedule,
    sampler: str | None = None,
    steps: int | None = None,
    *,
    usual: int = STEPS,
    spacing: str | None = None,
    clip: Clip = True,
    start: int | None = None,
    known: Samplers = SAMPLERS,
    own_times: Mapping[str, list[int]] | None = None,
) -> Plan:
    """The plan of these settings, those of `trajectory`; ValueError says which is wrong.

    `usual` is the number of steps where none is given, less if the schedule has no more times.
    `known` are the samplers that the model can be drawn with, and `own_times` the times that it
    does best with, by their number.
    """
    sampler = SAMPLER if sampler is None else sampler
    if not isinstance(sampler, str) or sampler not in known:
        raise ValueError(_not_known(sampler, known))
    last = schedule.last if start is None else start
    steps = min(usual, last + 1) if steps is None else steps
    times = (own_times or {}).get(str(steps)) if spacing is None and start is None else None
    spacing = BEST_SPACING[sampler] if spacing is None else spacing
    times = times or spaced_timesteps(schedule, steps, spacing, start=last)
    checks.visits(schedule, times, clip)  # raises now what the sampler would at its first step
    return Plan(known[sampler], schedule, times, clip)


def _not_known(name: object, known: Samplers) -> str:
    choose = f"choose one of {', '.join(known)}"
    if name == "flow_map":
        return f"flow_map draws from models that are told where they go, not this one: {choose}"
    if name in [*STUDENT_SAMPLERS]:
        return f"{name} draws from distilled models, and this one was not: {choose}"
    if name in [*ALL_SAMPLERS]:
        return f"{name} does not draw from distilled models, as this one is: {choose}"
    return f"unknown sampler {name!r:.80}: {choose}"
