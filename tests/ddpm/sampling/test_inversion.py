"""From a picture to its noise and back, where the answer is known."""

import math
from collections import deque

import pytest
import torch

from ddpm.diffusion.ideal import gaussian_eps
from ddpm.sampling.inversion import ddim_inversion, slerp
from ddpm.sampling.samplers import ddim
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import Schedule

close = torch.testing.assert_close
MEAN, VARIANCE = 0.3, 0.16


@pytest.mark.parametrize("calls, error", [(25, 3e-2), (100, 2e-3)])
def test_round_trip_with_an_exact_denoiser(calls, error):
    schedule = Schedule.named("cosine", 1000)
    eps_fn = gaussian_eps(schedule, MEAN, VARIANCE)
    x = MEAN + VARIANCE**0.5 * torch.randn(64, 1, 4, 4)
    times = spaced_timesteps(schedule, calls, start=980)
    x_T = ddim_inversion(eps_fn, schedule, x, times)
    (last,) = deque(ddim(eps_fn, schedule, x_T, times, clip=False), maxlen=1)
    assert (last.x - x).abs().max() < error


def test_the_noise_of_a_gaussian_picture():
    """The deterministic flow keeps every pixel's quantile: x_t - √ᾱ μ grows as the spread does."""
    schedule = Schedule.named("cosine", 1000)
    x = MEAN + VARIANCE**0.5 * torch.randn(64, 1, 4, 4)
    times = list(range(900, -1, -1))
    got = ddim_inversion(gaussian_eps(schedule, MEAN, VARIANCE), schedule, x, times)
    acp = float(schedule.exact_alphas_cumprod[900])
    spread = math.sqrt(acp * VARIANCE + 1 - acp)
    close(got, acp**0.5 * MEAN + spread * (x - MEAN) / VARIANCE**0.5, atol=2e-2, rtol=0)


def test_slerp_ends_at_both_ends():
    a, b = torch.randn(3, 1, 4, 4), 2 * torch.randn(3, 1, 4, 4)
    close(slerp(a, b, 0.0), a)
    close(slerp(a, b, 1.0), b)
    close(slerp(a, a, 0.5), a, atol=1e-4, rtol=1e-4)


def test_slerp_goes_along_the_circle_at_even_speed():
    a, b = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    for k in range(5):
        angle = k / 4 * math.pi / 2
        close(slerp(a, b, k / 4), torch.tensor([[2 * math.cos(angle), 2 * math.sin(angle)]]))


def test_slerp_of_opposite_vectors_goes_half_around():
    """At even speed on the unit sphere, from one to the other, whichever of the circles it is; and
    through the middle between those that are not quite opposite."""
    for dim in (2, 3, 64):
        a = torch.randn(5, dim, generator=torch.Generator().manual_seed(dim))
        a = torch.cat([a, torch.eye(dim)[:1]])
        a = a / a.norm(dim=1, keepdim=True)
        way = [slerp(a, -a, k / 8) for k in range(9)]
        for k, x in enumerate(way):
            close(x.norm(dim=1), torch.ones(len(a)))
            cosine = torch.full((len(a),), math.cos(k / 8 * math.pi))
            close((x * a).sum(1), cosine, atol=1e-5, rtol=0)
        close(way[0], a, atol=1e-5, rtol=0)
        close(way[-1], -a, atol=1e-5, rtol=0)
        steps = torch.stack(way).diff(dim=0).norm(dim=2)
        close(steps, torch.full_like(steps, 2 * math.sin(math.pi / 16)), atol=1e-5, rtol=0)
    for off in (1e-2, 1e-3, 1e-4):
        a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[-math.cos(off), math.sin(off)]])
        middle = torch.tensor([[math.sin(off / 2), math.cos(off / 2)]])
        close(slerp(a, b, 0.5), middle, atol=2e-2 if off < 1e-3 else 1e-3, rtol=0)


def test_a_weight_for_each_row():
    a, b = torch.randn(3, 8), torch.randn(3, 8)
    got = slerp(a, b, torch.tensor([0.0, 0.5, 1.0]))
    close(got[0], a[0])
    close(got[2], b[2])
    close(got[1], slerp(a[1:2], b[1:2], 0.5)[0])
