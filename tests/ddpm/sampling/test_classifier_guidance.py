"""Classifier guidance against finite differences, and on a mixture whose posterior is known."""

import math
from dataclasses import replace

import pytest
import torch

from ddpm.checkpoint import build_network
from ddpm.diffusion.ideal import gaussian_eps
from ddpm.diffusion.seeds import generator
from ddpm.sampling.guidance import at_same_noise, classifier_guided, label_gradient, retimed
from ddpm.sampling.samplers import SAMPLERS, ddpm
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import Schedule

close = torch.testing.assert_close

# ------------------------------------------------------------------ the gradient


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_the_gradient_equals_finite_differences(tiny_config, scale):
    network = build_network(replace(tiny_config, network="classifier")).double().eval()
    x, t = torch.randn(3, 1, 8, 8, dtype=torch.float64), torch.tensor([0, 20, 49])
    labels = torch.tensor([2, 0, 1])

    def log_p(x):
        logits = network(x, t)
        return logits.gather(1, labels[:, None])[:, 0] - logits.exp().sum(1).log()

    with torch.no_grad():  # as within a sampler
        got = label_gradient(network, labels, scale)(x, t)
        h = 1e-5
        for place in ((0, 0, 0), (0, 3, 5), (0, 7, 7)):
            push = torch.zeros_like(x)
            push[(slice(None), *place)] = h
            slope = (log_p(x + push) - log_p(x - push)) / (2 * h)
            close(got[(slice(None), *place)], scale * slope, rtol=1e-6, atol=1e-9)
    assert got.shape == x.shape and not got.requires_grad


def test_a_label_for_each_picture_and_a_scale_in_range():
    def classifier(x, t):
        return x.flatten(1)[:, :2]

    x, t = torch.randn(3, 1, 2, 2), torch.zeros(3)
    for labels, says in (
        ([0, 1], r"labels must be \(3,\), not \(2,\)"),
        ([0, 1, 2], "labels must lie between 0 and 1, not 2"),
        ([0, -1, 0], "labels must lie between 0 and 1, not -1"),
    ):
        with pytest.raises(ValueError, match=says):
            label_gradient(classifier, torch.tensor(labels))(x, t)
    schedule = Schedule.named("cosine", 10)
    for scale in (-0.1, 101.0, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 100"):
            classifier_guided(classifier, classifier, schedule, torch.tensor([0]), scale)


# ------------------------------------------------------------------ a mixture of two Gaussians

# Pixels on their own. Two classes, the first twice as frequent; their exact noisy classifier is
# Bayes' rule on the two Gaussians that x_t is drawn from.
MEANS, S, ODDS = (-0.5, 0.6), 0.25, (2 / 3, 1 / 3)


class Mixture:
    """Its ε, and p(label | x_t), for x (B, 1, 1, 1)."""

    def __init__(self, schedule: Schedule):
        self.schedule = schedule

    def log_joint(self, x, t):
        """log p(label) p(x_t | label), (B, 2), up to what both share."""
        power = self.schedule.log_snr_at(t).sigmoid().view(-1, 1)
        spread = power * S**2 + 1 - power
        distance = x.flatten(1) - power.sqrt() * torch.tensor(MEANS)
        return torch.tensor(ODDS).log() - distance.square() / (2 * spread)

    def eps(self, x, t):
        """Each class's own ε, by how likely x_t is of that class."""
        each = [gaussian_eps(self.schedule, mean, S**2)(x, t) for mean in MEANS]
        weight = self.log_joint(x, t).softmax(1)
        return sum(weight[:, k].view(-1, 1, 1, 1) * each[k] for k in (0, 1))


@pytest.mark.parametrize("label", [0, 1])
def test_the_guided_eps_of_a_mixture_is_that_of_its_component(label):
    schedule = Schedule.named("cosine", 100)
    mixture, n = Mixture(schedule), 400
    x, t = torch.randn(n, 1, 1, 1), torch.arange(n) % 99
    labels = torch.full((n,), label)
    guided = classifier_guided(mixture.eps, mixture.log_joint, schedule, labels)
    exact = gaussian_eps(schedule, MEANS[label], S**2)(x, t)
    close(guided(x, t), exact, rtol=1e-4, atol=1e-4)
    assert (mixture.eps(x, t) - exact).abs().max() > 0.5


def test_under_another_schedule_guided_then_retimed_is_the_same():
    """Fractional times, as `retimed` asks for. A classifier of its own schedule goes through
    `retimed` first."""
    trained, other = Schedule.named("cosine", 1000), Schedule.named("linear", 100)
    x, t = torch.randn(100, 1, 1, 1), torch.arange(100)
    labels, mixture = t % 2, Mixture(trained)
    guided = classifier_guided(mixture.eps, mixture.log_joint, trained, labels)
    exact = torch.stack([gaussian_eps(other, mean, S**2)(x, t) for mean in MEANS])[labels, t]
    close(retimed(guided, trained, other)(x, t), exact, rtol=0, atol=1e-2)
    of_other = Mixture(other)
    foreign = retimed(mixture.log_joint, trained, other)
    close(classifier_guided(of_other.eps, foreign, other, labels)(x, t), exact, rtol=0, atol=1e-2)


@pytest.mark.parametrize("T", [100, 50])
def test_outside_its_interval_the_scale_is_1(T):
    """Times of the schedule that the model learned, whichever it draws under."""
    trained, other = Schedule.named("cosine", 100), Schedule.named("linear", T)
    x, t, labels = torch.randn(T, 1, 1, 1), torch.arange(T), torch.ones(T, dtype=torch.long)
    mixture = Mixture(other)
    guide = mixture.eps, mixture.log_joint, other, labels
    interval = at_same_noise((20, 60), trained, other)
    got = classifier_guided(*guide, 4.0, interval=interval)(x, t)
    inside = (other.log_snr <= trained.log_snr[20]) & (other.log_snr >= trained.log_snr[60])
    assert 0 < inside.sum() < T
    close(got[inside], classifier_guided(*guide, 4.0)(x, t)[inside])
    close(got[~inside], classifier_guided(*guide, 1.0)(x, t)[~inside])
    assert at_same_noise((0, 99), trained, other)[1] == math.inf  # and what lies beyond


def draw(sampler, label: int, steps: int, *, shifted: bool = False) -> torch.Tensor:
    """8,000 pixels of a class, from the ε of the mixture and its classifier."""
    n, schedule = 8_000, Schedule.named("cosine", 1000)
    mixture, labels = Mixture(schedule), torch.full((8_000,), label)
    options = {"clip": False, "generator": generator(1)}
    x = torch.randn(n, 1, 1, 1, generator=generator(0))
    eps_fn = mixture.eps
    if shifted:
        options["mean_shift"] = label_gradient(mixture.log_joint, labels)
    else:
        eps_fn = classifier_guided(eps_fn, mixture.log_joint, schedule, labels)
    *_, last = sampler(eps_fn, schedule, x, spaced_timesteps(schedule, steps), **options)
    return last.x


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("shifted", [False, True])
def test_ancestral_sampling_draws_the_known_posterior_in_both_forms(label, shifted):
    """Mean within five standard errors and 1%; β̃ is a little too small, by 2% at 500 steps."""
    x = draw(ddpm, label, 500, shifted=shifted)
    error = 5 * S / math.sqrt(len(x)) + 0.01 * abs(MEANS[label])
    assert float(x.mean()) == pytest.approx(MEANS[label], abs=error)
    assert float(x.std()) == pytest.approx(S, rel=0.05)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_draws_the_class_that_is_asked_for(name):
    x = draw(SAMPLERS[name], 1, 50)
    assert float(x.mean()) == pytest.approx(MEANS[1], abs=0.05)
    assert float(x.std()) == pytest.approx(S, rel=0.25)
    # the other class lies 4.4 standard deviations away: unguided, two thirds are below
    assert float((x < 0.05).float().mean()) < 0.05


def test_a_shift_is_the_gradient_times_the_variance_of_the_step():
    """Also a learned one: two steps by hand, with Nichol & Dhariwal's interpolation of log σ²."""
    schedule = Schedule.named("linear", 100)
    x, times = torch.randn(3, 1, 2, 2), [60, 20]

    def eps_fn(x, t):  # ε, and the fractions v of the variance
        return torch.cat([x / 2, torch.full_like(x, 0.4)], dim=1)

    plain, shifted = (
        next(ddpm(eps_fn, schedule, x, times, mean_shift=shift, generator=generator(3)))
        for shift in (None, lambda x, t: 3 * x + t.view(-1, 1, 1, 1))
    )
    acp, acp_prev = (float(schedule.exact_alphas_cumprod[t]) for t in times)
    beta = 1 - acp / acp_prev
    tilde = beta * (1 - acp_prev) / (1 - acp)
    variance = math.exp(0.7 * math.log(beta) + 0.3 * math.log(tilde))
    close(shifted.x - plain.x, variance * (3 * x + 60), rtol=1e-4, atol=1e-3)
    close(shifted.x_start, plain.x_start)


def test_guidance_leaves_a_learned_variance_alone():
    schedule = Schedule.named("linear", 10)
    x, t, labels = torch.randn(2, 1, 1, 1), torch.tensor([3, 4]), torch.tensor([0, 1])
    log_p = Mixture(schedule).log_joint

    def eps_fn(x, t):
        return torch.cat([x, x + 7], dim=1)

    output = classifier_guided(eps_fn, log_p, schedule, labels, 5.0)(x, t)
    close(output[:, 1:], x + 7)
    assert (output[:, :1] - x).abs().min() > 1e-3
