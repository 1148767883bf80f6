"""The loss by noise level, of networks whose loss is known."""

import pytest
import torch

from ddpm.data.images import to_float
from ddpm.diffusion.denoiser import Denoiser
from ddpm.evaluation.noise_levels import EDGES, loss_by_noise_level
from ddpm.schedules import Schedule


class Says(torch.nn.Module):
    """A network that answers the same to everything, and notes what it was asked."""

    num_classes = 3

    def __init__(self, answer):
        super().__init__()
        self.answer, self.asked = answer, []

    def forward(self, x, t, condition=None):
        self.asked.append((x, t, condition))
        return torch.full_like(x, self.answer)


def test_every_band_is_measured_at_its_own_times_with_the_same_noise():
    images = torch.randint(0, 256, (40, 1, 4, 4), dtype=torch.uint8)
    schedule = Schedule.named("cosine", 1000)
    network = Says(0.25)
    found = loss_by_noise_level(Denoiser(network, schedule, "x0"), images, torch.arange(40) % 3)
    chosen = torch.linspace(0, 39, 32).round().long()
    expected = float((to_float(images[chosen]) - 0.25).square().mean())
    assert found == pytest.approx([expected] * 4)
    noises = []
    for (x, t, labels), low, high in zip(network.asked, EDGES, EDGES[1:], strict=False):
        assert bool(((schedule.log_snr[t] >= low) & (schedule.log_snr[t] < high)).all())
        assert labels.tolist() == (chosen % 3).tolist()
        signal, sigma = (a[t].view(-1, 1, 1, 1) for a in (
            schedule.sqrt_alphas_cumprod, schedule.sqrt_one_minus_alphas_cumprod))  # fmt: skip
        noises.append((x - signal * to_float(images[chosen])) / sigma)
    assert all(torch.allclose(noise, noises[0], atol=1e-3) for noise in noises[1:3])


def test_a_band_that_a_schedule_does_not_reach_is_none():
    model = Denoiser(Says(0.0), Schedule.named("drawn~0_3~1_-3", 50), "eps")
    first, *middle, last = loss_by_noise_level(model, torch.zeros(2, 1, 4, 4, dtype=torch.uint8))
    assert first is None and last is None and all(0 < loss < 3 for loss in middle)
