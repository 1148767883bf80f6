"""Learned variance and the variational bound, against diffusers, SciPy and entropies."""

import math

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler
from scipy.stats import norm
from torch import nn

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.ideal import gaussian_eps
from ddpm.diffusion.process import (
    BOUND_WEIGHT,
    p_losses,
    p_mean_variance,
    q_sample,
    variational_bound,
)
from ddpm.diffusion.seeds import generator as seed
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.sampling.samplers import ddpm
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import SCHEDULES, Schedule
from ddpm.schedules.betas import BETAS

close = torch.testing.assert_close
MEAN, STD = -0.2, 0.25  # of the Gaussian data
LEVEL = 2 / 255  # between two grey levels


def with_variance(x, t):
    """A fixed network that appends a variance, different at each pixel and time."""
    phase = t.view(-1, 1, 1, 1) / 7
    return torch.cat([torch.tanh(1.5 * x) + 0.1 * torch.cos(phase), torch.sin(3 * x + phase)], 1)


@pytest.mark.parametrize("name", SCHEDULES)
def test_ddpm_with_a_learned_variance_equals_diffusers(name):
    schedule = Schedule.named(name, 100)
    settings = {"variance_type": "learned_range", "timestep_spacing": "trailing"}
    oracle = DDPMScheduler(100, trained_betas=schedule.betas.numpy(), **settings)
    oracle.set_timesteps(100)
    x = theirs = torch.randn(2, 1, 6, 6, generator=seed(0))
    noise = seed(1)
    steps = ddpm(with_variance, schedule, x, range(99, -1, -1), generator=seed(1))
    for step, t in zip(steps, oracle.timesteps, strict=True):
        output = with_variance(theirs, torch.full((2,), int(t)))
        theirs = oracle.step(output, int(t), theirs, generator=noise).prev_sample
        close(step.x, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", SCHEDULES)
def test_with_fewer_steps_the_learned_variance_is_that_of_the_respaced_schedule(name):
    """That of the visited ᾱ alone (Nichol & Dhariwal 2021, section 4)."""
    schedule = Schedule.named(name, 100)
    times = spaced_timesteps(schedule, 20)
    visited = schedule.exact_alphas_cumprod[times].flip(0)
    respaced = Schedule(1 - torch.cat([visited[:1], visited[1:] / visited[:-1]]))
    there = torch.tensor(times).flip(0)
    x = torch.randn(2, 1, 6, 6, generator=seed(0))
    ours = ddpm(with_variance, schedule, x, times, generator=seed(1))
    theirs = ddpm(
        lambda x, t: with_variance(x, there[t]), respaced, x, range(19, -1, -1), generator=seed(1)
    )
    for mine, other in zip(ours, theirs, strict=True):
        close(mine.x, other.x, rtol=1e-4, atol=1e-4)


def test_the_bound_by_hand():
    """KL of two Gaussians for t > 0, and the mass of a grey level at t = 0, from SciPy."""
    schedule = Schedule.named("linear", 100)
    grey = torch.randint(0, 256, (4, 1, 3, 3), generator=seed(0))
    grey[0, 0, 0, :2] = torch.tensor([0, 255])  # the outermost levels extend to infinity
    x_start, t = grey / 127.5 - 1, torch.tensor([0, 0, 20, 99])
    x_t = q_sample(schedule, x_start, t, torch.randn(x_start.shape, generator=seed(1)))
    output = with_variance(x_t, t)
    got = variational_bound(schedule, x_start, x_t, t, output)
    mean, log_variance = (v.double().numpy() for v in p_mean_variance(schedule, x_t, t, output))
    std = np.exp(log_variance / 2)

    first, half = x_start.double().numpy()[:2], LEVEL / 2
    upper = np.where(first > 0.999, np.inf, first + half)
    lower = np.where(first < -0.999, -np.inf, first - half)
    mass = norm.cdf(upper, mean[:2], std[:2]) - norm.cdf(lower, mean[:2], std[:2])
    close(got[:2].double().numpy(), -np.log2(mass.clip(1e-12)).mean((1, 2, 3)), rtol=1e-3, atol=0)

    acp = schedule.exact_alphas_cumprod.numpy()
    for k in (2, 3):
        now, before = acp[t[k]], acp[t[k] - 1]
        beta = 1 - now / before
        q_var = beta * (1 - before) / (1 - now)
        q_mean = before**0.5 * beta / (1 - now) * x_start[k].numpy()
        q_mean = q_mean + (1 - beta) ** 0.5 * (1 - before) / (1 - now) * x_t[k].numpy()
        kl = np.log(std[k] ** 2 / q_var) + (q_var + (q_mean - mean[k]) ** 2) / std[k] ** 2 - 1
        close(float(got[k]), float(kl.mean() / 2 / math.log(2)), rtol=2e-3, atol=1e-4)


def exact(schedule: Schedule, learned: bool):
    """ε of Gaussian data; if `learned`, also the exact variance of p(x_{t-1} | x_t) as a network
    would predict it."""
    acp = schedule.exact_alphas_cumprod
    acp_prev = torch.cat([acp.new_ones(1), acp[:-1]])
    beta, eps_fn = 1 - acp / acp_prev, gaussian_eps(schedule, MEAN, STD**2)

    def with_its_variance(x, t):
        # Bayes: q(x_t | x_{t-1}) has variance β, and x_{t-1} has ᾱ_{t-1} s² + 1 - ᾱ_{t-1}
        before = acp_prev[t] * STD**2 + 1 - acp_prev[t]
        var = before * beta[t] / (before * (1 - beta[t]) + beta[t])
        low = schedule.posterior_log_variance_clipped[t].double()
        fraction = (var.log() - low) / (beta[t].log() - low)
        v = (2 * fraction - 1).float().view(-1, 1, 1, 1).expand_as(x)
        return torch.cat([eps_fn(x, t), v], dim=1)

    return with_its_variance if learned else eps_fn


# the others begin with noise finer than a grey level, at which grey levels are not Gaussian
@pytest.mark.parametrize("name", [*BETAS, "cosine~zero_terminal"])
def test_an_exact_model_of_gaussian_data_reaches_the_entropy(name):
    """With the exact variance the bound is tight; with β̃ it isn't."""
    schedule = Schedule.named(name, 200)
    x_start = MEAN + STD * torch.randn(256, 1, 4, 4, generator=seed(0))
    x_start = ((x_start + 1) / LEVEL).round().clamp(0, 255) * LEVEL - 1
    entropy = math.log2(STD * math.sqrt(2 * math.pi * math.e) / LEVEL)
    tight = bits_per_dim(exact(schedule, True), schedule, x_start, generator=seed(1)).mean()
    loose = bits_per_dim(exact(schedule, False), schedule, x_start, generator=seed(1)).mean()
    assert entropy - 0.05 < tight < entropy + 0.1
    assert loose > tight + 0.02


class Fixed(nn.Module):
    """Returns its parameters, a prediction and a variance, whatever the input."""

    def __init__(self):
        super().__init__()
        self.answer = nn.Parameter(torch.randn(4, 2, 3, 3, generator=seed(3)))

    def forward(self, x, t, labels=None):
        return self.answer


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_the_bound_in_the_hybrid_loss_trains_only_the_variance(objective):
    denoiser = Denoiser(Fixed(), Schedule.named("cosine", 100), objective)
    x_start = torch.rand(4, 1, 3, 3, generator=seed(0)) * 2 - 1
    t, noise = torch.tensor([0, 10, 50, 90]), torch.randn(4, 1, 3, 3, generator=seed(1))
    hybrid = p_losses(denoiser, x_start, t, noise, loss="l2")
    answer = denoiser.network.answer
    target = denoiser.target(x_start, t, noise)
    simple = (answer[:, :1] - target).square().mean()
    x_t = q_sample(denoiser.schedule, x_start, t, noise)
    bound = variational_bound(denoiser.schedule, x_start, x_t, t, denoiser(x_t, t)).mean()
    close(hybrid, simple + BOUND_WEIGHT * 100 * bound)

    (gradient,) = torch.autograd.grad(hybrid, answer)
    (of_simple,) = torch.autograd.grad(simple, answer)
    close(gradient[:, :1], of_simple[:, :1])
    assert gradient[1:, 1:].abs().min() > 0  # at t = 0 the bound of a poor prediction is flat


def test_the_hybrid_loss_has_no_bound_where_the_terminal_snr_is_zero():
    """A batch with T-1 in it: as without, and the simple loss of that picture."""
    schedule = Schedule.named("cosine~zero_terminal", 100)
    x_start = torch.rand(4, 1, 3, 3, generator=seed(0)) * 2 - 1
    t, noise = torch.tensor([0, 10, 50, 99]), torch.randn(4, 1, 3, 3, generator=seed(1))
    denoiser = Denoiser(Fixed(), schedule, "v")
    answer = denoiser.network.answer
    hybrid = p_losses(denoiser, x_start, t, noise, loss="l2")
    rest = p_losses(
        Denoiser(lambda x, t, labels: answer[:3], schedule, "v"),
        x_start[:3], t[:3], noise[:3], loss="l2",
    )  # fmt: skip
    close(hybrid, rest * 3 / 4 + (answer[3, :1] + x_start[3]).square().mean() / 4)
    assert torch.autograd.grad(hybrid, answer)[0].isfinite().all()
