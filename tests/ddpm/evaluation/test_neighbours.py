"""Figures of sets of points, against brute force, SciPy and cases with a known answer."""

import numpy as np
import pytest
import torch
from scipy import stats

from ddpm.evaluation.neighbours import (
    density_coverage,
    energy_distance,
    nearest,
    sliced_wasserstein,
)


def test_density_and_coverage_are_what_the_definition_counts():
    """Naeem et al. 2020, equations 2 and 3, by loops over points."""
    real, generated, k = torch.randn(40, 3).numpy(), torch.randn(70, 3).numpy() + 0.7, 5
    radii = [np.sort(np.linalg.norm(real - each, axis=1))[k] for each in real]
    inside = [
        [np.linalg.norm(y - x) <= r for x, r in zip(real, radii, strict=True)] for y in generated
    ]
    expected = np.sum(inside) / (k * len(generated)), np.any(inside, axis=0).mean()
    found = density_coverage(torch.from_numpy(generated), torch.from_numpy(real), k)
    assert found == pytest.approx(expected)


def test_nearest_pictures_by_brute_force():
    pictures, others = (torch.randint(0, 256, (n, 1, 4, 4)).byte() for n in (5, 9))
    a, b = (each.flatten(1).double() for each in (pictures, others))
    expected = (a[:, None] - b).square().mean(2).sqrt().amin(1)
    torch.testing.assert_close(nearest(pictures, others).double(), expected)
    assert nearest(others[3:4], others).item() == 0


def test_patches_are_compared_as_scipy_compares_lines():
    a, b = torch.randint(0, 256, (2, 6, 2, 8, 8)).byte()
    cut = [
        torch.cat([each[:, :, y : y + 4, x : x + 4].flatten(1) for y in (0, 4) for x in (0, 4)])
        for each in (a.float(), b.float())
    ]
    random = torch.randn(32, 10, generator=torch.Generator().manual_seed(0))
    lines = [each @ (random / random.norm(dim=0)) for each in cut]
    pairs = zip(lines[0].T, lines[1].T, strict=True)
    expected = np.mean([stats.wasserstein_distance(x, y) for x, y in pairs])
    assert sliced_wasserstein(a, b, size=4, directions=10) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("shift", [0.0, 0.3, 5.0])
def test_energy_distance_on_a_line_is_scipys(shift):
    """scipy's is the square root of 2E|A-B| - E|A-A'| - E|B-B'|."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=80), rng.normal(shift, 2.0, size=50)
    between = np.abs(a[:, None] - b).mean()
    expected = stats.energy_distance(a, b) ** 2 / (2 * between)
    points = [torch.from_numpy(x)[:, None] for x in (a, b)]
    assert energy_distance(*points) == pytest.approx(expected, abs=1e-12)


def test_energy_distance_runs_from_0_to_1_whatever_the_scale():
    a = torch.randn(40, 7, dtype=torch.float64)
    assert energy_distance(a, a) == pytest.approx(0, abs=1e-12)
    assert energy_distance(torch.zeros(3, 7), torch.ones(5, 7)) == pytest.approx(1)
    assert energy_distance(100 * a, 100 * a + 50) == pytest.approx(energy_distance(a, a + 0.5))
