"""Closures over a denoiser: the eps_fn(x, t) that a sampler asks for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.diffusion.denoiser import Denoiser, signal_and_noise, split_variance
from ddpm.diffusion.process import EpsFn
from ddpm.networks.network import PICTURE, Condition, Given
from ddpm.sampling import checks
from ddpm.schedules import Schedule

CLEAR = -3.0  # log-SNR: with less, x̂_0 is what little ε̂ leaves of x_t, and no scale suits it

# (x_t, t) -> logits (B, classes) of log p(label | x_t), differentiable in x_t
Classifier = Callable[[Tensor, Tensor], Tensor]


class TimedClassifier(checks.Asked, Protocol):
    """A `Classifier` that says whose times its t counts, and what pictures it knows."""

    def __call__(self, x: Tensor, t: Tensor) -> Tensor: ...


def classifier_free_guided(
    denoiser: Denoiser,
    labels: checks.Labels,
    scale: float = 1.0,
    *,
    interval: tuple[float, float] | None = None,
    given: Condition | None = None,
) -> EpsFn:
    """Classifier-free guidance, Ho & Salimans 2022: ε_∅ + scale (ε_label - ε_∅).

    labels (B,) or one for all, weights of labels (B, classes), or None for none; `given`, such as a
    small picture to enlarge, stays. scale 1 is the plain conditional model and costs one batch, 0
    ignores the labels, more exaggerates them and doubles the batch of each call. With
    interval=(low, high) the scale applies at low <= t <= high only, in times of the denoiser's
    schedule, and is 1 elsewhere: guidance helps in the middle of the way and costs variety at its
    ends (Kynkäänniemi et al. 2024).
    """
    scale, asked = checks.scale(scale), checks.labels(None, labels, denoiser)
    if asked is None or (scale == 0.0 and interval is None):
        return denoiser if given is None else lambda x, t: denoiser(x, t, given)
    classes = cast(int, denoiser.network.num_classes)
    shown, nothing = asked, torch.full((len(asked),), classes, device=asked.device)
    if asked.is_floating_point():
        shown, nothing = F.pad(asked, (0, 1)), F.one_hot(nothing, classes + 1).to(asked.dtype)
    if given is not None:
        shown, nothing = replace(given, labels=shown), replace(given, labels=nothing)
    return led_away(denoiser, shown, nothing, scale, interval)


def towards(denoiser: Denoiser, labels: Tensor | None, timesteps: Sequence[int]) -> EpsFn:
    """A flow map's ε that leads to the next of these times, which fall, and after the last to the
    picture; labels as of `classifier_free_guided`."""
    ends = torch.full((denoiser.schedule.T,), PICTURE)
    ends[timesteps] = torch.tensor([*timesteps[1:], PICTURE])
    ends = ends.to(denoiser.schedule.device)
    return lambda x, t: denoiser(x, t, Condition(labels=labels, end=ends[t]))


def led_away(
    denoiser: Denoiser,
    shown: Given,
    hidden: Given,
    scale: float,
    interval: tuple[float, float] | None = None,
) -> EpsFn:
    """ε_hidden + scale (ε_shown - ε_hidden), in one batch; a learned variance is the first's."""
    scale, (low, high) = checks.scale(scale), checks.interval(interval)
    if scale == 1.0:
        return lambda x, t: denoiser(x, t, shown)
    if isinstance(shown, Condition) and isinstance(hidden, Condition):
        both: Given = shown.cat(hidden)
    else:
        both = torch.cat(cast(list[Tensor], [shown, hidden]))

    def guided(x: Tensor, t: Tensor) -> Tensor:
        inside = (t >= low) & (t <= high)
        # looking at t would make an accelerator wait: there both halves are always computed
        if t.device.type == "cpu" and not inside.any():
            return denoiser(x, t, shown)
        asked = both
        if isinstance(both, Tensor) and len(both) < 2 * len(x):  # one label for all
            asked = both.repeat_interleave(len(x), 0)
        output, without = denoiser(torch.cat([x, x]), torch.cat([t, t]), asked).chunk(2)
        eps, variance = split_variance(output, x)
        weight = torch.where(inside, scale, 1.0).reshape(-1, *((1,) * (x.ndim - 1)))
        eps = torch.lerp(split_variance(without, x)[0], eps, weight)
        return eps if variance is None else torch.cat([eps, variance], dim=1)

    return guided


def autoguided(
    denoiser: Denoiser,
    worse: Denoiser,
    labels: checks.Labels = None,
    scale: float = 1.0,
    *,
    interval: tuple[float, float] | None = None,
) -> EpsFn:
    """Guidance by a worse version of the same model, Karras et al. 2024:
    ε_worse + scale (ε - ε_worse).

    Where both are unsure the worse one errs more, and in the same direction: away from it is
    towards what both learned from. `worse` may be smaller or less trained, under a schedule of its
    own; it is asked at the same log-SNR. Both get the labels (B,), or their weights (B, classes),
    as far as they know any. scale 1 is the denoiser alone, and costs no second call; `interval` as
    for `classifier_free_guided`. ValueError if the two know pictures of different shapes.
    """
    scale, (low, high) = checks.scale(scale), checks.interval(interval)
    better = classifier_free_guided(denoiser, labels)
    if denoiser.network.shape != worse.network.shape:
        raise ValueError(
            f"the worse model knows pictures {worse.network.shape}, the model has "
            f"{denoiser.network.shape}"
        )
    if scale == 1.0:
        return better
    other = classifier_free_guided(worse, labels if worse.network.num_classes is not None else None)
    if worse.schedule is not denoiser.schedule:
        other = retimed(other, worse.schedule, denoiser.schedule)

    def guided(x: Tensor, t: Tensor) -> Tensor:
        inside = (t >= low) & (t <= high)
        if t.device.type == "cpu" and not inside.any():
            return better(x, t)
        eps, variance = split_variance(better(x, t), x)
        weight = torch.where(inside, scale, 1.0).reshape(-1, 1, 1, 1)
        eps = torch.lerp(split_variance(other(x, t), x)[0], eps, weight)
        return eps if variance is None else torch.cat([eps, variance], dim=1)

    return guided


def classifier_guided(
    eps_fn: EpsFn,
    classifier: Classifier,
    schedule: Schedule,
    labels: Sequence[int] | Tensor,
    scale: float = 1.0,
    *,
    interval: tuple[float, float] | None = None,
) -> EpsFn:
    """Classifier guidance, Dhariwal & Nichol 2021, section 4.2:
    ε - √(1-ᾱ_t) scale ∇ log p(labels | x_t), for any sampler.

    eps_fn may be a network that never saw a label. Its t and the classifier's count the times of
    `schedule`; a classifier that learned under another one goes through `retimed` first:
    retimed(classifier, classifier.schedule, schedule). A learned variance is passed through.
    `interval` as for `classifier_free_guided`, in times of `schedule`.
    """
    scale, (low, high) = checks.scale(scale), checks.interval(interval)
    gradient = label_gradient(classifier, labels)

    def guided(x: Tensor, t: Tensor) -> Tensor:
        eps, variance = split_variance(eps_fn(x, t), x)
        _, sigma = signal_and_noise(schedule, x, t)
        weight = torch.where((t >= low) & (t <= high), scale, 1.0).reshape(-1, 1, 1, 1)
        eps = eps - sigma * (weight * gradient(x, t))
        return eps if variance is None else torch.cat([eps, variance], dim=1)

    return guided


def label_gradient(
    classifier: Classifier, labels: Sequence[int] | Tensor, scale: float = 1.0
) -> EpsFn:
    """(x_t, t) -> scale ∇ log p(labels | x_t), shaped like x_t (B, C, H, W); labels are (B,).

    `classifier` is (x_t, t) -> logits (B, classes), differentiable in x_t. The sampler `ddpm` takes
    the gradient as mean_shift=: Dhariwal & Nichol 2021, algorithm 1. ValueError, when it is asked,
    for labels that the classifier doesn't have.
    """
    scale, asked = checks.scale(scale), checks.labels_of_each(labels)

    def gradient(x: Tensor, t: Tensor) -> Tensor:
        if asked.shape != x.shape[:1]:
            raise ValueError(f"labels must be ({len(x)},), not {tuple(asked.shape)}")
        with torch.enable_grad():  # samplers switch gradients off
            x = x.detach().requires_grad_()
            logits = classifier(x, t)
            _check_labels(asked, logits.shape[1])
            log_p = logits.log_softmax(1).gather(1, asked[:, None].to(x.device))
            (slope,) = torch.autograd.grad(log_p.sum(), x)  # each x has a log p of its own
        return scale * slope

    return gradient


def _check_labels(labels: Tensor, classes: int) -> None:
    if labels.device.type == "cpu":  # reading them from an accelerator would make it wait
        for label in (int(labels.min()), int(labels.max())):
            if not 0 <= label < classes:
                raise ValueError(f"labels must lie between 0 and {classes - 1}, not {label}")


def eps_scaled(eps_fn: EpsFn, scale: float, schedule: Schedule) -> EpsFn:
    """ε̂ / scale wherever the log-SNR is `CLEAR` or more (epsilon scaling, Ning et al. 2024).

    In training x_t is a picture and noise. On its own way a network also meets the errors that it
    made before, takes them for noise, and predicts a little too much of it: a scale just above 1
    makes up for that. A learned variance is passed through.
    """
    if scale == 1.0:
        return eps_fn

    def scaled(x: Tensor, t: Tensor) -> Tensor:
        eps, variance = split_variance(eps_fn(x, t), x)
        clear = (schedule.log_snr_at(t) >= CLEAR).reshape(-1, 1, 1, 1)
        eps = torch.where(clear, eps / scale, eps)
        return eps if variance is None else torch.cat([eps, variance], dim=1)

    return scaled


def retimed(eps_fn: EpsFn, trained_on: Schedule, schedule: Schedule) -> EpsFn:
    """An eps_fn for `schedule`, from one for `trained_on`: each t is sent to the (fractional)
    time at which the training schedule has the same log-SNR, so the network sees the noise it
    knows (Kingma et al. 2021, section 5.1). Levels beyond the training range meet its ends.
    """
    times = trained_on.t_of_log_snr(schedule.log_snr.to(trained_on.device))

    def as_noisy(x: Tensor, t: Tensor) -> Tensor:
        if t.is_floating_point():  # under a third schedule
            return eps_fn(x, trained_on.t_of_log_snr(schedule.log_snr_at(t)))
        return eps_fn(x, times[t])

    return as_noisy


def at_same_noise(
    interval: tuple[float, float] | None, trained_on: Schedule, schedule: Schedule
) -> tuple[float, float]:
    """The interval in times of `schedule`. One that reaches an end of the training range also has
    what lies beyond."""
    low, high = checks.interval(interval)
    inner = torch.tensor([low, high], device=trained_on.device).clamp(0, trained_on.T - 1)
    first, last = schedule.t_of_log_snr(trained_on.log_snr_at(inner)).tolist()
    return first if low > 0 else low, last if high < trained_on.T - 1 else math.inf
