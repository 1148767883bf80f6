"""The schedule that a hand draws on the Noise tab: what it may start from, its limits, and links to
it. The browser computes its tables itself: see curve.js and drawing.js.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import gradio as gr
import torch

import ddpm
from ddpm.schedules.drawn import MAX_DRAWN, MAX_POINTS, Point
from ddpm.schedules.schedule import MAX_LOG_SNR, MIN_FALL
from ddpm.schedules.text_form import DRAWN, parse
from page.tabs.noise.mismatch import NOISE_ENOUGH
from page.texts import both

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


def in_link(query: Mapping[str, str]) -> list[Point] | None:
    """The points of the drawn schedule in a link, if it has one. Warns of what stands for no
    schedule: that is ignored, and what was drawn before stays."""
    texts = [text for text in query.get("schedules", "").split(",") if text]
    others = [text for text in texts if text not in ddpm.SCHEDULES]
    drawn = [points for text in others if (points := _read(text))]
    if len(drawn) < len(others):
        gr.Warning(both("noise_draw_link"))
    return drawn[0] if drawn else None


def _read(text: str) -> list[Point] | None:
    """The points of a drawn schedule's text; None of any other text."""
    try:
        spec = parse(text)
    except ValueError:
        return None
    return list(spec.points) if spec.name == DRAWN else None
