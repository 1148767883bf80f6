"""Reverse processes, as generators with one signature.

A sampler starts from x at time timesteps[0], visits the times given, and ends on the model's
guess of x_0. It knows the network only as eps_fn(x, t) -> ε. Where the steps lie is a choice
of its own: `spaced_timesteps`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ddpm.diffusion import EpsFn, Generators, randn_like
from ddpm.schedules import Schedule


@dataclass(frozen=True)
class Step:
    """What a sampler yields after each network call."""

    i: int  # 0, 1, … counts the steps
    t: int  # the time that the network was asked about
    x: Tensor  # the state after the step, (B, C, H, W)
    x_start: Tensor  # the model's guess of x_0 during the step, (B, C, H, W)


SPACINGS = ("trailing", "linspace", "leading", "logsnr")


def spaced_timesteps(schedule: Schedule, n: int, spacing: str = "trailing") -> list[int]:
    """n distinct times out of 0 … T-1, falling.

    "trailing" starts at T-1, "leading" ends at 0 and "linspace" does both (names of Lin et
    al. 2023, table 2); "logsnr" does both with steps even in log-SNR.
    """
    T = schedule.T
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= T:
        raise ValueError(f"the number of steps must be a whole number from 1 to {T}, not {n!r}")
    if spacing == "trailing":
        times = torch.arange(n, dtype=torch.float64).mul(-T / n).add(T - 1)
    elif spacing == "leading":
        times = torch.arange(n - 1, -1, -1, dtype=torch.float64) * (T // n)
    elif spacing == "linspace":
        times = torch.linspace(T - 1, 0, n, dtype=torch.float64)
    elif spacing == "logsnr":
        ends = schedule.log_snr.cpu().clamp(min=-20.0)  # a zero terminal SNR has no logarithm
        times = schedule.to("cpu").t_of_log_snr(torch.linspace(ends[-1], ends[0], n))
    else:
        raise ValueError(f"unknown spacing {spacing!r}: choose one of {', '.join(SPACINGS)}")
    times = times.round().long().tolist()
    # Rounding may join neighbours; keep all n apart and within the table.
    for i in range(n):
        times[i] = min(times[i], times[i - 1] - 1 if i else T - 1)
    return [max(t, n - 1 - i) for i, t in enumerate(times)]


def _visits(schedule: Schedule, timesteps: Sequence[int]) -> list[tuple[int, float, float]]:
    """Each time with its ᾱ and the ᾱ of the next one (1 after the last, which is x_0)."""
    times = list(timesteps)
    falling = all(a > b for a, b in itertools.pairwise(times))
    if not times or not falling or not 0 <= times[-1] <= times[0] < schedule.T:
        raise ValueError(f"timesteps must fall, between {schedule.T - 1} and 0, not {times[:8]}")
    acp = schedule.exact_alphas_cumprod[times].tolist()
    if acp[0] == 0.0:
        raise ValueError(
            f"ᾱ is 0 at t = {times[0]}: ε says nothing about x_0 there. Start one step later"
        )
    return list(zip(times, acp, [*acp[1:], 1.0], strict=True))


def _predict(eps_fn: EpsFn, x: Tensor, t: int, acp: float, clip: bool) -> tuple[Tensor, Tensor]:
    """The network's x̂_0, held to [-1, 1] if `clip`, and the ε that agrees with it."""
    eps = eps_fn(x, torch.full((len(x),), t, device=x.device))
    signal, sigma = acp**0.5, (1 - acp) ** 0.5
    x_start = (x - sigma * eps) / signal
    if clip:
        x_start = x_start.clamp(-1, 1)
        eps = (x - signal * x_start) / sigma
    return x_start, eps


@torch.no_grad()
def ddpm(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: bool = True,
    generator: Generators = None,
) -> Iterator[Step]:
    """Ancestral sampling, Ho et al. 2020, algorithm 2, with the variance β̃ of equation 7.

    For timesteps with gaps, β is the one that leads from one visited ᾱ to the next
    (Nichol & Dhariwal 2021, section 4).
    """
    for i, (t, acp, acp_prev) in enumerate(_visits(schedule, timesteps)):
        x_start, _ = _predict(eps_fn, x, t, acp, clip)
        alpha = acp / acp_prev
        # equation 7
        x = (acp_prev**0.5 * (1 - alpha) / (1 - acp)) * x_start + (
            alpha**0.5 * (1 - acp_prev) / (1 - acp)
        ) * x
        variance = (1 - alpha) * (1 - acp_prev) / (1 - acp)
        if variance > 0:
            x = x + variance**0.5 * randn_like(x, generator)
        yield Step(i, t, x, x_start)


@torch.no_grad()
def ddim(
    eps_fn: EpsFn,
    schedule: Schedule,
    x: Tensor,
    timesteps: Sequence[int],
    *,
    clip: bool = True,
    generator: Generators = None,
    eta: float = 0.0,
) -> Iterator[Step]:
    """Song et al. 2021, equation 12: deterministic at eta = 0, as noisy as `ddpm` at eta = 1."""
    for i, (t, acp, acp_prev) in enumerate(_visits(schedule, timesteps)):
        x_start, eps = _predict(eps_fn, x, t, acp, clip)
        # equation 16
        sigma = eta * ((1 - acp_prev) / (1 - acp) * (1 - acp / acp_prev)) ** 0.5
        x = acp_prev**0.5 * x_start + (1 - acp_prev - sigma**2) ** 0.5 * eps
        if sigma > 0:
            x = x + sigma * randn_like(x, generator)
        yield Step(i, t, x, x_start)


SAMPLERS: dict[str, Callable[..., Iterator[Step]]] = {"ddpm": ddpm, "ddim": ddim}
