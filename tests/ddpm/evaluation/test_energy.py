"""The energy distance against scipy's, and where it is known."""

import numpy as np
import pytest
import scipy.stats
import torch

from ddpm.evaluation.neighbours import energy_distance


@pytest.mark.parametrize("shift", [0.0, 0.3, 5.0])
def test_on_a_line_it_is_scipys(shift):
    """scipy's is the square root of 2E|A-B| - E|A-A'| - E|B-B'|."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=80), rng.normal(shift, 2.0, size=50)
    between = np.abs(a[:, None] - b).mean()
    expected = scipy.stats.energy_distance(a, b) ** 2 / (2 * between)
    points = [torch.from_numpy(x)[:, None] for x in (a, b)]
    assert energy_distance(*points) == pytest.approx(expected, abs=1e-12)


def test_it_runs_from_0_to_1_whatever_the_scale():
    a = torch.randn(40, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert energy_distance(a, a) == pytest.approx(0, abs=1e-12)
    assert energy_distance(torch.zeros(3, 7), torch.ones(5, 7)) == pytest.approx(1)
    assert energy_distance(100 * a, 100 * a + 50) == pytest.approx(energy_distance(a, a + 0.5))
