import math

import pytest
import torch
from torch import nn

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import (
    p_losses,
    p_sample,
    predict_start_from_noise,
    q_posterior,
    q_sample,
)
from ddpm.sampling.samplers import ddpm
from ddpm.schedules import SCHEDULES, Schedule

close = torch.testing.assert_close


@pytest.fixture(params=SCHEDULES)
def schedule(request):
    return Schedule.named(request.param, 100)


def oracle(answer):
    """A network that returns a given answer, whatever it is asked."""
    return lambda x, t, labels=None: answer


# ------------------------------------------------------------------ the forward process


def test_iterated_q_equals_the_closed_form(schedule):
    """Equation 2 applied t times, in mean and variance, against equation 4."""
    scale, variance = 1.0, 0.0
    x_start, noise = torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    for t, beta in enumerate(schedule.betas.double().tolist()):
        # x_t = √(1-β) x_{t-1} + √β z
        scale, variance = scale * math.sqrt(1 - beta), (1 - beta) * variance + beta
        at = torch.tensor([t])
        mean = float(q_sample(schedule, x_start, at, 0 * noise))
        spread = float(q_sample(schedule, 0 * x_start, at, noise))
        # β is stored in float32: near β = 0.999 that is 6e-8 of 1-β = 1e-3
        assert mean == pytest.approx(scale, rel=1e-4)
        assert spread**2 == pytest.approx(variance, rel=1e-4)


def test_the_two_forms_of_the_posterior_mean_agree(schedule):
    """Equation 7 in x_0 and x_t, and equation 11 in x_t and ε. At t = 0 both are x_0."""
    x_start, eps = torch.rand(100, 1, 2, 2) * 2 - 1, torch.randn(100, 1, 2, 2)
    t = torch.arange(100)
    x_t = q_sample(schedule, x_start, t, eps)
    mean7, _ = q_posterior(schedule, x_start, x_t, t)
    # in float64: 1/√α is 30 at the end of cosine, and two large terms cancel
    beta = schedule.betas.double()[:, None, None, None]
    acp = schedule.exact_alphas_cumprod[:, None, None, None]
    exact = acp.sqrt() * x_start + (1 - acp).sqrt() * eps
    mean11 = (exact - beta / (1 - acp).sqrt() * eps) / (1 - beta).sqrt()
    close(mean7.double(), mean11, rtol=1e-3, atol=1e-4)
    close(mean7[0], x_start[0])


def test_the_posterior_is_bayes_rule(schedule):
    """N(x_{t-1}; √ᾱ' x_0, 1-ᾱ') times N(x_t; √α x_{t-1}, β), completed to a square."""
    shape = (1, 1, 1, 1)
    x_start, x_t = torch.full(shape, 0.3), torch.full(shape, -0.7)
    for t in (1, 2, 50, 98, 99):
        # 1 - ᾱ' of a stored float32 has lost digits for small t
        acp_prev, acp = schedule.exact_alphas_cumprod[t - 1 : t + 1].tolist()
        beta = 1 - acp / acp_prev
        precision = 1 / (1 - acp_prev) + (1 - beta) / beta
        weighted = math.sqrt(acp_prev) * 0.3 / (1 - acp_prev) + math.sqrt(1 - beta) * -0.7 / beta
        mean, variance = q_posterior(schedule, x_start, x_t, torch.tensor([t]))
        assert variance.shape == shape
        assert float(mean) == pytest.approx(weighted / precision, rel=2e-3, abs=1e-4)
        assert float(variance) == pytest.approx(1 / precision, rel=2e-3)
    _, variance = q_posterior(schedule, x_start, x_t, torch.tensor([0]))
    assert float(variance) == 0


def test_predict_start_inverts_q_sample(schedule):
    x_start, noise = torch.rand(100, 1, 4, 4) * 2 - 1, torch.randn(100, 1, 4, 4)
    t = torch.arange(100)
    found = predict_start_from_noise(schedule, q_sample(schedule, x_start, t, noise), t, noise)
    # x_t in float32 has an error of 1e-7, so x̂_0 has one of 1e-7 / √ᾱ
    error = (found - x_start).abs().flatten(1).amax(1)
    assert (error <= 2e-6 / schedule.sqrt_alphas_cumprod).all()


@pytest.mark.parametrize("t", [-1, 100, 1000])
def test_t_out_of_range_is_refused_with_the_range(t):
    schedule = Schedule.named("linear", 100)
    x, t = torch.zeros(2, 1, 4, 4), torch.tensor([0, t])
    for call in (
        lambda: q_sample(schedule, x, t, x),
        lambda: q_posterior(schedule, x, x, t),
        lambda: predict_start_from_noise(schedule, x, t, x),
        lambda: p_sample(lambda x, t: x, schedule, x, t),
        lambda: p_losses(Denoiser(oracle(x), schedule), x, t),
    ):
        with pytest.raises(ValueError, match="between 0 and 99"):
            call()


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1)])
def test_t_of_another_length_is_refused(shape):
    """(1,) would otherwise broadcast silently."""
    schedule = Schedule.named("linear", 100)
    x, t = torch.zeros(2, 1, 4, 4), torch.zeros(shape, dtype=torch.int64)
    with pytest.raises(ValueError, match="one time for each image"):
        q_sample(schedule, x, t, x)


# ------------------------------------------------------------------ one step of p


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


# ------------------------------------------------------------------ Denoiser and the loss


def answer_of(schedule, objective, x_start, t, noise):
    """The network's target for each objective by its definition, computed in float64."""
    acp = schedule.exact_alphas_cumprod[t][:, None, None, None]
    v = acp.sqrt() * noise - (1 - acp).sqrt() * x_start
    return {"eps": noise, "x0": x_start, "v": v.float()}[objective]


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_every_objective_gives_the_same_eps(schedule, objective):
    x_start, noise = torch.rand(100, 1, 4, 4) * 2 - 1, torch.randn(100, 1, 4, 4)
    t = torch.arange(100)
    x_t = q_sample(schedule, x_start, t, noise)
    network = oracle(answer_of(schedule, objective, x_start, t, noise))
    # ε computed from x̂_0 has an error of 1e-7 / √(1-ᾱ), and √(1-ᾱ) is at least 0.02
    close(Denoiser(network, schedule, objective)(x_t, t), noise, rtol=0, atol=2e-5)


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_a_whole_t_may_be_a_float(schedule, objective):
    x, t = torch.randn(100, 1, 4, 4), torch.arange(100)
    denoiser = Denoiser(oracle(torch.randn(100, 1, 4, 4)), schedule, objective)
    whole = denoiser(x, t)
    # a log-SNR of 10 in float32 gives ᾱ/(1-ᾱ) to a relative 1e-6
    close(denoiser(x, t.double()), whole, rtol=1e-4, atol=1e-5)
    close(denoiser(x, t.float()), whole, rtol=1e-4, atol=1e-5)


def test_an_unknown_objective_is_refused():
    with pytest.raises(ValueError, match="eps, v, x0"):
        Denoiser(nn.Identity(), Schedule.named("linear", 10), "noise")


LOSS_BY_HAND = {
    "l1": lambda d: abs(d),
    "l2": lambda d: d * d,
    "huber": lambda d: d * d / 2 if abs(d) < 1 else abs(d) - 0.5,
}


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
@pytest.mark.parametrize("loss", LOSS_BY_HAND)
def test_p_losses_by_hand_and_zero_for_an_oracle(schedule, objective, loss):
    x_start, noise = torch.rand(4, 1, 3, 3) * 2 - 1, torch.randn(4, 1, 3, 3)
    t = torch.tensor([0, 30, 60, 99])
    target = answer_of(schedule, objective, x_start, t, noise)
    output = target + 2 * torch.randn(4, 1, 3, 3)  # errors on both sides of Huber's bend
    got = p_losses(Denoiser(oracle(output), schedule, objective), x_start, t, noise, loss=loss)
    errors = (output.double() - target.double()).flatten().tolist()
    by_hand = sum(map(LOSS_BY_HAND[loss], errors)) / len(errors)
    assert got.shape == ()
    assert float(got) == pytest.approx(by_hand, rel=1e-5)
    exact = Denoiser(oracle(target), schedule, objective)
    assert float(p_losses(exact, x_start, t, noise, loss=loss)) < 1e-6


def test_p_losses_passes_x_t_and_the_labels_to_the_network():
    schedule = Schedule.named("linear", 100)
    seen = []

    def network(x, t, labels=None):
        seen.append((x, t, labels))
        return x

    x_start, noise = torch.rand(2, 1, 3, 3), torch.randn(2, 1, 3, 3)
    t, labels = torch.tensor([10, 90]), torch.tensor([3, 4])
    p_losses(Denoiser(network, schedule), x_start, t, noise, labels=labels)
    (x_t, times, passed), = seen  # fmt: skip
    assert torch.equal(x_t, q_sample(schedule, x_start, t, noise))
    assert times is t and passed is labels


def test_an_unknown_loss_is_refused():
    denoiser = Denoiser(oracle(0), Schedule.named("linear", 10))
    with pytest.raises(ValueError, match="l1, l2, huber"):
        p_losses(denoiser, torch.zeros(1, 1, 2, 2), torch.tensor([0]), loss="l3")
