"""Schedules drawn by hand: a monotone curve of log-SNR through control points (u, log-SNR)."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

Point = tuple[float, float]  # (u, log-SNR)

MIN_POINTS, MAX_POINTS = 2, 32
MAX_DRAWN = 30.0  # of a point's log-SNR, either way: far beyond what float32 tells from ±∞
MIN_GAP = 1e-4  # between two points' u: closer ones could not be told apart, nor be dragged


def check_points(points: Sequence[Point]) -> None:
    """Raise ValueError, with what is wrong and what is expected, unless a schedule can pass through
    these points."""
    if not MIN_POINTS <= len(points) <= MAX_POINTS:
        raise ValueError(
            f"a drawn schedule has {MIN_POINTS} to {MAX_POINTS} points, not {len(points)}"
        )
    for u, log_snr in points:
        if not (math.isfinite(u) and 0 <= u <= 1):
            raise ValueError(f"a point's u must be a number from 0 to 1, not {u}")
        if not (math.isfinite(log_snr) and abs(log_snr) <= MAX_DRAWN):
            raise ValueError(
                f"a point's log-SNR must be a number from {-MAX_DRAWN:g} to {MAX_DRAWN:g}, "
                f"not {log_snr}"
            )
    for (u, log_snr), (next_u, next_log_snr) in pairwise(points):
        if next_u - u < MIN_GAP - 1e-12:  # of two decimals, float64 makes a little less
            raise ValueError(f"points must be in order of u, {MIN_GAP} apart: {next_u} follows {u}")
        if next_log_snr > log_snr:
            raise ValueError(f"log-SNR must not rise: {next_log_snr:g} follows {log_snr:g}")


def drawn_log_snr(points: Sequence[Point]) -> Callable[[Tensor], Tensor]:
    """The monotone cubic through the points, level before the first and after the last.

    Fritsch & Carlson 1980: Hermite cubics whose slopes are the means of the neighbouring secants,
    reduced where they would overshoot. Raises ValueError for points that `check_points` refuses.
    """
    check_points(points)
    at, value = torch.tensor(points, dtype=torch.float64).T.contiguous()
    width = at.diff()
    slope = _slopes(value.diff() / width)

    def log_snr(u: Tensor) -> Tensor:
        u = u.to(torch.float64).clamp(at[0], at[-1])
        k = torch.searchsorted(at, u, right=True).sub(1).clamp(0, len(width) - 1)
        s = (u - at[k]) / width[k]
        rise = value[k + 1] - value[k]
        left, right = slope[k] * width[k], slope[k + 1] * width[k]
        # the Hermite cubic in s from 0 to 1, by Horner's rule
        return value[k] + s * (
            left + s * (3 * rise - 2 * left - right + s * (left + right - 2 * rise))
        )

    return log_snr


def _slopes(secant: Tensor) -> Tensor:
    """At each point, within the region that keeps each piece monotone: Fritsch & Carlson 1980,
    section 4, its circle of radius 3."""
    slope = torch.cat([secant[:1], (secant[:-1] + secant[1:]) / 2, secant[-1:]])
    for k, rise in enumerate(secant.tolist()):
        if rise == 0:
            slope[k] = slope[k + 1] = 0
            continue
        length = math.hypot(slope[k].item() / rise, slope[k + 1].item() / rise)
        if length > 3:
            slope[k] *= 3 / length
            slope[k + 1] *= 3 / length
    return slope
