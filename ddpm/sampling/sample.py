"""The front door: pictures from a model, all at once or step by step."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ddpm.checkpoint import Checkpoint, build_schedule
from ddpm.config import Config
from ddpm.diffusion.process import Clip, Denoiser, generators, randn_like
from ddpm.sampling.guidance import TimedClassifier, classifier_guided, conditioned, retimed
from ddpm.sampling.samplers import ALL_SAMPLERS, BEST_SPACING, SAMPLERS, STUDENT_SAMPLERS, Step
from ddpm.sampling.spacing import spaced_timesteps, start_from_picture
from ddpm.schedules import Schedule

SAMPLER, STEPS = "dpm_solver", 10  # as good as a thousand calls of `ddpm`; see the model card

Labels = int | Sequence[int] | Tensor | None


@dataclass(frozen=True)
class Run:
    """A reverse process that is about to begin."""

    x: Tensor  # x_T, or a picture's x_t: (n, C, H, W)
    timesteps: list[int]  # the times at which the network will be asked
    steps: Iterator[Step]


def sample(model: Checkpoint | Denoiser, n: int = 16, **settings) -> Tensor:
    """n pictures (n, C, H, W) in [-1, 1]; the settings are those of `trajectory`."""
    (last,) = deque(trajectory(model, n, **settings), maxlen=1)
    return last.x


def trajectory(model: Checkpoint | Denoiser, n: int = 16, **settings) -> Iterator[Step]:
    """The way from noise to n pictures, a `Step` for each network call.

    Args:
        model: a Checkpoint, or any Denoiser whose network has a `shape` (C, H, W).
        labels: a class for all, or one for each picture (n,); None draws without. The number of
            classes itself means "no label". Floats (n, classes) weight the classes' embeddings.
        sampler: a name in `SAMPLERS`, or in `STUDENT_SAMPLERS` for a distilled checkpoint. None,
            here and below, is the model's own best.
        steps: network calls.
        spacing: where they lie, a name in `spacing.SPACINGS`.
        guidance: scale of classifier-free guidance; 1 draws as learned.
        classifier: a `NoisyClassifier` to guide by instead: the model sees no labels, and guidance
            scales the classifier's gradient.
        interval: (low, high), the times within which guidance acts, as the model's own schedule
            counts them; None for all.
        start: (picture, t) to begin with a picture (C, H, W) or (n, C, H, W) in [-1, 1], noised to
            time t (SDEdit, Meng et al. 2022), in place of pure noise.
        noise: x_T (n, C, H, W) to begin with, in place of the noise of the seeds.
        clip: hold x̂_0 to [-1, 1]; or a function of x̂_0 that does it in another way.
        seed: picture k begins with the noise of seed + k, whatever n is; or one for each (n,).
        schedule: another `Schedule` than the one that the model was trained on.
        device: where to compute; None for where the model is.

    ValueError says which setting is wrong, before the first step.
    """
    return begin(model, n, **settings).steps


def begin(
    model: Checkpoint | Denoiser,
    n: int = 16,
    *,
    labels: Labels = None,
    sampler: str | None = None,
    steps: int | None = None,
    spacing: str | None = None,
    guidance: float = 1.0,
    classifier: TimedClassifier | None = None,
    interval: tuple[float, float] | None = None,
    start: tuple[Tensor, int] | None = None,
    noise: Tensor | None = None,
    clip: Clip = True,
    seed: int | Sequence[int] = 0,
    schedule: Schedule | None = None,
    device: torch.device | str | None = None,
) -> Run:
    """What `trajectory` is about to do, with the noise that it begins with."""
    check_count(n)
    own = model.info.get("sampling", {}) if isinstance(model, Checkpoint) else {}
    denoiser = model.model if isinstance(model, Checkpoint) else model
    if not isinstance(denoiser, Denoiser):
        raise ValueError(f"model must be a Checkpoint or a Denoiser, not {type(model).__name__}")
    if not isinstance(schedule, Schedule | None):
        raise ValueError(f"schedule must be a Schedule, see Schedule.named, not {schedule!r}")
    # "cuda" is "cuda:0" once a tensor is there
    if device is not None and torch.empty(0, device=device).device != denoiser.schedule.device:
        denoiser = copy.deepcopy(denoiser).to(device)  # the caller's stays where it is
    sampler = own.get("sampler", SAMPLER) if sampler is None else sampler
    sampler_fn = _sampler(model, sampler)
    trained_on = denoiser.schedule
    schedule = trained_on if schedule is None else schedule.to(trained_on.device)
    if isinstance(model, Checkpoint) and model.config.distill is not None:
        _check_student(model.config, schedule, None if labels is None else guidance, classifier)

    asked = labels_for(n, labels, classifier or denoiser)
    shown = asked if classifier is None else None  # to the network
    eps_fn = conditioned(denoiser, shown, guidance, interval=interval)
    if schedule is not trained_on:
        eps_fn = retimed(eps_fn, trained_on, schedule)
    if classifier is not None:
        labels = _check_classifier(classifier, denoiser, asked, interval)
        known = retimed(classifier, classifier.schedule, schedule)
        eps_fn = classifier_guided(eps_fn, known, schedule, labels, guidance)
    seeds = generators(n, seed)
    x = torch.empty(n, *denoiser.network.shape, device=schedule.device)
    x_start, last = (None, schedule.T - 1) if start is None else _start(start, x)
    steps = min(own.get("steps", STEPS), last + 1) if steps is None else steps
    found = own.get("times", {}).get(str(steps)) if spacing is None else None
    spacing = BEST_SPACING[sampler] if spacing is None else spacing
    if x_start is not None and noise is not None:
        raise ValueError("noise begins a whole run: a run from a picture has that of its seeds")
    if x_start is None:
        drawn = randn_like(x, seeds)  # even if it is not used: later noise is then the same
        x = drawn if noise is None else _noise(noise, x)
        timesteps = found or spaced_timesteps(schedule, steps, spacing)
    else:
        x, timesteps = start_from_picture(schedule, x_start, last, steps, spacing, generator=seeds)
    run = sampler_fn(eps_fn, schedule, x, timesteps, clip=clip, generator=seeds)
    return Run(x, timesteps, run)


def check_count(n: object) -> None:
    """ValueError unless n is a number of pictures."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n, the number of pictures, must be a whole number from 1, not {n!r}")


def _sampler(model: Checkpoint | Denoiser, name: str) -> Callable[..., Iterator[Step]]:
    """The sampler of this name. ValueError if it can't draw from the model; of a bare Denoiser
    nobody knows whether it was distilled."""
    known: Mapping[str, Callable[..., Iterator[Step]]] = ALL_SAMPLERS
    if isinstance(model, Checkpoint):
        known = SAMPLERS if model.config.distill is None else STUDENT_SAMPLERS
    if name in known:
        return known[name]
    choose = f"choose one of {', '.join(known)}"
    if name in STUDENT_SAMPLERS:
        raise ValueError(f"{name} draws from distilled models, and this one was not: {choose}")
    if name in SAMPLERS:
        raise ValueError(f"{name} does not draw from distilled models, as this one is: {choose}")
    raise ValueError(f"unknown sampler {name!r}: {choose}")


def _check_student(
    config: Config,
    schedule: Schedule,
    guidance: float | None,
    classifier: TimedClassifier | None,
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
    if classifier is not None:
        raise ValueError("this model was distilled without a classifier: none can guide it")


def _check_classifier(
    classifier: TimedClassifier,
    denoiser: Denoiser,
    labels: Tensor | None,
    interval: tuple[float, float] | None,
) -> Tensor:
    """The labels, if the classifier can guide the model to them; ValueError says why not."""
    knows, draws = classifier.network, denoiser.network
    if knows.shape != draws.shape:
        raise ValueError(
            f"the classifier knows pictures {knows.shape}, the model has {draws.shape}"
        )
    if classifier.schedule.device != denoiser.schedule.device:
        raise ValueError(f"load the classifier on the model's device, {denoiser.schedule.device}")
    if interval is not None:
        raise ValueError("interval is for guidance without a classifier")
    if labels is None or labels.ndim > 1 or bool((labels == knows.num_classes).any()):
        raise ValueError("a classifier guides towards labels: give one for all or for each picture")
    return labels


def labels_for(n: int, labels: Labels, asked: Denoiser | TimedClassifier) -> Tensor | None:
    """A label for each picture, on the device; ValueError if the network that is asked has none
    such."""
    if labels is None:
        return None
    classes = asked.network.num_classes
    if classes is None:
        raise ValueError("this network was built without labels (num_classes=None)")
    try:
        given = torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"labels must be whole numbers, not {labels!r}") from error
    if given.shape == (n, classes) and given.is_floating_point():
        return given.to(asked.schedule.device)
    if given.shape not in ((), (n,)) or given.is_floating_point() or given.is_complex():
        raise ValueError(
            f"labels must be one for all, or {n} whole numbers, not {given.dtype} of shape "
            f"{tuple(given.shape)}"
        )
    # Reading them from an accelerator would make it wait; there the embedding itself guards, by an
    # assertion that ends the process
    if given.device.type == "cpu" and not bool(((given >= 0) & (given <= classes)).all()):
        raise ValueError(f"labels must lie between 0 and {classes - 1}, not {labels!r:.80}")
    return given.to(asked.schedule.device).long().expand(n)


def _noise(noise: Tensor, x: Tensor) -> Tensor:
    if not isinstance(noise, Tensor) or noise.shape != x.shape or not noise.is_floating_point():
        shape = tuple(getattr(noise, "shape", ()))
        raise ValueError(f"noise must be floats of shape {tuple(x.shape)}, not of shape {shape}")
    return noise.to(x.device)


def _start(start: tuple[Tensor, int], x: Tensor) -> tuple[Tensor, int]:
    """The picture of `start` as often as x (n, C, H, W) has room for it, and its time."""
    try:
        picture, t = start
    except (TypeError, ValueError) as error:
        raise ValueError("start must be a pair (picture, t)") from error
    if isinstance(t, bool) or not isinstance(t, int):
        raise ValueError(f"start must be (picture, t) with a whole number t, not {t!r}")
    if not isinstance(picture, Tensor) or not picture.is_floating_point():
        kind = getattr(picture, "dtype", type(picture).__name__)
        raise ValueError(f"the picture of start must be floats in [-1, 1], not {kind}")
    if picture.shape not in (x.shape, x.shape[1:]):
        raise ValueError(
            f"start must be a picture {tuple(x.shape[1:])}, or {len(x)} of them, not of shape "
            f"{tuple(picture.shape)}"
        )
    return picture.to(x.device).expand_as(x), t
