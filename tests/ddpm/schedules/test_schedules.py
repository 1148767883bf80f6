import math

import pytest
import torch
from diffusers import DDPMScheduler
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

from ddpm.schedules import (
    SCHEDULES,
    Schedule,
    cosine_beta_schedule,
    extract,
    zero_terminal_snr,
)
from ddpm.schedules.betas import BETAS

close = torch.testing.assert_close


# The notebook's functions, verbatim except for the dtype.
def notebook_cosine(timesteps, s=0.008):
    steps = timesteps + 1
    x = torch.linspace(0, timesteps, steps, dtype=torch.float64)
    alphas_cumprod = torch.cos(((x / timesteps) + s) / (1 + s) * torch.pi * 0.5) ** 2
    alphas_cumprod = alphas_cumprod / alphas_cumprod[0]
    betas = 1 - (alphas_cumprod[1:] / alphas_cumprod[:-1])
    return torch.clip(betas, 0.0001, 0.9999)


def notebook_linear(timesteps):
    beta_start = 0.0001
    beta_end = 0.02
    return torch.linspace(beta_start, beta_end, timesteps, dtype=torch.float64)


def notebook_quadratic(timesteps):
    beta_start = 0.0001
    beta_end = 0.02
    return torch.linspace(beta_start**0.5, beta_end**0.5, timesteps, dtype=torch.float64) ** 2


def notebook_sigmoid(timesteps):
    beta_start = 0.0001
    beta_end = 0.02
    betas = torch.linspace(-6, 6, timesteps, dtype=torch.float64)
    return torch.sigmoid(betas) * (beta_end - beta_start) + beta_start


NOTEBOOK = {"linear": notebook_linear, "quadratic": notebook_quadratic, "sigmoid": notebook_sigmoid}


@pytest.mark.parametrize("T", [2, 200, 1000])
@pytest.mark.parametrize("name", NOTEBOOK)
def test_without_rescale_the_tables_are_the_notebooks_bit_for_bit(name, T):
    betas = SCHEDULES[name](T, rescale=False)
    assert betas.dtype == torch.float64
    assert torch.equal(betas, NOTEBOOK[name](T))


@pytest.mark.parametrize("T", [200, 1000])
def test_cosine_is_the_notebooks_except_where_clipped(T):
    """The notebook clips β to [0.0001, 0.9999], ours to at most 0.999, as in the paper."""
    ours, notebook = cosine_beta_schedule(T), notebook_cosine(T)
    inside = (notebook > 0.0001) & (notebook < 0.999)
    # the notebook divides ᾱ by ᾱ_0 first: the same up to rounding
    close(ours[inside], notebook[inside], rtol=1e-9, atol=1e-12)
    assert ours[-1] == 0.999 and notebook[-1] == 0.9999
    # values that its lower clip raises are unclipped in our table
    below = ~inside & (notebook <= 0.0001)
    assert (ours[below] <= 0.0001 + 1e-12).all()
    assert int((~inside).sum()) <= 0.02 * T


@pytest.mark.parametrize("T", [2, 10, 200, 1000])
@pytest.mark.parametrize("name", ["linear", "quadratic", "sigmoid"])
def test_rescale_multiplies_the_range_by_1000_over_T(name, T):
    plain, scaled = SCHEDULES[name](T, rescale=False), SCHEDULES[name](T)
    close(scaled, (plain * 1000 / T).clamp(max=0.999), rtol=1e-9, atol=1e-12)


THEIRS = {
    "linear": "linear", "quadratic": "scaled_linear", "sigmoid": "sigmoid",
    "cosine": "squaredcos_cap_v2",
}  # fmt: skip


@pytest.mark.parametrize("T", [200, 1000])
@pytest.mark.parametrize("name", THEIRS)
def test_tables_equal_diffusers(name, T):
    scale = 1000 / T
    oracle = DDPMScheduler(T, scale * 1e-4, scale * 0.02, beta_schedule=THEIRS[name])
    ours = Schedule.named(name, T)
    # diffusers computes the cosine's 1 - a/b in Python floats but stores float32
    close(ours.betas, oracle.betas, rtol=1e-4, atol=1e-7)
    # its float32 product of T factors, and 1 - β near β = 1, lose some digits
    close(ours.alphas_cumprod, oracle.alphas_cumprod, rtol=1e-3 if name == "cosine" else 1e-4,
          atol=1e-9)  # fmt: skip


@pytest.mark.parametrize("name", BETAS)
def test_every_table_follows_from_the_betas(name):
    """Computed with Python floats, one step at a time."""
    betas = BETAS[name](20)
    schedule = Schedule(betas)
    assert schedule.T == 20
    acp = 1.0
    for t, beta in enumerate(betas.tolist()):
        before, acp = acp, acp * (1 - beta)
        variance = beta * (1 - before) / (1 - acp)
        expected = {
            "betas": beta,
            "alphas": 1 - beta,
            "alphas_cumprod": acp,
            "alphas_cumprod_prev": before,
            "sqrt_alphas_cumprod": math.sqrt(acp),
            "sqrt_one_minus_alphas_cumprod": math.sqrt(1 - acp),
            "log_snr": math.log(acp / (1 - acp)),
            "posterior_variance": variance,
            "posterior_mean_coef1": math.sqrt(before) * beta / (1 - acp),
            "posterior_mean_coef2": math.sqrt(1 - beta) * (1 - before) / (1 - acp),
        }
        for table, value in expected.items():
            stored = getattr(schedule, table)
            assert stored.shape == (20,) and stored.dtype == torch.float32
            # abs: a log-SNR near 0 has an absolute error in float32
            assert float(stored[t]) == pytest.approx(value, rel=1e-5, abs=1e-6), (table, t)


@pytest.mark.parametrize("name", SCHEDULES)
def test_t_of_log_snr_inverts_log_snr_at(name):
    schedule = Schedule.named(name, 300)
    assert torch.equal(schedule.log_snr_at(torch.arange(300.0)), schedule.log_snr)
    halves = torch.arange(299) + 0.5
    middle = (schedule.log_snr[1:] + schedule.log_snr[:-1]) / 2
    close(schedule.log_snr_at(halves), middle)
    t = torch.linspace(0, 299, 2000)
    # float32 gives a log-SNR near 10 to 1e-6, and its slope is at least 0.02
    close(schedule.t_of_log_snr(schedule.log_snr_at(t)), t, rtol=0, atol=1e-3)
    beyond = torch.tensor([100.0, -100.0])
    assert schedule.t_of_log_snr(beyond).tolist() == [0.0, 299.0]


@pytest.mark.parametrize("name", ["linear", "quadratic", "sigmoid"])
def test_zero_terminal_snr_equals_diffusers(name):
    plain = Schedule.named(name, 1000)
    ours = zero_terminal_snr(plain)
    close(ours.betas, rescale_zero_terminal_snr(plain.betas), rtol=1e-4, atol=1e-6)
    assert ours.alphas_cumprod[-1] == 0
    assert ours.alphas_cumprod[0] == plain.alphas_cumprod[0]
    assert plain.alphas_cumprod[-1] > 0  # the original is unchanged


@pytest.mark.parametrize(
    "betas",
    [
        [0.1, 0.0, 0.2],
        [0.1, -0.1],
        [0.1, 1.5],
        [0.1, 1.0, 0.2],  # only the last may be 1
        [0.1, float("nan")],
        [0.1],
        [[0.1, 0.2]],
        0.1,
    ],
)
def test_bad_betas_are_refused(betas):
    with pytest.raises(ValueError, match="beta"):
        Schedule(torch.tensor(betas))


def test_a_last_beta_of_one_is_allowed():
    assert Schedule(torch.tensor([0.1, 1.0])).alphas_cumprod[-1] == 0


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("T", [0, 1, -5, 10_001, 2.5, "200", True, None])
def test_T_out_of_range_is_refused_with_the_range(name, T):
    with pytest.raises(ValueError, match="from 2 to 10000"):
        Schedule.named(name, T)


def test_to_moves_a_copy():
    """The "meta" device stands in for an accelerator, so that this runs everywhere."""
    schedule = Schedule.named("linear", 50)
    moved = schedule.to("meta")
    assert moved is not schedule
    assert moved.device.type == "meta" and schedule.device.type == "cpu"
    for name, value in vars(moved).items():
        if isinstance(value, torch.Tensor) and not name.startswith("exact_"):
            assert value.device.type == "meta", name
            assert getattr(schedule, name).device.type == "cpu", name
    # samplers read these tables as Python numbers
    assert moved.exact_alphas_cumprod.device.type == "cpu"
    assert moved.exact_log_snr.device.type == "cpu"
    assert moved.T == 50


def test_extract_picks_one_entry_per_image():
    a = torch.arange(10.0) ** 2
    t = torch.tensor([3, 0, 9])
    for shape in ((3, 1, 4, 4), (3, 2), (3,)):
        got = extract(a, t, torch.zeros(shape))
        assert got.shape == (3, *(1,) * (len(shape) - 1))
        assert got.flatten().tolist() == [9.0, 0.0, 81.0]
