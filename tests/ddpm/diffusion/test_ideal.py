"""The exact denoisers against the densities themselves, by automatic differentiation."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from ddpm.diffusion.ideal import exact_denoiser, exact_eps, gaussian_eps, nearest
from ddpm.diffusion.process import q_sample
from ddpm.sampling.sample import sample
from ddpm.schedules import SCHEDULES, Schedule


@pytest.mark.parametrize("name", SCHEDULES)
def test_exact_eps_is_the_score_of_the_mixture(name):
    """ε = -√(1-ᾱ) ∇ log p_t(x), with p_t a mixture of Gaussians around the scaled pictures."""
    schedule = Schedule.named(name, 50)
    data = torch.rand(7, 1, 4, 4, dtype=torch.float64) * 2 - 1
    t = torch.tensor([0, 5, 20, 49])
    x = q_sample(schedule, data[:4].float(), t).double().requires_grad_()
    got = exact_eps(schedule, data)(x, t)
    for k, acp in enumerate(schedule.exact_alphas_cumprod[t].tolist()):
        around = Normal(acp**0.5 * data.flatten(1), (1 - acp) ** 0.5)
        evenly = Categorical(torch.ones(7, dtype=torch.float64))
        density = MixtureSameFamily(evenly, Independent(around, 1))
        (score,) = torch.autograd.grad(density.log_prob(x[k].flatten()), x)
        expected = -((1 - acp) ** 0.5) * score[k]
        torch.testing.assert_close(got[k], expected, rtol=1e-6, atol=1e-6)


def test_nearest_is_nearest():
    data, x = torch.randn(30, 1, 5, 5), torch.randn(12, 1, 5, 5)
    assert torch.equal(nearest(x, data), torch.cdist(x.flatten(1), data.flatten(1)).argmin(1))


@pytest.mark.parametrize("name", SCHEDULES)
def test_gaussian_eps_is_the_score_of_the_gaussian(name):
    """ε = -√(1-ᾱ) ∇ log p_t(x), with a time for each picture."""
    schedule, mean, variance = Schedule.named(name, 50), 0.3, 0.16
    t = torch.tensor([0, 5, 20, 49])
    x = torch.randn(4, 1, 3, 3, dtype=torch.float64).requires_grad_()
    acp = schedule.exact_alphas_cumprod[t].view(-1, 1, 1, 1)
    density = Normal(acp.sqrt() * mean, (acp * variance + 1 - acp).sqrt())
    (score,) = torch.autograd.grad(density.log_prob(x).sum(), x)
    expected = -(1 - acp).sqrt() * score
    torch.testing.assert_close(gaussian_eps(schedule, mean, variance)(x, t), expected)


@pytest.mark.parametrize(
    "trained_on, name, T",
    [
        ("cosine", "linear", 1000),
        ("cosine", "sigmoid", 200),
        # a level of T = 40 is followed by ᾱ = 0, and the others go on below it
        ("cosine~zero_terminal", "cosine~zero_terminal", 40),
        ("cosine~zero_terminal", "cosine", 1000),
        ("drawn~0_9~0.5_0~1_-12~zero_terminal", "linear~zero_terminal", 1000),
    ],
)
def test_under_another_schedule_it_is_as_exact(trained_on, name, T):
    """It gets times between the entries of its own schedule."""
    own = Schedule.named(trained_on, 40 if "zero" in trained_on else 1000)
    other = Schedule.named(name, T)
    data = torch.randn(5, 1, 3, 3)
    drawn = sample(exact_denoiser(own, data), 4, sampler="ddim", schedule=other, clip=False)
    expected = sample(exact_denoiser(other, data), 4, sampler="ddim", clip=False)
    torch.testing.assert_close(drawn, expected, rtol=0, atol=2e-3)


def test_its_pictures_move_with_it_and_keep_their_dtype():
    """The device "meta" computes no values and refuses tensors of other devices."""
    model = exact_denoiser(Schedule.named("cosine", 50), torch.randn(5, 1, 3, 3)).to("meta")
    found = model(torch.empty(2, 1, 3, 3, device="meta"), torch.tensor([3, 40]))
    assert found.is_meta and found.dtype == torch.float32
