"""Pictures from one network, all at once or step by step."""

import copy
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ddpm.checkpoint import Part, build_schedule, chosen_device
from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import Clip, generators, q_sample, randn_like
from ddpm.sampling import checks
from ddpm.sampling.guidance import TimedClassifier, eps_scaled, towards
from ddpm.sampling.guides import found_guide, guided
from ddpm.sampling.plan import SAMPLER, STEPS, Samplers, planned
from ddpm.sampling.samplers import (
    FLOW_SAMPLERS,
    SAMPLERS,
    STUDENT_SAMPLERS,
    Step,
    flow_map,
)
from ddpm.schedules import Schedule
from ddpm.shown import progress

__all__ = ["SAMPLER", "STEPS", "Reverse", "begin", "sample", "trajectory"]


@dataclass(frozen=True)
class Reverse:
    """A reverse process that is about to begin."""

    x: Tensor  # x_T, or a picture's x_t: (n, C, H, W)
    timesteps: list[int]  # the times at which the network will be asked
    steps: Iterator[Step]


def sample(model: Part | Denoiser, n: int = 16, **settings) -> Tensor:
    """n pictures (n, C, H, W) in [-1, 1] of `model`; the settings are those of `trajectory`, and so
    is its ValueError."""
    run = begin(model, n, **settings)
    (last,) = deque(progress(run.steps, "step", len(run.timesteps)), maxlen=1)
    return last.x


def trajectory(model: Part | Denoiser, n: int = 16, **settings) -> Iterator[Step]:
    """The way from noise to n pictures, a `Step` for each network call.

    Args:
        model: a Checkpoint, or any Denoiser whose network has a `shape` (C, H, W).
        labels: a class for all, or one for each picture (n,); None draws without. The number of
            classes itself means "no label". Floats (n, classes) weight the classes' embeddings.
        sampler: a name in `SAMPLERS`, or in `FLOW_SAMPLERS` for a distilled checkpoint. None,
            here and below, is the model's own best.
        steps: network calls.
        spacing: where they lie, a name in `spacing.SPACINGS`.
        guidance: scale of classifier-free guidance, or of what else guides; 1 draws as learned.
        classifier: a `NoisyClassifier` to guide by instead, or what one is loaded by: the model
            sees no labels, and guidance scales the classifier's gradient.
        guide: a worse model of the same pictures to be guided away from instead (`autoguided`): a
            Checkpoint, a Denoiser, or what one is loaded by. It is asked with the same labels.
        interval: (low, high), the times within which guidance acts, as the model's own schedule
            counts them; it is 1 at all others. None for all.
        eps_scale: divides ε̂, of which a network predicts a little too much on its own way
            (`eps_scaled`). None: what was found for the model's own times, unguided; else 1.
        start: (picture, t) to begin with a picture (C, H, W) or (n, C, H, W) in [-1, 1], noised to
            time t (SDEdit, Meng et al. 2022), in place of pure noise.
        noise: x_T (n, C, H, W) to begin with, in place of the noise of the seeds. Both are
            multiplied by the temperature that was found for the model's own times.
        clip: hold x̂_0 to [-1, 1], and the last one has the contrast that was found for the model's
            own times; or a function of x̂_0 that holds it in another way.
        seed: picture k begins with the noise of seed + k, whatever n is; or one for each (n,).
        schedule: another `Schedule` than the one that the model was trained on.
        device: where to compute; None for where the model is.

    ValueError says which setting is wrong, before the first step.
    """
    return begin(model, n, **settings).steps


def begin(
    model: Part | Denoiser,
    n: int = 16,
    *,
    labels: checks.Labels = None,
    sampler: str | None = None,
    steps: int | None = None,
    spacing: str | None = None,
    guidance: float = 1.0,
    classifier: TimedClassifier | str | os.PathLike | None = None,
    guide: Part | Denoiser | str | os.PathLike | None = None,
    interval: tuple[float, float] | None = None,
    eps_scale: float | None = None,
    start: tuple[Tensor, int] | None = None,
    noise: Tensor | None = None,
    clip: Clip = True,
    seed: int | Sequence[int] = 0,
    schedule: Schedule | None = None,
    device: torch.device | str | None = None,
) -> Reverse:
    """What `trajectory` is about to do, with the noise that it begins with."""
    n = checks.count(n)
    own = model.info.get("sampling", {}) if isinstance(model, Part) else {}
    denoiser = model.model if isinstance(model, Part) else model
    if not isinstance(denoiser, Denoiser):
        raise ValueError(f"model must be a Checkpoint or a Denoiser, not {type(model).__name__}")
    if not isinstance(schedule, Schedule | None):
        raise ValueError(f"schedule must be a Schedule, see Schedule.named, not {schedule!r}")
    if device is not None and chosen_device(device) != denoiser.schedule.device:
        denoiser = copy.deepcopy(denoiser).to(device)  # the caller's stays where it is
    trained_on = denoiser.schedule
    schedule = trained_on if schedule is None else schedule.to(trained_on.device)
    guidance = checks.scale(guidance)
    by = found_guide(classifier, guide, trained_on.device)
    if isinstance(model, Part) and model.config.distill is not None:
        _check_student(model.config, schedule, None if labels is None else guidance, by is not None)

    x = torch.empty(n, *denoiser.network.shape, device=schedule.device)
    x_start, last = (None, None) if start is None else _start(start, x)
    if noise is not None:
        noise = checks.floats("noise", noise, x.device, x.shape)
        if x_start is not None:
            raise ValueError("noise begins a whole run: a run from a picture has that of its seeds")
    eps_fn = guided(denoiser, schedule, n, labels, guidance, interval, by)
    times = own.get("times", {}) if _as_measured(sampler, schedule, own, trained_on) else {}
    plan = planned(
        schedule,
        own.get("sampler") if sampler is None else sampler,
        steps,
        usual=own.get("steps", STEPS),
        spacing=spacing,
        clip=clip,
        start=last,
        known=_known(model),
        own_times=times,
    )
    if plan.sampler is flow_map:
        eps_fn = towards(denoiser, checks.labels(n, labels, denoiser), plan.timesteps)
    plain = by is None and (labels is None or guidance == 1)
    as_found = plain and plan.timesteps in times.values()
    if eps_scale is None:
        eps_scale = own.get("eps_scale", 1.0) if as_found else 1.0
    calls, found = len(plan.timesteps), own if as_found else {}
    temperature, contrast = (_for(calls, found, name) for name in ("temperature", "contrast"))
    eps_fn = eps_scaled(eps_fn, checks.number("eps_scale", eps_scale, 0.5, 2), schedule)
    seeds = generators(n, seed)
    x = randn_like(x, seeds)  # even if it is not used: later noise is then the same
    if noise is not None:
        x = noise
    if x_start is None:
        x = temperature * x
    else:
        t = torch.full((n,), plan.timesteps[0], device=x.device)
        x = q_sample(schedule, x_start, t, x)
    way = plan.run(eps_fn, x, seeds)
    if clip is True and contrast != 1:
        way = _contrasted(way, calls - 1, contrast)
    return Reverse(x, plan.timesteps, way)


def _for(calls: int, found: Mapping[str, Any], name: str) -> float:
    """What a model's file names for so many calls."""
    return found.get(name, {}).get(str(calls), 1.0)


def _contrasted(steps: Iterator[Step], last: int, contrast: float) -> Iterator[Step]:
    """The picture that the last step ends with, times this, held to [-1, 1]."""
    for step in steps:
        if step.i == last:
            x = (contrast * step.x).clamp(-1, 1)
            step = replace(step, x=x, x_start=x)
        yield step


def _as_measured(
    sampler: str | None, schedule: Schedule, own: Mapping[str, Any], trained_on: Schedule
) -> bool:
    """Whether a model is drawn as its own times were chosen for."""
    return sampler in (None, own.get("sampler", SAMPLER)) and torch.equal(
        schedule.exact_alphas_cumprod, trained_on.exact_alphas_cumprod
    )


def _known(model: Part | Denoiser) -> Samplers:
    """The samplers that can draw from the model; of a bare Denoiser nobody knows whether it was
    distilled."""
    if not isinstance(model, Part):
        return SAMPLERS | STUDENT_SAMPLERS
    student = model.config.distill
    if student is None:
        return SAMPLERS
    return FLOW_SAMPLERS if student.flow_map else STUDENT_SAMPLERS


def _check_student(
    config: Config, schedule: Schedule, guidance: float | None, guides: bool
) -> None:
    """ValueError for a schedule or a guidance that a student was not made for."""
    made_for = build_schedule(config).exact_alphas_cumprod
    if not torch.equal(schedule.exact_alphas_cumprod, made_for):
        raise ValueError(
            f"this model was distilled under the schedule {config.diffusion.schedule} with "
            f"T = {config.diffusion.T}, and draws under no other"
        )
    if guidance not in (None, 1.0):
        raise ValueError(f"this model was distilled at guidance 1: it can't draw at {guidance!r}")
    if guides:
        raise ValueError("this model was distilled without a guide: none can guide it")


def _start(start: tuple[Tensor, int], x: Tensor) -> tuple[Tensor, int]:
    """The picture of `start` as often as x (n, C, H, W) has room for it, and its time."""
    if not isinstance(start, tuple | list) or len(start) != 2:
        raise ValueError("start must be a pair (picture, t)")
    picture = checks.floats(
        "the picture of start", start[0], x.device, tuple(x.shape[1:]), tuple(x.shape)
    )
    return picture.expand_as(x), checks.whole("t of start", start[1])
