"""Guidance by words, and dynamic thresholding against figures worked out by hand."""

import pytest
import torch

from ddpm.config import UnetConfig
from ddpm.diffusion.denoiser import Denoiser
from ddpm.networks.conditional import ConditionalUnet
from ddpm.networks.network import Condition
from ddpm.networks.text import WIDTH, EncodedText
from ddpm.sampling.text_guidance import dynamic_threshold, text_guided
from ddpm.schedules import Schedule

close = torch.testing.assert_close


def test_dynamic_thresholding_by_hand():
    x = torch.tensor([[0.5, -1.0, 2.0, -4.0], [0.1, 0.2, -0.3, 0.9]]).reshape(2, 1, 2, 2)
    # the median of 0.5, 1, 2, 4 is 1.5; that of the second image is below 1, so s = 1
    want = torch.tensor([[1 / 3, -2 / 3, 1.0, -1.0], [0.1, 0.2, -0.3, 0.9]]).reshape(2, 1, 2, 2)
    close(dynamic_threshold(0.5)(x), want)


def test_at_quantile_one_nothing_is_clipped():
    x = 3 * torch.randn(4, 1, 5, 5)
    close(dynamic_threshold(1.0)(x), x / x.abs().amax((1, 2, 3), keepdim=True).clamp(min=1))


@pytest.mark.parametrize("wrong", [0.0, -0.5, 1.5, float("nan")])
def test_a_quantile_that_is_none(wrong):
    with pytest.raises(ValueError, match="quantile"):
        dynamic_threshold(wrong)


@pytest.mark.parametrize("variance", [False, True])
def test_guidance_is_the_line_through_both_answers(variance):
    """A learned variance is the one of the words."""
    small = {"dim": 8, "dim_mults": (1, 2), "dim_head": 4, "num_classes": None}
    config = UnetConfig(8, **small, learned_variance=variance)
    denoiser = Denoiser(ConditionalUnet(config), Schedule.named("cosine", 50), "v").eval()
    condition = Condition(EncodedText(torch.randn(2, 3, WIDTH), torch.ones(2, 3)))
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([30, 10])
    with torch.no_grad():
        eps, without = denoiser(x, t, condition), denoiser(x, t, condition.unconditional())
        for scale in (0.0, 1.0, 3.5):
            got = text_guided(denoiser, condition, scale)(x, t)
            line = without + scale * (eps - without)
            close(got[:, :1], line[:, :1], atol=1e-4, rtol=1e-4)
            close(got[:, 1:], eps[:, 1:])
    with pytest.raises(ValueError, match="guidance"):
        text_guided(denoiser, condition, -1.0)
