"""Where steps lie from a picture on (the spacings themselves: test_samplers.py)."""

from __future__ import annotations

import pytest
import torch

from ddpm.data import fashion_mnist, to_float
from ddpm.diffusion import q_sample
from ddpm.samplers import dpm_solver
from ddpm.schedules import SCHEDULES, Schedule
from ddpm.spacing import SPACINGS, spaced_timesteps, start_from_picture

close = torch.testing.assert_close


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("start", [999, 500, 30])
@pytest.mark.parametrize("n", [1, 2, 10, 31])
def test_times_fall_from_the_start(spacing, start, n):
    times = spaced_timesteps(Schedule.named("cosine", 1000), n, spacing, start=start)
    assert len(times) == n and times == sorted(set(times), reverse=True)
    assert start >= times[0] and times[-1] >= 0
    if spacing not in ("leading", "middle"):
        assert times[0] == start
    if spacing not in ("trailing", "middle") and n > 1:
        assert times[-1] == 0


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_middle_is_even_in_log_snr_and_leaves_out_both_ends(name):
    schedule = Schedule.named(name, 1000)
    log_snr = schedule.log_snr[spaced_timesteps(schedule, 8, "middle")]
    assert -9 < log_snr[0] < -7 and 7 < log_snr[-1] < 9
    close(log_snr.diff(), log_snr.diff().mean().expand(7), rtol=0.2, atol=0)
    assert spaced_timesteps(schedule, 3, "middle", start=2) == [2, 1, 0]


@pytest.mark.parametrize("start", [-1, 100])
def test_a_start_outside_the_schedule_is_refused_with_the_range(start):
    with pytest.raises(ValueError, match="between 0 and 99"):
        spaced_timesteps(Schedule.named("cosine", 100), 1, start=start)


def test_more_steps_than_times_are_refused():
    with pytest.raises(ValueError, match="from 1 to 31, not 32"):
        spaced_timesteps(Schedule.named("cosine", 100), 32, start=30)


def test_a_start_is_the_noised_picture():
    schedule = Schedule.named("linear", 100)
    pictures = torch.rand(3, 1, 4, 4) * 2 - 1
    seeds = [torch.Generator().manual_seed(k) for k in range(3)]
    x, times = start_from_picture(schedule, pictures, 60, 5, generator=seeds)
    seeds = [torch.Generator().manual_seed(k) for k in range(3)]
    noise = torch.stack([torch.randn(1, 4, 4, generator=g) for g in seeds])
    close(x, q_sample(schedule, pictures, torch.full((3,), 60), noise))
    assert times == spaced_timesteps(schedule, 5, start=60)


@pytest.mark.parametrize("name", SCHEDULES)
def test_little_noise_keeps_the_picture_and_much_forgets_it(name):
    """An exact denoiser of 200 garments leads a slightly noised one back to itself, and a
    thoroughly noised one anywhere: SDEdit's trade-off (Meng et al. 2022, figure 3)."""
    schedule = Schedule.named(name, 1000)
    data = to_float(fashion_mnist("train", source="shipped")[0][:200])
    flat = data.flatten(1)

    def exact_eps(x, t):
        acp = schedule.alphas_cumprod[t][:, None]
        # log-density of x around each picture, then the mean picture given x
        distance = torch.cdist(x.flatten(1), acp[:1].sqrt() * flat).square()
        x_start = ((-distance / (2 * (1 - acp))).softmax(1) @ flat).view_as(x)
        acp = acp.view(-1, 1, 1, 1)
        return (x - acp.sqrt() * x_start) / (1 - acp).sqrt()

    def returned(log_snr: float) -> float:
        t = int(schedule.t_of_log_snr(torch.tensor([log_snr])))
        seeds = torch.Generator().manual_seed(0)
        x, times = start_from_picture(schedule, data[:50], t, 20, "logsnr", generator=seeds)
        *_, last = dpm_solver(exact_eps, schedule, x, times)
        nearest = torch.cdist(last.x.flatten(1), flat).argmin(1)
        return (nearest == torch.arange(50)).double().mean().item()

    assert returned(0.0) == 1.0
    assert returned(-8.5) < 0.3
