"""The small picture that a second stage is given, and the noise on it."""

import torch

from ddpm.diffusion.augmentation import augment, shrink
from ddpm.schedules import Schedule


def test_a_small_pixel_is_the_mean_of_four():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert shrink(x).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]
    assert shrink(torch.zeros(3, 2, 28, 28)).shape == (3, 2, 14, 14)


def test_noise_of_s_steps_is_the_forward_process_and_none_at_0():
    """ᾱ after s steps is the product of the first s α."""
    schedule = Schedule.named("cosine", 20)
    low, noise = torch.randn(4, 1, 3, 3), torch.randn(4, 1, 3, 3)
    got = augment(schedule, low, torch.tensor([0, 1, 7, 20]), noise)
    assert torch.equal(got[0], low[0])
    for k, s in ((1, 1), (2, 7), (3, 20)):
        power = float(torch.prod(1 - schedule.betas[:s].double()))
        torch.testing.assert_close(got[k], power**0.5 * low[k] + (1 - power) ** 0.5 * noise[k])
