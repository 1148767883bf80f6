"""Schedules under which a sampler's accuracy can be measured."""

import pytest

from ddpm.schedules import SCHEDULES, Schedule

# Every sampler's last step jumps to x̂_0. If that step is long, the jump hides everything else.
FINE = [name for name in SCHEDULES if Schedule.named(name, 1000).log_snr[0] > 8]


@pytest.fixture(params=FINE)
def fine(request) -> str:
    """The name of a schedule whose first time is almost without noise."""
    return request.param
