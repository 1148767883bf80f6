"""Schedules under which it shows how exact a sampler is."""

from __future__ import annotations

import pytest

from ddpm.schedules import SCHEDULES, Schedule

# Every sampler's last step jumps to x̂_0. Where that step is long, the jump is all that shows.
FINE = [name for name in SCHEDULES if Schedule.named(name, 1000).log_snr[0] > 8]


@pytest.fixture(params=FINE)
def fine(request) -> str:
    """The name of a schedule whose first time is almost without noise."""
    return request.param
