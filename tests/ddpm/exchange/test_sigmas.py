"""Lists of σ and β, against diffusers' schedulers, there and back."""

import pytest
import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler

import ddpm
from ddpm.exchange.sigmas import drawn_from, sigmas
from ddpm.schedules import SCHEDULES, Schedule

close = torch.testing.assert_close


@pytest.mark.parametrize("name", SCHEDULES)
def test_sigmas_are_those_that_diffusers_computes_from_the_same_betas(name):
    """And its samplers take the list as it is."""
    schedule = Schedule.named(name, 1000)
    theirs = EulerDiscreteScheduler(
        1000, trained_betas=schedule.betas.tolist(), timestep_spacing="trailing"
    )
    theirs.set_timesteps(10)
    times = ddpm.spaced_timesteps(schedule, 10, "trailing")
    ours = sigmas(schedule, times)
    assert len(ours) == 11 and ours[-1] == 0
    # float32 ᾱ: near 1 and near 0 the ratio has few digits
    within = [k for k, t in enumerate(times) if 1e-4 < schedule.alphas_cumprod[t] < 1 - 1e-4]
    close(torch.tensor(ours)[within], theirs.sigmas[within], rtol=2e-3, atol=1e-5)
    taken = EulerDiscreteScheduler(1000, trained_betas=schedule.betas.tolist())
    taken.set_timesteps(sigmas=ours)
    close(taken.sigmas, torch.tensor(ours))


def test_even_in_log_snr_is_what_others_call_exponential():
    betas = DDPMScheduler(1000).betas
    settings = {"use_exponential_sigmas": True, "final_sigmas_type": "zero"}
    theirs = DPMSolverMultistepScheduler(1000, **settings)
    theirs.set_timesteps(12)
    schedule = Schedule(betas.double())
    ours = sigmas(schedule, ddpm.spaced_timesteps(schedule, 12, "logsnr"))
    close(torch.tensor(ours).log()[:-1], theirs.sigmas.log()[:-1], atol=0.06, rtol=0)  # whole t


def test_a_schedule_comes_back_from_its_own_list():
    schedule = Schedule.named("cosine", 500)
    times = [int(t) for t in torch.linspace(499, 0, 32).round()]
    text = drawn_from(str(sigmas(schedule, times)))  # with brackets and commas, as one pastes it
    back = Schedule.named(text, 500)
    middle = slice(20, 480)
    close(back.alphas_cumprod[middle], schedule.alphas_cumprod[middle], atol=0.01, rtol=0)


def test_trained_betas_become_the_same_alphas():
    theirs = DDPMScheduler(1000, beta_schedule="squaredcos_cap_v2")
    back = Schedule.named(drawn_from(theirs.betas.tolist()), 1000)
    close(back.alphas_cumprod, theirs.alphas_cumprod, atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("14.6, a lot, 0", "numbers alone"),
        ("3", "2 to 10000 numbers above 0"),
        ([1.0, -2.0], "above 0"),
        ("14.6 20 3", "must fall"),
        ([2.0] * 3, "must fall"),
        ([float("nan"), 1.0], "above 0"),
    ],
)
def test_what_is_no_list_is_said(values, says):
    with pytest.raises(ValueError, match=says):
        drawn_from(values)


def test_a_zero_terminal_snr_has_no_sigma():
    schedule = Schedule.named("linear~zero_terminal", 100)
    with pytest.raises(ValueError, match="begin at t = 98"):
        sigmas(schedule, [99, 50])
    assert len(sigmas(schedule, [98, 50])) == 3
