"""Schedules that are given as log-SNR, held against their papers' formulas written out."""

import math

import pytest
import torch

from ddpm.diffusion.ideal import exact_eps
from ddpm.sampling.samplers import SAMPLERS
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import SCHEDULES, Schedule, scale_input, zero_terminal_snr

MAX_LOG_SNR = 16


def laplace(u: float) -> float:
    sign = (u < 0.5) - (u > 0.5)
    return -0.5 * sign * math.log(1 - 2 * abs(u - 0.5))


def edm(u: float) -> float:
    sigma = (0.002 ** (1 / 7) + u * (80 ** (1 / 7) - 0.002 ** (1 / 7))) ** 7
    return -2 * math.log(sigma)


def jabri(u: float) -> float:
    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    acp = (sigmoid(3) - sigmoid(6 * u - 3)) / (sigmoid(3) - sigmoid(-3))
    return math.log(acp / (1 - acp))


CLOSED = {
    "rectified_flow": lambda u: 2 * math.log((1 - u) / u),
    "edm": edm,
    "shifted_cosine": lambda u: -2 * math.log(math.tan(math.pi * u / 2)) + 2 * math.log(64 / 28),
    "laplace": laplace,
    "sigmoid_jabri": jabri,
}


@pytest.mark.parametrize("T", [10, 50, 200, 1000])
@pytest.mark.parametrize("name", CLOSED)
def test_log_snr_is_the_papers_formula_at_the_middle_of_each_step(name, T):
    schedule = Schedule.named(name, T)
    for t, ours in enumerate(schedule.exact_log_snr.tolist()):
        theirs = CLOSED[name]((t + 0.5) / T)
        if abs(theirs) < MAX_LOG_SNR:
            assert ours == pytest.approx(theirs, abs=1e-9, rel=0), t


def test_the_tables_follow_from_log_snr_to_the_last_digit():
    schedule = Schedule.named("rectified_flow", 1000)
    u = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    acp = (1 - u) ** 2 / ((1 - u) ** 2 + u**2)
    torch.testing.assert_close(schedule.exact_alphas_cumprod, acp, rtol=1e-12, atol=0)
    root = (1 - acp).sqrt().float()
    torch.testing.assert_close(schedule.sqrt_one_minus_alphas_cumprod, root, rtol=1e-6, atol=0)
    # β of a step from the definition of ᾱ
    betas = 1 - acp[1:] / acp[:-1]
    torch.testing.assert_close(schedule.betas[1:], betas.float(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("T", [2, 10, 50, 200, 1000, 10_000])
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_falling_and_finite_at_every_T(name, T):
    schedule = Schedule.named(name, T)
    assert (schedule.exact_log_snr.diff() < 0).all()
    assert (schedule.betas > 0).all()
    tables = [value for value in vars(schedule).values() if isinstance(value, torch.Tensor)]
    assert all(table.isfinite().all() for table in tables)
    assert 0 < schedule.alphas_cumprod[-1] <= schedule.alphas_cumprod[0] < 1


def test_ends_beyond_float32_are_clipped_and_say_so():
    assert Schedule.named("rectified_flow", 10_000).is_clipped
    assert not Schedule.named("rectified_flow", 1000).is_clipped
    assert Schedule.from_log_snr(lambda u: 40 - 80 * u, 100).is_clipped


def test_a_level_curve_still_falls_a_little_so_that_no_beta_is_0():
    schedule = Schedule.from_log_snr(lambda u: torch.zeros_like(u), 1000)
    assert (schedule.betas > 0).all()
    assert schedule.alphas_cumprod.sub(0.5).abs().max() < 1e-3


@pytest.mark.parametrize(
    "f, why", [(lambda u: u, "rises"), (lambda u: u * math.nan, "NaN")], ids=["rising", "nan"]
)
def test_a_curve_that_is_no_schedule_is_refused(f, why):
    with pytest.raises(ValueError, match=why):
        Schedule.from_log_snr(f, 100)


def test_shift_moves_rectified_flow_toward_noise():
    plain, shifted = (Schedule.named(f"rectified_flow{option}", 100) for option in ("", "~shift_3"))
    moved = plain.exact_log_snr - 2 * math.log(3)
    torch.testing.assert_close(shifted.exact_log_snr, moved, rtol=0, atol=1e-12)
    # Esser et al. 2024, equation 23: time u becomes 3u / (1 + 2u)
    u = 3 * 0.305 / (1 + 2 * 0.305)
    assert float(shifted.exact_log_snr[30]) == pytest.approx(2 * math.log((1 - u) / u))


@pytest.mark.parametrize("name", SCHEDULES)
def test_scaled_input_is_the_schedule_of_scaled_pictures(name):
    schedule = Schedule.named(name, 50)
    scaled = scale_input(schedule, 0.5)
    acp = schedule.exact_alphas_cumprod
    theirs = 0.25 * acp / (0.25 * acp + 1 - acp)  # Chen 2023: x_t / std(x_t), x_0 scaled by ½
    torch.testing.assert_close(scaled.exact_alphas_cumprod, theirs, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_zero_terminal_snr_holds_for_any_schedule(name):
    schedule = zero_terminal_snr(Schedule.named(name, 50))
    assert schedule.alphas_cumprod[-1] == 0
    assert (schedule.alphas_cumprod.diff() < 0).all()
    assert torch.equal(Schedule.named(f"{name}~zero_terminal", 50).betas, schedule.betas)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "dpm_solver", "deis"])
@pytest.mark.parametrize("name", CLOSED)
def test_every_sampler_walks_every_schedule(name, sampler):
    """Toward the only picture that an exact denoiser knows, from noise that may hold some of it."""
    schedule = Schedule.named(name, 200)
    known = torch.full((2, 1, 4, 4), 0.5)
    noise = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    times = spaced_timesteps(schedule, 20)
    *_, last = SAMPLERS[sampler](exact_eps(schedule, known[:1]), schedule, noise, times)
    torch.testing.assert_close(last.x, known, rtol=0, atol=1e-3)


def test_zero_terminal_snr_holds_for_a_cliff_before_a_level_end():
    schedule = zero_terminal_snr(Schedule.drawn([(0, 16), (0.5, 16), (0.51, -16), (1, -16)], 100))
    assert schedule.alphas_cumprod[-1] == 0
    assert (schedule.alphas_cumprod.diff() <= 0).all()
    assert (schedule.betas[:-1] < 1).all() and (schedule.betas > 0).all()
    assert schedule.posterior_mean_coef2.isfinite().all()
