"""Lists of σ and β, against diffusers' schedulers and other tools' formulas, there and back."""

import numpy as np
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


def listed(schedule, n, spacing):
    """Our times and their σ."""
    times = ddpm.spaced_timesteps(schedule, n, spacing)
    *found, last = sigmas(schedule, times)
    assert last == 0  # as in all lists below
    return np.array(times), np.array(found)


@pytest.mark.parametrize("name", SCHEDULES)
def test_spacings_are_those_of_k_diffusion_and_comfyui(name):
    """Their formulas over the table of σ by t (k_diffusion/external.py and sampling.py,
    comfy/samplers.py), each where it asks for whole t alone, and where it doesn't: then ours is one
    of the two around it."""
    schedule = Schedule.named(name, 1000)
    signal = schedule.exact_alphas_cumprod.numpy()
    table = np.exp(np.log((1 - signal) / signal) / 2)
    whole = np.arange(1000)

    def beside(times, theirs):
        """Whether each of their σ lies between those of ours one step up and one down."""
        low, high = (table[np.clip(times + step, 0, 999)] for step in (-1, 1))
        return (low <= theirs * (1 + 1e-9)) & (theirs <= high * (1 + 1e-9))

    for n in (10, 12):
        # DiscreteSchedule.get_sigmas, ComfyUI's normal: even in t, log σ on lines between whole t
        theirs = np.exp(np.interp(np.linspace(999, 0, n), whole, np.log(table)))
        times, ours = listed(schedule, n, "linspace")
        assert beside(times, theirs).all()
        assert n != 10 or ours == pytest.approx(theirs, rel=1e-6)

        # simple: each T/n-th from the end, rounded down
        theirs = table[[999 - k * 1000 // n for k in range(n)]]
        times, ours = listed(schedule, n, "trailing")
        assert beside(times, theirs).all()
        assert n != 10 or ours == pytest.approx(theirs, rel=1e-6)

        # ddim_uniform: each ⌊T/n⌋-th from t = 1 on, as long as there are any: one t more than ours
        theirs = table[1 :: 1000 // n][:n][::-1]
        times, _ = listed(schedule, n, "leading")
        assert table[times + 1] == pytest.approx(theirs, rel=1e-12)

        # get_sigmas_exponential: even in log σ; ours takes no t twice, where cosine ends in leaps
        theirs = np.exp(np.linspace(np.log(table[-1]), np.log(table[0]), n))
        times, _ = listed(schedule, n, "logsnr")
        moved = np.diff(times, prepend=1001) == -1
        assert (beside(times, theirs) | moved).all() and moved.sum() < 4


def test_the_sigmas_of_karras_are_visited_under_the_schedule_drawn_through_them():
    """No spacing here has them: get_sigmas_karras, Karras et al. 2022, equation 5, with ρ = 7."""
    ramp = np.linspace(80 ** (1 / 7), 0.002 ** (1 / 7), 12)
    _, ours = listed(Schedule.named(drawn_from((ramp**7).tolist()), 1000), 12, "linspace")
    assert ours == pytest.approx(ramp**7, rel=0.02)  # half a step of a thousand


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
