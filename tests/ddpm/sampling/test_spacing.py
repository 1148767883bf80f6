"""The times of a run, from noise or from a picture."""

import pytest
import torch
from diffusers import DDIMScheduler

from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.diffusion.ideal import exact_eps, nearest
from ddpm.diffusion.process import q_sample
from ddpm.sampling.samplers import dpm_solver
from ddpm.sampling.spacing import SPACINGS, spaced_timesteps, start_from_picture
from ddpm.schedules import SCHEDULES, Schedule, zero_terminal_snr
from devtools.schedules import ENDS_IN_NOISE

close = torch.testing.assert_close


@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
@pytest.mark.parametrize("T", [100, 200, 1000])
def test_spacings_equal_diffusers(spacing, T):
    """Exactly if n divides T; otherwise, two ways of rounding a half may differ by one."""
    schedule = Schedule.named("linear", T)
    for n in range(2, T + 1, 1 if T == 100 else 7):
        oracle = DDIMScheduler(T, timestep_spacing=spacing)
        oracle.set_timesteps(n)
        theirs, ours = oracle.timesteps.tolist(), spaced_timesteps(schedule, n, spacing)
        if T % n == 0 or spacing == "leading":
            assert ours == theirs, n
        else:
            # diffusers' "trailing" counts down in floats and may gain or lose a step at the end
            pairs = zip(ours, theirs, strict=False)
            assert max(abs(a - b) for a, b in pairs) <= 1, n


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("T", [2, 17, 200])
def test_n_distinct_decreasing_times_in_range(spacing, name, T):
    schedule = Schedule.named(name, T)
    for n in range(1, T + 1):
        times = spaced_timesteps(schedule, n, spacing)
        assert len(times) == n
        assert times == sorted(set(times), reverse=True), (n, times)
        assert times[-1] >= 0 and times[0] <= T - 1
        # A sampler starts where x is noise. "logsnr" takes all levels beyond -20 as one,
        # "middle" all beyond -7.5.
        beyond = {"logsnr": -20, "middle": -7.5}.get(spacing, -torch.inf)
        if schedule.log_snr[-1] > beyond:
            assert spacing == "leading" or times[0] == T - 1
        else:
            assert schedule.alphas_cumprod[times[0]] < (1e-8 if spacing == "logsnr" else 0.01)
        if spacing not in ("trailing", "middle") and n > 1:
            assert times[-1] == 0
    assert spaced_timesteps(schedule, T, spacing) == list(range(T - 1, -1, -1))


@pytest.mark.parametrize("spacing", SPACINGS)
def test_spacings_work_where_the_terminal_snr_is_zero(spacing):
    schedule = zero_terminal_snr(Schedule.named("linear", 100))
    times = spaced_timesteps(schedule, 10, spacing)
    assert len(set(times)) == 10 and times == sorted(times, reverse=True)
    assert times[0] <= 98  # x_99 holds nothing of x_0, and ε says nothing about it


@pytest.mark.parametrize(
    ("n", "start", "says"),
    [
        *((n, None, "from 1 to 200") for n in (0, -1, 201, 10**9, 2.5, "20", True, None)),
        *((1, start, "from 0 to 199") for start in (-1, 200)),
        (32, 30, "from 1 to 31, not 32"),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_range(n, start, says):
    with pytest.raises(ValueError, match=says):
        spaced_timesteps(Schedule.named("linear", 200), n, start=start)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("start", [999, 500, 30])
@pytest.mark.parametrize("n", [1, 2, 10, 31])
def test_times_decrease_from_the_start(spacing, start, n):
    times = spaced_timesteps(Schedule.named("cosine", 1000), n, spacing, start=start)
    assert len(times) == n and times == sorted(set(times), reverse=True)
    assert start >= times[0] and times[-1] >= 0
    if spacing not in ("leading", "middle"):
        assert times[0] == start
    if spacing not in ("trailing", "middle") and n > 1:
        assert times[-1] == 0


def test_middle_spacing_is_even_in_log_snr_and_skips_both_ends(fine):
    schedule = Schedule.named(fine, 1000)
    log_snr = schedule.log_snr[spaced_timesteps(schedule, 8, "middle")]
    assert abs(log_snr[0] - max(schedule.log_snr[-1], -10)) < 0.5 and 7.5 < log_snr[-1] < 8.1
    close(log_snr.diff(), log_snr.diff().mean().expand(7), rtol=0.2, atol=0)
    cosine = Schedule.named("cosine", 1000)
    for n, first, last in ((2, -7.5, 7), (4, -7.5, 7), (10, -10.8, 8.05), (15, -11.9, 8.4)):
        times = spaced_timesteps(cosine, n, "middle")
        found = cosine.log_snr[[times[0], times[-1]]]
        close(found, torch.tensor([first, last], dtype=found.dtype), rtol=0, atol=0.4)
    assert spaced_timesteps(schedule, 3, "middle", start=2) == [2, 1, 0]


def test_a_start_is_the_noised_picture():
    schedule = Schedule.named("linear", 100)
    pictures = torch.rand(3, 1, 4, 4) * 2 - 1
    seeds = [torch.Generator().manual_seed(k) for k in range(3)]
    x, times = start_from_picture(schedule, pictures, 60, 5, generator=seeds)
    seeds = [torch.Generator().manual_seed(k) for k in range(3)]
    noise = torch.stack([torch.randn(1, 4, 4, generator=g) for g in seeds])
    close(x, q_sample(schedule, pictures, torch.full((3,), 60), noise))
    assert times == spaced_timesteps(schedule, 5, start=60)


@pytest.mark.parametrize("name", ENDS_IN_NOISE)
def test_little_noise_keeps_the_picture_and_much_noise_loses_it(name):
    """An exact denoiser of 200 garments returns a slightly noised one to itself, and a strongly
    noised one to any of them: SDEdit's trade-off (Meng et al. 2022, figure 3).
    """
    schedule = Schedule.named(name, 1000)
    data = to_float(fashion_mnist("train", source="shipped")[0][:200])
    eps_fn = exact_eps(schedule, data)

    def returned(log_snr: float) -> float:
        t = int(schedule.t_of_log_snr(torch.tensor([log_snr])))
        seeds = torch.Generator().manual_seed(0)
        x, times = start_from_picture(schedule, data[:50], t, 20, "logsnr", generator=seeds)
        *_, last = dpm_solver(eps_fn, schedule, x, times)
        return (nearest(last.x, data) == torch.arange(50)).double().mean().item()

    assert returned(0.0) == 1.0
    assert returned(-8.5) < 0.3
