"""One step of p, and the generators of its noise."""

import pytest
import torch

from ddpm.diffusion.process import (
    generators,
    p_sample,
    predict_start_from_noise,
    q_posterior,
    randn_like,
)
from ddpm.sampling.samplers import ddpm
from ddpm.schedules import SCHEDULES, Schedule

close = torch.testing.assert_close


@pytest.fixture(params=SCHEDULES)
def schedule(request):
    return Schedule.named(request.param, 100)


def test_too_few_generators_are_refused():
    with pytest.raises(ValueError, match="3 images need as many generators, not 2"):
        randn_like(torch.empty(3, 1, 2, 2), generators(2, seed=0))


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("learned_variance", [False, True])
def test_p_sample_over_all_t_is_the_ddpm_sampler(schedule, clip, learned_variance):
    def eps_fn(x, t):
        eps = torch.tanh(x) * (0.5 + t.view(-1, 1, 1, 1) / 200)
        return torch.cat([eps, torch.sin(3 * x)], 1) if learned_variance else eps

    x = start = torch.randn(3, 1, 4, 4)
    gen = torch.Generator().manual_seed(5)
    path = []
    for t in reversed(range(100)):
        x = p_sample(eps_fn, schedule, x, torch.full((3,), t), clip=clip, generator=gen)
        path.append(x)
    gen = torch.Generator().manual_seed(5)
    steps = list(ddpm(eps_fn, schedule, start, range(99, -1, -1), clip=clip, generator=gen))
    for ours, step in zip(path, steps, strict=True):
        # relative to the size of the state, which grows large under cosine without clipping
        size = float(step.x.abs().max().clamp(min=1))
        close(ours / size, step.x / size, rtol=1e-4, atol=1e-4)


def test_p_sample_is_the_posterior_of_the_clipped_estimate(schedule):
    """At t = 0 it returns x̂_0 itself, without noise."""
    x, t = torch.randn(2, 1, 4, 4), torch.tensor([0, 0])
    eps = torch.randn(2, 1, 4, 4) * 50
    x_start = predict_start_from_noise(schedule, x, t, eps)
    assert x_start.abs().max() > 1
    close(p_sample(lambda x, t: eps, schedule, x, t, clip=False), x_start, rtol=1e-4, atol=1e-4)
    close(p_sample(lambda x, t: eps, schedule, x, t), x_start.clamp(-1, 1), rtol=1e-4, atol=1e-4)
    t = torch.tensor([60, 60])
    noise = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(3))
    x_start = predict_start_from_noise(schedule, x, t, eps).clamp(-1, 1)
    mean, variance = q_posterior(schedule, x_start, x, t)
    got = p_sample(lambda x, t: eps, schedule, x, t, generator=torch.Generator().manual_seed(3))
    close(got, mean + variance.sqrt() * noise)


def test_a_step_from_where_epsilon_says_nothing_is_refused_by_name():
    """ᾱ_T is 0: every x_0 leads to the same x_T."""
    schedule, x = Schedule.named("cosine~zero_terminal", 40), torch.randn(2, 1, 4, 4)
    for call in (
        lambda t: p_sample(lambda x, t: x, schedule, x, t),
        lambda t: predict_start_from_noise(schedule, x, t, x),
    ):
        with pytest.raises(ValueError, match=r"ᾱ is 0 at t = 39: .* Begin at t = 38"):
            call(torch.tensor([3, 39]))
        assert call(torch.tensor([3, 38])).isfinite().all()
