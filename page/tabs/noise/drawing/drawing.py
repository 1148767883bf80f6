"""The schedule that a hand draws on the Noise tab: what it may start from, and its limits. The
browser computes its tables itself: see page/in_browser/diffusion/curve.js and drawing.js.
"""

from functools import lru_cache

import torch

import ddpm
from ddpm.schedules.drawn import MAX_DRAWN, MAX_POINTS, Point
from ddpm.schedules.schedule import MAX_LOG_SNR, MIN_FALL
from page.tabs.noise.exact_denoiser.mismatch import NOISE_ENOUGH

# A drawing starts with points even in log-SNR where pictures are decided, and the two ends: few
# enough for a finger on a phone, and ᾱ differs by less than 0.02.
EVEN, EVEN_LOG_SNR = 8, 6.0
LIMITS = {
    "most": MAX_LOG_SNR,
    "fall": MIN_FALL,
    "most_points": MAX_POINTS,
    "most_drawn": MAX_DRAWN,
    "noise_enough": NOISE_ENOUGH,
    "color": len(ddpm.SCHEDULES),  # the first that no named schedule has
}


@lru_cache(256)
def starts(T: int, notebook: bool) -> dict[str, list[Point]]:
    """For every named schedule, points through which the drawn one is nearly the same."""
    return {
        name: _points(ddpm.Schedule.named(name, T, rescale=not notebook)) for name in ddpm.SCHEDULES
    }


def _points(schedule: ddpm.Schedule) -> list[Point]:
    log_snr = schedule.exact_log_snr.clamp(-MAX_LOG_SNR, MAX_LOG_SNR)
    middle = log_snr[[0, -1]].clamp(-EVEN_LOG_SNR, EVEN_LOG_SNR)
    even = torch.linspace(float(middle[0]), float(middle[1]), EVEN, dtype=torch.float64)
    steps = {int((log_snr - value).abs().argmin()) for value in even} | {0, schedule.T - 1}
    return [(round((t + 0.5) / schedule.T, 4), round(float(log_snr[t]), 4)) for t in sorted(steps)]
