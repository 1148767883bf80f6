"""What samplers draw with an exact denoiser: known distributions, no training involved."""

import math

import pytest
import torch

from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.diffusion.ideal import exact_eps, gaussian_eps, nearest
from ddpm.diffusion.seeds import generator as seed
from ddpm.sampling.samplers import ddim, ddpm
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import Schedule
from devtools.schedules import ENDS_IN_NOISE

# ------------------------------------------------------------------ on a known distribution


MU, S, N = 0.3, 0.4, 20_000  # pixels ~ N(MU, S²); number of samples


@pytest.mark.parametrize(("T", "least", "most"), [(200, 0.95, 1.0), (1000, 0.975, 1.025)])
def test_ddpm_recovers_a_gaussian(fine, T, least, most):
    """Mean and spread of N(MU, S²), from N(0, 1) without clipping.

    Five standard errors for the mean. β̃ is the variance for a known x_0 and so a little too small:
    by the recursion for a Gaussian, the spread ends at 0.959 (linear) to 0.979 (sigmoid) of S in
    200 steps, and within 1% of it in 1000; the sampling error is 0.5%.
    """
    schedule, x = Schedule.named(fine, T), torch.randn(N, 1, 1, 1, generator=seed(0))
    eps_fn, times = gaussian_eps(schedule, MU, S**2), range(T - 1, -1, -1)
    *_, last = ddpm(eps_fn, schedule, x, times, clip=False, generator=seed(1))
    assert float(last.x.mean()) == pytest.approx(MU, abs=5 * S / math.sqrt(N))
    assert least < float(last.x.std()) / S < most


def test_ddim_maps_each_quantile_of_the_noise_to_that_of_the_gaussian(fine):
    """The exact flow is x_0 = MU + S x_T: no randomness, so no sampling error."""
    schedule = Schedule.named(fine, 1000)
    x = torch.linspace(-3, 3, 61).view(-1, 1, 1, 1)
    *_, last = ddim(gaussian_eps(schedule, MU, S**2), schedule, x, range(999, -1, -1), clip=False)
    # √ᾱ_T MU is missing from x_T, and the Euler error falls as 1/T: together about 1%.
    torch.testing.assert_close(last.x, MU + S * x, rtol=0, atol=0.02)


# ------------------------------------------------------------------ on real images


@pytest.fixture(scope="module")
def real():
    """200 images of each class: the whole data distribution of the tests below."""
    images, labels = fashion_mnist("train", source="shipped")
    chosen = torch.cat([(labels == c).nonzero()[:200, 0] for c in range(10)])
    return to_float(images[chosen]), labels[chosen]


def classes_of_samples(schedule: Schedule, real, n: int = 200) -> torch.Tensor:
    """Sample n images from x_T ~ N(0, I) with an exact denoiser, in 50 `ddpm` steps, and count
    them by class.
    """
    data, labels = real
    x = torch.randn(n, 1, 28, 28, generator=seed(0))
    times = spaced_timesteps(schedule, 50)
    *_, last = ddpm(exact_eps(schedule, data), schedule, x, times, generator=seed(1))
    closest = nearest(last.x, data)
    distance = (last.x - data[closest]).flatten(1).norm(dim=1)
    assert distance.max() < 0.5  # each sample is a real image: two random ones are 28 apart
    return labels[closest].bincount(minlength=10)


def chi_square(counts: torch.Tensor) -> float:
    expected = counts.sum() / 10
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize(
    ("name", "T"), [*((name, 200) for name in ENDS_IN_NOISE), ("cosine", 50), ("linear", 1000)]
)
def test_an_exact_denoiser_samples_balanced_classes(name, T, real):
    """Fair draws exceed 33.7 once in 10,000 times (χ² with 9 degrees of freedom)."""
    counts = classes_of_samples(Schedule.named(name, T), real)
    assert chi_square(counts) < 33.7, counts.tolist()
    assert counts.min() >= 8 and counts.max() <= 40, counts.tolist()


def test_under_the_notebooks_range_it_does_not(real):
    """β from 1e-4 to 0.02 at T = 200: as the denoiser is exact, the schedule is at fault."""
    counts = classes_of_samples(Schedule.named("linear", 200, rescale=False), real)
    assert chi_square(counts) > 150, counts.tolist()
    # N(0, I) is brighter than √0.132 x_0 + noise, from which sampling should start
    trouser, sneaker = 1, 7
    assert counts[trouser] + counts[sneaker] <= 10  # of 40 expected
