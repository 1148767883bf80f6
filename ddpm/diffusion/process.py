"""The forward process q, the reverse process p, and the loss.

Equation numbers are those of Ho et al. 2020, "Denoising Diffusion Probabilistic Models".
Images x are (B, C, H, W) in [-1, 1]; times t are (B,), counting 0 … T-1.
"""

import math
from collections.abc import Callable, Sequence
from numbers import Integral

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from ddpm.diffusion.denoiser import Denoiser, split_variance
from ddpm.diffusion.seeds import generator
from ddpm.networks.network import Given
from ddpm.schedules import Schedule, extract

# (x, t) -> ε, all that a sampler knows of a network. One that learned its variance appends the
# fractions v of `p_mean_variance` as further channels: (B, 2C, H, W).
EpsFn = Callable[[Tensor, Tensor], Tensor]
Generators = torch.Generator | Sequence[torch.Generator] | None
# Whether to hold x̂_0 to [-1, 1]; or a function of x̂_0 that does it in another way
Clip = bool | Callable[[Tensor], Tensor]


def randn_like(x: Tensor, generator: Generators = None) -> Tensor:
    """Standard normal noise shaped like x (B, …), on its device.

    `generator` is one for the batch, or a list with one for each image: then image k gets
    the same noise at any batch size. Drawn where the generator lives. ValueError unless a list has
    B of them.
    """
    if generator is None or isinstance(generator, torch.Generator):
        where = x.device if generator is None else generator.device
        noise = torch.randn(x.shape, generator=generator, device=where, dtype=x.dtype)
    else:
        if len(generator) != len(x):
            raise ValueError(f"{len(x)} images need as many generators, not {len(generator)}")
        rows = [torch.randn(x.shape[1:], generator=g, device=g.device) for g in generator]
        noise = torch.stack(rows).to(x.dtype)
    return noise.to(x.device)


def generators(n: int, seed: int | Sequence[int]) -> list[torch.Generator]:
    """For `randn_like` and samplers: image k comes from the seed `seed + k`, whatever n is, or from
    seed[k]. ValueError unless there are n of them."""

    def is_whole(each: object) -> bool:
        return isinstance(each, Integral) and not isinstance(each, bool)

    seeds = range(int(seed), int(seed) + n) if isinstance(seed, Integral) else seed
    if isinstance(seed, bool) or not isinstance(seeds, Sequence) or not all(map(is_whole, seeds)):
        raise ValueError(
            f"seed must be a whole number, or a list with one for each picture, not {seed!r:.80}"
        )
    if len(seeds) != n:
        raise ValueError(f"{n} images need as many seeds, not {len(seeds)}")
    return [generator(int(each)) for each in seeds]


def q_sample(schedule: Schedule, x_start: Tensor, t: Tensor, noise: Tensor | None = None) -> Tensor:
    """x_t (B, C, H, W) from x_0 in one jump: √ᾱ_t x_0 + √(1-ᾱ_t) ε, Ho et al. 2020, equation 4.

    x_start is x_0 (B, C, H, W) in [-1, 1], t (B,) whole numbers from 0 to T-1 of `schedule`, and
    noise ε like x_0; None to draw it from the global generator. ValueError for other t.
    """
    _check_t(schedule, t, x_start)
    noise = randn_like(x_start) if noise is None else noise
    return (
        extract(schedule.sqrt_alphas_cumprod, t, x_start) * x_start
        + extract(schedule.sqrt_one_minus_alphas_cumprod, t, x_start) * noise
    )


def q_posterior(
    schedule: Schedule, x_start: Tensor, x_t: Tensor, t: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean (B, C, H, W) and variance (B, 1, 1, 1) of q(x_{t-1} | x_t, x_0), Ho et al. 2020,
    equations 6 and 7, of `schedule`; x_start and x_t (B, C, H, W), t (B,). ValueError for a t out
    of range."""
    _check_t(schedule, t, x_t)
    mean = (
        extract(schedule.posterior_mean_coef1, t, x_t) * x_start
        + extract(schedule.posterior_mean_coef2, t, x_t) * x_t
    )
    return mean, extract(schedule.posterior_variance, t, x_t)


def predict_start_from_noise(schedule: Schedule, x_t: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """x̂_0 = (x_t - √(1-ᾱ_t) ε) / √ᾱ_t: equation 4 of Ho et al. 2020 solved for x_0.

    x_t and eps (B, C, H, W), t (B,) whole numbers from 0 to T-1 of `schedule`. ValueError where ᾱ_t
    is 0.
    """
    _check_t(schedule, t, x_t)
    # a schedule that never reaches 0 needs no look at t, for which an accelerator would wait
    if schedule.last < schedule.T - 1 and bool((t > schedule.last).any()):
        raise ValueError(
            f"ᾱ is 0 at t = {schedule.T - 1}: ε says nothing about x_0 there. Begin at "
            f"t = {schedule.last}"
        )
    return (x_t - extract(schedule.sqrt_one_minus_alphas_cumprod, t, x_t) * eps) / extract(
        schedule.sqrt_alphas_cumprod, t, x_t
    )


def clipped(x_start: Tensor, clip: Clip) -> Tensor:
    """x̂_0 (B, C, H, W) as the next step is to take it."""
    if callable(clip):
        return clip(x_start)
    return x_start.clamp(-1, 1) if clip else x_start


LOSSES = {"l1": F.l1_loss, "l2": F.mse_loss, "huber": F.smooth_l1_loss}
BOUND_WEIGHT = 1e-3  # λ of Nichol & Dhariwal 2021, section 3.1


def p_losses(
    denoiser: Denoiser,
    x_start: Tensor,
    t: Tensor,
    noise: Tensor | None = None,
    *,
    loss: str = "huber",
    labels: Given = None,
) -> Tensor:
    """The training loss, a scalar: equation 14 of Ho et al. 2020 for objective "eps" and loss "l2".

    For a network that learns its variance, the hybrid loss of Nichol & Dhariwal 2021, equation
    16: λ times the variational bound is added, which trains the variance and not the mean.

    Args:
        denoiser: whose network is asked, under its schedule.
        x_start: x_0 (B, C, H, W) in [-1, 1].
        t: times (B,), whole numbers from 0 to T-1.
        noise: ε like x_0; None to draw it from the global generator.
        loss: a name in `LOSSES`; ValueError for another.
        labels: (B,), a `Condition`, or None.
    """
    if loss not in LOSSES:
        raise ValueError(f"unknown loss {loss!r}: choose one of {', '.join(LOSSES)}")
    noise = randn_like(x_start) if noise is None else noise
    x_noisy = q_sample(denoiser.schedule, x_start, t, noise)
    prediction, variance = split_variance(denoiser.network(x_noisy, t, labels), x_start)
    simple = LOSSES[loss](prediction, denoiser.target(x_start, t, noise))
    if variance is None:
        return simple
    frozen = denoiser.to_eps(x_noisy, t, prediction.detach())
    output = torch.cat([frozen, variance], dim=1)
    seen = t <= denoiser.schedule.last  # where ᾱ_t is 0 there is no bound, and no sampler begins
    bound = x_start.new_zeros(len(t))
    bound[seen] = variational_bound(
        denoiser.schedule, x_start[seen], x_noisy[seen], t[seen], output[seen]
    )
    return simple + BOUND_WEIGHT * denoiser.schedule.T * bound.mean()


def p_mean_variance(
    schedule: Schedule, x: Tensor, t: Tensor, output: Tensor, *, clip: Clip = True
) -> tuple[Tensor, Tensor]:
    """Mean and log-variance of p(x_{t-1} | x_t), from what an eps_fn returns for x (B, C, H, W).

    The variance is β̃ of equation 7; or exp(v log β + (1-v) log β̃) where the network predicts v
    (Nichol & Dhariwal 2021, equation 15; as in the paper, v is the output mapped from [-1, 1]
    to [0, 1]).
    """
    eps, variance = split_variance(output, x)
    x_start = clipped(predict_start_from_noise(schedule, x, t, eps), clip)
    mean, _ = q_posterior(schedule, x_start, x, t)
    low = extract(schedule.posterior_log_variance_clipped, t, x)
    if variance is None:
        return mean, low.expand_as(mean)
    return mean, torch.lerp(low, extract(schedule.betas, t, x).log(), (variance + 1) / 2)


def variational_bound(
    schedule: Schedule, x_start: Tensor, x_t: Tensor, t: Tensor, output: Tensor
) -> Tensor:
    """The term of t in the variational bound, (B,) in bits per dimension: equation 5.

    KL(q(x_{t-1} | x_t, x_0) ‖ p(x_{t-1} | x_t)); at t = 0 the surprise at x_0's own grey levels,
    whole steps of 2/255, under the Gaussian p (equation 13).
    """
    mean, log_variance = p_mean_variance(schedule, x_t, t, output)
    p = Normal(mean, (log_variance / 2).exp(), validate_args=False)
    q_mean, _ = q_posterior(schedule, x_start, x_t, t)
    q_log_variance = extract(schedule.posterior_log_variance_clipped, t, x_t)
    q = Normal(q_mean, (q_log_variance / 2).exp(), validate_args=False)
    above = torch.where(x_start > 0.999, 1.0, p.cdf(x_start + 1 / 255))  # the ends are open
    below = torch.where(x_start < -0.999, 0.0, p.cdf(x_start - 1 / 255))
    surprise = -(above - below).clamp(min=1e-12).log()
    first = (t == 0).reshape(-1, *((1,) * (x_t.ndim - 1)))
    nats = torch.where(first, surprise, kl_divergence(q, p))
    return nats.flatten(1).mean(1) / math.log(2)


@torch.no_grad()
def p_sample(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    t: Tensor,
    *,
    clip: Clip = True,
    generator: Generators = None,
) -> Tensor:
    """One ancestral step x_t -> x_{t-1}, (B, C, H, W), Ho et al. 2020, algorithm 2; at t = 0 the
    mean, without noise.

    With `clip`, x̂_0 is held to [-1, 1] first: under the cosine schedule the first step
    multiplies an error in ε by more than 100. `eps_fn` is (x, t) -> ε under `schedule`, t (B,) of
    one value, and `generator` one for all, or a list with one for each picture.
    """
    mean, log_variance = p_mean_variance(schedule, x, t, eps_fn(x, t), clip=clip)
    sigma = (log_variance / 2).exp() * (t > 0).reshape(-1, *((1,) * (x.ndim - 1)))
    return mean + sigma * randn_like(x, generator)


def _check_t(schedule: Schedule, t: Tensor, x: Tensor) -> None:
    if t.shape != x.shape[:1]:
        raise ValueError(
            f"t must have one time for each image, shape {tuple(x.shape[:1])}, not {tuple(t.shape)}"
        )
    if t.is_floating_point():
        raise ValueError(f"t must be whole numbers, not {t.dtype}")
    # Reading the values would make an accelerator wait; there gather itself raises.
    if t.device.type == "cpu" and bool(((t < 0) | (t >= schedule.T)).any()):
        raise ValueError(f"t must lie between 0 and {schedule.T - 1}, not {t.tolist()[:8]}")
