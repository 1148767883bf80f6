"""Reverse processes, as generators with one signature.

A sampler starts from x at time timesteps[0], visits the times given, and ends on the model's
guess of x_0. It knows the network only as eps_fn(x, t) -> ε. Where the steps lie is a separate
choice, made in `spacing`.
"""

import math
from collections import ChainMap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ddpm.diffusion.denoiser import split_variance
from ddpm.diffusion.process import Clip, EpsFn, Generators, clipped, randn_like
from ddpm.sampling import checks
from ddpm.schedules import Schedule
from ddpm.shown import shown_by


@dataclass(frozen=True)
class Step:
    """What a sampler yields after each network call."""

    i: int  # 0, 1, … counts the steps
    t: int  # the time that the network was asked about
    x: Tensor  # the state after the step, (B, C, H, W)
    x_start: Tensor  # the model's guess of x_0 during the step, (B, C, H, W)

    _repr_png_ = shown_by("step_png")


class Film(list[Step]):
    """A list of steps, (B, C, H, W) each, which a notebook shows under a slider:
    `ddpm.Film(steps)` as the last line of a cell, for the steps of `ddpm.trajectory`."""

    _repr_html_ = shown_by("film_html")


MAX_STEP_RATIO = 2.0  # after a step this much longer than the last, `deis` drops its history
LOST = 2.0**-32  # an ᾱ at which 1/√ᾱ leaves 8 of the 24 bits of ε: one level of grey


def _predict(
    eps_fn: EpsFn, x: Tensor, t: int, acp: float, clip: Clip
) -> tuple[Tensor, Tensor | None]:
    """The network's x̂_0, held to [-1, 1] if `clip`, and the fractions v of a network that
    learned its variance. The ε that agrees with x̂_0 is (x - √ᾱ x̂_0) / √(1-ᾱ)."""
    output = eps_fn(x, torch.full((len(x),), t, device=x.device))
    eps, variance = split_variance(output, x)
    x_start = torch.sub(x, eps, alpha=(1 - acp) ** 0.5).div_(acp**0.5)
    return clipped(x_start, clip), variance


def _mix(a: float, x: Tensor, b: float, x_start: Tensor) -> Tensor:
    """a x + b x̂_0: the form of every step below, in two kernels."""
    return (a * x).add_(x_start, alpha=b)


@torch.no_grad()
def ddpm(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
    mean_shift: EpsFn | None = None,
) -> Iterator[Step]:
    """Ancestral sampling, Ho et al. 2020, algorithm 2, with the variance β̃ of equation 7, or
    the one that the network learned (Nichol & Dhariwal 2021, equation 15).

    For timesteps with gaps, β is the one that leads from one visited ᾱ to the next (section 4 of
    the latter).

    Args:
        eps_fn: (x, t) -> ε, or ε and learned variances (B, 2C, H, W); a `Denoiser` is one.
        schedule: whose times are counted.
        x: (B, C, H, W) at time timesteps[0]; of a whole run standard normal.
        timesteps: whole numbers from 0 to T-1 that fall: see `spaced_timesteps`.
        clip: hold x̂_0 to [-1, 1]; or a function of x̂_0 (B, C, H, W) that does it.
        generator: of the noise: one for all, or one for each picture.
        mean_shift: (x, t) -> (B, C, H, W), see `label_gradient`: moves the mean of each step by
            the step's variance times this gradient (Dhariwal & Nichol 2021, algorithm 1).

    ValueError, at the first step, for times that don't fall or that ε says nothing about.
    """
    for i, (t, acp, acp_prev) in enumerate(checks.visits(schedule, timesteps, clip)):
        x_start, learned = _predict(eps_fn, x, t, acp, clip)
        alpha = acp / acp_prev
        # equation 7
        of_x = alpha**0.5 * (1 - acp_prev) / (1 - acp)
        x, before = _mix(of_x, x, acp_prev**0.5 * (1 - alpha) / (1 - acp), x_start), x
        variance = (1 - alpha) * (1 - acp_prev) / (1 - acp)
        if variance > 0:
            sigma = variance**0.5
            if learned is not None:  # log σ from log √β̃ at v = -1 to log √β at v = 1
                widest = (1 - alpha) ** 0.5
                sigma = sigma * (widest / sigma) ** ((learned + 1) / 2)
            if mean_shift is not None:
                x = x + sigma**2 * mean_shift(before, torch.full((len(x),), t, device=x.device))
            x = x + sigma * randn_like(x, generator)
        yield Step(i, t, x, x_start)


@torch.no_grad()
def ddim(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
    eta: float = 0.0,
) -> Iterator[Step]:
    """Song et al. 2021, equation 12: deterministic at eta = 0, as noisy as `ddpm` at eta = 1.

    Arguments and errors as of `ddpm`: eps_fn, schedule, x (B, C, H, W), timesteps, clip, generator.
    eta, from 0 to 1, is the share of its noise.
    """
    eta = checks.eta(eta)
    for i, (t, acp, acp_prev) in enumerate(checks.visits(schedule, timesteps, clip)):
        x_start, _ = _predict(eps_fn, x, t, acp, clip)
        # equation 16
        sigma = eta * ((1 - acp_prev) / (1 - acp) * (1 - acp / acp_prev)) ** 0.5
        # equation 12: √ᾱ' x̂_0 + √(1-ᾱ'-σ²) ε, with ε written in x and x̂_0
        of_x = (max(0.0, 1 - acp_prev - sigma**2) / (1 - acp)) ** 0.5
        x = _mix(of_x, x, acp_prev**0.5 - of_x * acp**0.5, x_start)
        if sigma > 0:
            x = x + sigma * randn_like(x, generator)
        yield Step(i, t, x, x_start)


@torch.no_grad()
def dpm_solver(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
) -> Iterator[Step]:
    """DPM-Solver++(2M), Lu et al. 2022: deterministic, second order in log-SNR.

    Each step is DDIM's, with x̂_0 extrapolated along the line through this guess and the last one
    so that the integral of proposition 4.1 over that line is exact. Algorithm 2 extrapolates by
    half a step, the limit for short steps: on Gaussian data that is closer to the exact solution
    from 10 steps on, but this draws better garments (benchmarks/exact_integral.py). The first step
    and the last, which ends at x̂_0, are plain DDIM.

    Arguments and errors as of `ddpm`: eps_fn, schedule, x (B, C, H, W), timesteps, clip. generator
    is not used, since no step draws noise.
    """
    previous, last_h = None, 0.0
    for i, (t, acp, acp_prev) in enumerate(checks.visits(schedule, timesteps, clip)):
        x_start, _ = _predict(eps_fn, x, t, acp, clip)
        ahead = x_start
        if acp_prev < 1:
            h = (_log_snr(acp_prev) - _log_snr(acp)) / 2  # λ of the paper is half the log-SNR
            if previous is not None:
                # ∫ (λ - λ_s) e^(λ - λ_t) dλ over ∫ e^(λ - λ_t) dλ, from λ_s to λ_t = λ_s + h
                reach = h / -math.expm1(-h) - 1
                ahead = torch.lerp(previous, x_start, 1 + reach / last_h)
            previous, last_h = x_start, h
        shrink = ((1 - acp_prev) / (1 - acp)) ** 0.5  # σ_t / σ_s
        x = _mix(shrink, x, acp_prev**0.5 - shrink * acp**0.5, ahead)
        yield Step(i, t, x, x_start)


def _log_snr(acp: float) -> float:
    return math.log(acp) - math.log1p(-acp)


@torch.no_grad()
def deis(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
) -> Iterator[Step]:
    """tAB-DEIS of order 3, Zhang & Chen 2022, equations 14 and 15: deterministic.

    With y = x/√ᾱ and ρ = √(1-ᾱ)/√ᾱ the reverse ODE is dy = ε dρ. ε is replaced by the
    polynomial in t through its last four values, integrated over ρ along the table of any
    schedule. The last step, which ends at x̂_0, is plain DDIM, and so is one much longer than the
    step before it: a polynomial through neighbours says nothing about a point far away. So are
    those below `LOST`: y would keep the rounding of ε times ρ, which in the end is all there is.

    Arguments and errors as of `ddpm`: eps_fn, schedule, x (B, C, H, W), timesteps, clip. generator
    is not used, since no step draws noise.
    """
    rho = ((1 - schedule.exact_alphas_cumprod) / schedule.exact_alphas_cumprod).sqrt()
    history: list[tuple[int, Tensor]] = []  # (t, ε), newest first
    visits = checks.visits(schedule, timesteps, clip)
    for i, (t, acp, acp_prev) in enumerate(visits):
        x_start, _ = _predict(eps_fn, x, t, acp, clip)
        eps = _mix((1 - acp) ** -0.5, x, -((acp / (1 - acp)) ** 0.5), x_start)
        history = [(t, eps), *history[:3]]
        if acp_prev == 1 or acp < LOST:
            shrink = ((1 - acp_prev) / (1 - acp)) ** 0.5
            x = _mix(shrink, x, acp_prev**0.5 - shrink * acp**0.5, x_start)
            history = []
        else:
            t_next = visits[i + 1][0]
            if len(history) > 1 and t - t_next > MAX_STEP_RATIO * (history[1][0] - t):
                history = history[:1]
            weights = _adams_bashforth(rho, t, t_next, [time for time, _ in history])
            terms = [weight * e for weight, (_, e) in zip(weights, history, strict=True)]
            push = sum(terms, torch.zeros_like(x))
            x = _mix((acp_prev / acp) ** 0.5, x, acp_prev**0.5, push)
        yield Step(i, t, x, x_start)


def _adams_bashforth(rho: Tensor, t: int, t_next: int, nodes: list[int]) -> list[float]:
    """∫ ℓ_j dρ from t to t_next, for each Lagrange polynomial ℓ_j of the nodes, as a function
    of time: the trapezoid rule over the table, which knows ρ at each whole t."""
    times = torch.arange(t, t_next - 1, -1)
    step = rho[times].diff()
    weights = []
    for node in nodes:
        others = [other for other in nodes if other != node]
        basis = torch.ones(len(times), dtype=torch.float64)
        for other in others:
            basis = basis * (times - other) / (node - other)
        weights.append(float(((basis[1:] + basis[:-1]) / 2 * step).sum()))
    return weights


@torch.no_grad()
def consistency(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
) -> Iterator[Step]:
    """Song et al. 2023, algorithm 1: each call jumps to x̂_0, and fresh noise takes that back to the
    next time. For a network that was distilled: another's x̂_0 is a mean of many pictures.

    Arguments and errors as of `ddpm`: eps_fn, schedule, x (B, C, H, W), timesteps, clip, generator.
    """
    for i, (t, acp, acp_prev) in enumerate(checks.visits(schedule, timesteps, clip)):
        x_start, _ = _predict(eps_fn, x, t, acp, clip)
        x = x_start
        if acp_prev < 1:
            x = _mix(acp_prev**0.5, x_start, (1 - acp_prev) ** 0.5, randn_like(x, generator))
        yield Step(i, t, x, x_start)


@torch.no_grad()
def flow_map(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: Clip = True,
    generator: Generators = None,
) -> Iterator[Step]:
    """Boffi et al. 2024: each call jumps to where the teacher's path is at the next time, without
    noise. It is the step of `ddim` with the x̂_0 that leads there, from a network that is told where
    it goes: see `towards`.

    Arguments and errors as of `ddpm`: eps_fn, schedule, x (B, C, H, W), timesteps, clip. generator
    is not used, since no step draws noise.
    """
    yield from ddim(eps_fn, schedule, x, timesteps, clip=clip)


SAMPLERS: dict[str, Callable[..., Iterator[Step]]] = {
    "ddpm": ddpm,
    "ddim": ddim,
    "dpm_solver": dpm_solver,
    "deis": deis,
}
# For distilled networks, which no other sampler can draw from.
STUDENT_SAMPLERS: dict[str, Callable[..., Iterator[Step]]] = {"consistency": consistency}
# For those that are told where they go, too.
FLOW_SAMPLERS = STUDENT_SAMPLERS | {"flow_map": flow_map}
ALL_SAMPLERS = ChainMap(FLOW_SAMPLERS, SAMPLERS)  # lists the last one's names first

# The best spacing for few steps, measured on the shipped model (see its card). DEIS gains from
# "middle" too, but only at 5 calls.
BEST_SPACING = dict.fromkeys(ALL_SAMPLERS, "trailing") | {"dpm_solver": "middle"}
