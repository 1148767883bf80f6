"""The steps of a sampler, as something to look at."""

from __future__ import annotations

from ddpm.sampling.samplers import Step
from ddpm.shown import shown_by


class Film(list[Step]):
    """A list of steps, (B, C, H, W) each, which a notebook shows under a slider:
    `ddpm.Film(steps)` as the last line of a cell, for the steps of `ddpm.trajectory`."""

    _repr_html_ = shown_by("film_html")
