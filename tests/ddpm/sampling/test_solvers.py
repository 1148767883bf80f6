"""The fast solvers: equal to diffusers', with errors that fall as their order says."""

import pytest
import torch
from diffusers import DEISMultistepScheduler, DPMSolverMultistepScheduler

from ddpm.diffusion.ideal import gaussian_eps
from ddpm.sampling.samplers import ddim, deis, dpm_solver
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import SCHEDULES, Schedule

MEAN, VARIANCE = 0.3, 0.25  # of the Gaussian data


def eps_fn(x, t):
    """A fixed network, nonlinear in x, that depends on t."""
    return torch.tanh(1.5 * x) + 0.1 * torch.cos(t.view(-1, 1, 1, 1) / 7 + x)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("n", [5, 10, 20, 50])
def test_dpm_solver_equals_diffusers(name, n):
    schedule = Schedule.named(name, 1000)
    oracle = DPMSolverMultistepScheduler(
        trained_betas=schedule.betas.numpy(),
        final_sigmas_type="zero",
        solver_order=2,
        solver_type="heun",  # its name for the exact integral
    )
    times = spaced_timesteps(schedule, n)
    oracle.set_timesteps(timesteps=times)
    x = theirs = torch.randn(2, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    for step, t in zip(dpm_solver(eps_fn, schedule, x, times, clip=False), times, strict=True):
        eps = eps_fn(theirs, torch.full((2,), t))
        theirs = oracle.step(eps, t, theirs).prev_sample
        scale = float(theirs.abs().max())
        torch.testing.assert_close(step.x, theirs, rtol=1e-3, atol=1e-3 * scale)


def test_deis_equals_diffusers_where_both_extrapolate_alike():
    """Ours lays polynomials through ε in t and through four values, diffusers' in log ρ and through
    three: the same where log-SNR falls evenly, until there are four."""
    schedule = Schedule.named("drawn~0_8~1_-8", 1000)
    oracle = DEISMultistepScheduler(
        trained_betas=schedule.betas.numpy(), solver_order=3, timestep_spacing="trailing"
    )
    oracle.set_timesteps(20)
    times = spaced_timesteps(schedule, 20)
    assert oracle.timesteps.tolist() == times
    x = theirs = torch.randn(2, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    gaps = []
    for step, t in zip(deis(eps_fn, schedule, x, times, clip=False), times[:4], strict=False):
        theirs = oracle.step(eps_fn(theirs, torch.full((2,), t)), t, theirs).prev_sample
        gaps.append(float((step.x - theirs).abs().max() / theirs.abs().max()))
    assert max(gaps[:3]) < 1e-4 < 1e-3 < gaps[3]


def gaussian_error(sampler, schedule: Schedule, n: int) -> float:
    """Largest distance to the exact solution of the ODE for Gaussian data, without clipping.

    x_t = √ᾱ μ + √(ᾱ s² + 1 - ᾱ) z, with the same z at all t.
    """
    acp = schedule.exact_alphas_cumprod
    shape, g = (64, 1, 4, 4), torch.Generator().manual_seed(0)
    z = torch.randn(shape, generator=g, dtype=torch.float64)
    x = acp[-1].sqrt() * MEAN + (acp[-1] * VARIANCE + 1 - acp[-1]).sqrt() * z
    times = spaced_timesteps(schedule, n, "logsnr")
    eps_fn = gaussian_eps(schedule, MEAN, VARIANCE)
    *_, last = sampler(eps_fn, schedule, x, times, clip=False)
    return float((last.x - MEAN - VARIANCE**0.5 * z).abs().max())


@pytest.mark.parametrize("sampler", [dpm_solver, deis])
def test_solvers_show_their_order(fine, sampler):
    """Twice the steps give a third of the error or less, where DDIM halves it."""
    schedule = Schedule.named(fine, 1000)
    at_20, at_40 = (gaussian_error(sampler, schedule, n) for n in (20, 40))
    ddim_20, ddim_40 = (gaussian_error(ddim, schedule, n) for n in (20, 40))
    assert at_20 / at_40 > 3 > 2.2 > ddim_20 / ddim_40
    assert at_20 < ddim_20 / 2


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("n", [5, 10, 15])
def test_deis_survives_uneven_steps(name, n):
    """Even in log-SNR, cosine's first times are 999, 998, 99x: a cubic through these would diverge
    in the long step that follows (an error of 2.1 at n = 10).
    """
    schedule = Schedule.named(name, 1000)
    assert gaussian_error(deis, schedule, n) < gaussian_error(ddim, schedule, n)


@pytest.mark.parametrize("n", [5, 20, 50])
def test_deis_in_float32_keeps_what_noise_alone_can_not_say(n):
    """Under a drawn schedule with zero terminal SNR, 1/√ᾱ begins at 6e9: rounded to 24 bits, the
    first ε would be all that is seen of the picture."""
    schedule = Schedule.named("drawn~0_12~0.2_0~0.3_-20~1_-20~zero_terminal", 1000)
    z = torch.randn(64, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    times = spaced_timesteps(schedule, n)
    eps_fn = gaussian_eps(schedule, MEAN, VARIANCE)
    *_, last = deis(eps_fn, schedule, z, times, clip=False)
    *_, plain = ddim(eps_fn, schedule, z, times, clip=False)
    exact = MEAN + VARIANCE**0.5 * z  # of the ODE, which both approximate
    assert (last.x - exact).abs().max() <= (plain.x - exact).abs().max() + 1e-4
