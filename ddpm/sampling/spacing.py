"""Which times a reverse process visits: a choice that matters more than the sampler."""

import math

import torch
from torch import Tensor

from ddpm.diffusion.process import Generators, q_sample, randn_like
from ddpm.sampling import checks
from ddpm.schedules import Schedule

SPACINGS = ("trailing", "linspace", "leading", "logsnr", "middle")
# The log-SNRs between which a picture is decided: below, x̂_0 is the mean of all pictures whatever
# x_t is (√ᾱ is 0.001), above it hardly differs from x_t (σ is 0.011).
MIDDLE = (-14.0, 9.0)


def spaced_timesteps(
    schedule: Schedule, n: int, spacing: str = "trailing", *, start: int | None = None
) -> list[int]:
    """n distinct times out of 0 … start, falling; start is `schedule.last` unless given.

    Args:
        schedule: whose times are counted.
        n: how many, from 1 to start + 1.
        spacing: "trailing" begins at start, "leading" ends at 0 and "linspace" does both (names of
            Lin et al. 2023, table 2); "logsnr" does both with steps even in log-SNR, and "middle"
            places them where they matter, within `MIDDLE`.
        start: the first time that may be taken, from 0 to T-1.

    ValueError for a number out of its range, or an unknown spacing.
    """
    start = schedule.last if start is None else start
    T = 1 + checks.whole("the time to start at", start, 0, schedule.T - 1)
    n = checks.whole("the number of steps", n, 1, T)
    if spacing == "trailing":
        times = torch.arange(n, dtype=torch.float64).mul(-T / n).add(T - 1)
    elif spacing == "leading":
        times = torch.arange(n - 1, -1, -1, dtype=torch.float64) * (T // n)
    elif spacing == "linspace":
        times = torch.linspace(T - 1, 0, n, dtype=torch.float64)
    elif spacing in ("logsnr", "middle"):
        low, high = -20.0, math.inf  # a zero terminal SNR has no logarithm
        if spacing == "middle":
            # Fewer steps do better in a narrower range, by the Fréchet distance with 5 to 20 of
            # them; but above -7.5 pure noise is too unlike x_t to start from
            low = MIDDLE[0] + min(32.0 / n, 6.5)
            high = MIDDLE[1] - min(9.5 / n, 2.0)
        ends = schedule.log_snr[:T].cpu().clamp(low, high)
        times = schedule.to("cpu").t_of_log_snr(torch.linspace(ends[-1], ends[0], n))
        times = times.clamp(max=schedule.last)
    else:
        raise ValueError(f"unknown spacing {spacing!r}: choose one of {', '.join(SPACINGS)}")
    times = times.round().long().tolist()
    # Rounding may join neighbours; keep all n apart and within the table.
    for i in range(n):
        times[i] = min(times[i], times[i - 1] - 1 if i else T - 1)
    return [max(t, n - 1 - i) for i, t in enumerate(times)]


@torch.no_grad()
def start_from_picture(
    schedule: Schedule,
    x_start: Tensor,
    t: int,
    n: int,
    spacing: str = "trailing",
    *,
    generator: Generators = None,
) -> tuple[Tensor, list[int]]:
    """Where a reverse process begins that keeps something of a picture: x_t of x_start
    (B, C, H, W), and n times from t down (SDEdit, Meng et al. 2022, algorithm 1).

    Hand both to any sampler. A small t keeps the picture, a large one only its rough layout; n,
    `spacing` and `schedule` as for `spaced_timesteps`, whose ValueError it raises. `generator` is
    one for the noise of all, or a list with one for each picture.
    """
    times = spaced_timesteps(schedule, n, spacing, start=t)
    first = torch.full((len(x_start),), times[0], device=x_start.device)
    return q_sample(schedule, x_start, first, randn_like(x_start, generator)), times
