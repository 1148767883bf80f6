from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler

from ddpm.checkpoint import load_checkpoint
from ddpm.data import fashion_mnist, to_float
from ddpm.diffusion import Denoiser, randn_like
from ddpm.guidance import conditioned, retimed
from ddpm.samplers import SAMPLERS, ddim, ddpm
from ddpm.schedules import SCHEDULES, Schedule, zero_terminal_snr
from ddpm.spacing import spaced_timesteps
from ddpm.unet import Unet

SHIPPED = Path(__file__).parents[1] / "checkpoints" / "fashion_mnist.safetensors"
close = torch.testing.assert_close


def seed(k: int) -> torch.Generator:
    return torch.Generator().manual_seed(k)


def eps_fn(x, t):
    """A fixed network that is no straight line in x, and depends on t."""
    return torch.tanh(1.5 * x) + 0.1 * torch.cos(t.view(-1, 1, 1, 1) / 7 + x)


# ------------------------------------------------------------------ against diffusers


def walk(oracle, x: torch.Tensor, **options) -> list:
    """Every state and guess along diffusers' trajectory from x."""
    path = []
    for t in oracle.timesteps:
        eps = eps_fn(x, torch.full((len(x),), int(t)))
        out = oracle.step(eps, int(t), x, **options)
        x = out.prev_sample
        path.append((int(t), x, out.pred_original_sample))
    return path


def assert_same_path(ours: list, theirs: list) -> None:
    """A relative tolerance of 1e-4 at every step; the absolute one is for values near 0."""
    assert [step.t for step in ours] == [t for t, _, _ in theirs]
    assert [step.i for step in ours] == list(range(len(theirs)))
    for step, (_, x, x_start) in zip(ours, theirs, strict=True):
        # without clipping a guess may be large, and its small entries carry that rounding
        for mine, other in ((step.x, x), (step.x_start, x_start)):
            close(mine, other, rtol=1e-4, atol=1e-4 * max(1.0, float(other.abs().max())) / 5)


def tables(name: str, T: int) -> dict:
    return {
        "num_train_timesteps": T,
        "trained_betas": Schedule.named(name, T).betas.numpy(),
        "prediction_type": "epsilon",
    }


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("T, n", [(100, 100), (1000, 50)])
@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("spacing", ["leading", "trailing"])
def test_ddpm_equals_diffusers(name, T, n, clip, spacing):
    """With the same noise: both draw from a generator of the same seed, in the same order."""
    schedule = Schedule.named(name, T)
    oracle = DDPMScheduler(**tables(name, T), clip_sample=clip, timestep_spacing=spacing)
    oracle.set_timesteps(n)
    x = torch.randn(2, 1, 6, 6, generator=seed(0))
    times = spaced_timesteps(schedule, n, spacing)
    ours = list(ddpm(eps_fn, schedule, x, times, clip=clip, generator=seed(1)))
    assert_same_path(ours, walk(oracle, x, generator=seed(1)))


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("T, n", [(200, 20), (1000, 50)])
@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
def test_ddim_equals_diffusers(name, T, n, clip, eta):
    """Spacing "leading", n divides T. With clipping, ε is made to agree with the clipped x̂_0."""
    schedule = Schedule.named(name, T)
    oracle = DDIMScheduler(**tables(name, T), clip_sample=clip, timestep_spacing="leading")
    oracle.set_timesteps(n)
    x = torch.randn(2, 1, 6, 6, generator=seed(0))
    times = spaced_timesteps(schedule, n, "leading")
    ours = list(ddim(eps_fn, schedule, x, times, clip=clip, eta=eta, generator=seed(1)))
    theirs = walk(oracle, x, eta=eta, use_clipped_model_output=clip, generator=seed(1))
    assert_same_path(ours, theirs)


def test_ddim_with_eta_1_is_ddpm():
    """Song et al. 2021, section 4.1; through two programs that share no formula."""
    schedule = Schedule.named("linear", 100)
    x, times = torch.randn(2, 1, 6, 6), spaced_timesteps(schedule, 25)
    a = list(ddpm(eps_fn, schedule, x, times, generator=seed(1)))
    b = list(ddim(eps_fn, schedule, x, times, generator=seed(1), eta=1.0))
    for one, other in zip(a, b, strict=True):
        close(one.x, other.x, rtol=1e-4, atol=1e-5)


# ------------------------------------------------------------------ at the ends


def test_ddim_stays_real_where_rounding_leaves_no_variance():
    """1 - ᾱ - σ² is 0 at eta = 1 between such far steps, and must not round to below it."""
    schedule = Schedule.named("sigmoid", 10)
    x = torch.randn(1, 1, 4, 4, generator=seed(0))
    for step in ddim(eps_fn, schedule, x, [9, 0], eta=1.0, generator=seed(1)):
        assert step.x.dtype == torch.float32 and step.x.isfinite().all()


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
@pytest.mark.parametrize("times", [[], [10, 10], [5, 6], [100, 50], [50, -1]])
def test_bad_timesteps_are_refused_with_the_range(sampler, times):
    schedule = Schedule.named("linear", 100)
    with pytest.raises(ValueError, match="between 99 and 0"):
        next(sampler(eps_fn, schedule, torch.zeros(1, 1, 2, 2), times))


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
def test_a_start_where_nothing_is_left_of_the_image_is_refused(sampler):
    schedule = zero_terminal_snr(Schedule.named("linear", 100))
    with pytest.raises(ValueError, match="t = 99"):
        next(sampler(eps_fn, schedule, torch.zeros(1, 1, 2, 2), [99, 50]))
    assert next(sampler(eps_fn, schedule, torch.zeros(1, 1, 2, 2), [98, 50])).t == 98


# ------------------------------------------------------------------ as generators


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
def test_closing_a_sampler_ends_it(sampler):
    calls = []

    def counted(x, t):
        calls.append(int(t[0]))
        return eps_fn(x, t)

    schedule = Schedule.named("linear", 100)
    steps = sampler(counted, schedule, torch.zeros(1, 1, 4, 4), range(99, -1, -1))
    assert calls == []  # nothing runs before the first step is asked for
    next(steps), next(steps)
    steps.close()
    assert calls == [99, 98]
    with pytest.raises(StopIteration):
        next(steps)


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
def test_no_gradients_inside_and_the_callers_mode_outside(sampler):
    """Between steps, after an early end and after an error, gradients are as they were."""
    layer = torch.nn.Conv2d(1, 1, 1)
    modes = []

    def network(x, t):
        modes.append(torch.is_grad_enabled())
        if len(modes) == 3:
            raise RuntimeError("stop")
        return layer(x)

    schedule = Schedule.named("linear", 10)
    for outside in (True, False):
        modes.clear()
        with torch.set_grad_enabled(outside):
            steps = sampler(network, schedule, torch.zeros(1, 1, 4, 4), range(9, -1, -1))
            step = next(steps)
            assert torch.is_grad_enabled() is outside
            assert not step.x.requires_grad and not step.x_start.requires_grad
            next(steps)
            assert torch.is_grad_enabled() is outside
            with pytest.raises(RuntimeError, match="stop"):
                next(steps)
            assert torch.is_grad_enabled() is outside
            other = sampler(lambda x, t: x, schedule, torch.zeros(1, 1, 4, 4), [5, 4])
            next(other)
            other.close()
            assert torch.is_grad_enabled() is outside
        assert modes == [False, False, False]


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=list(SAMPLERS))
def test_steps_are_not_written_over(sampler):
    """A tab keeps the steps for its GIF; x_T that went in is also unchanged."""
    schedule = Schedule.named("linear", 10)
    x = torch.randn(1, 1, 4, 4)
    start = x.clone()
    steps, copies = [], []
    for step in sampler(eps_fn, schedule, x, range(9, -1, -1), generator=seed(0)):
        steps.append(step)
        copies.append((step.x.clone(), step.x_start.clone()))
    assert torch.equal(x, start)
    for step, (x, x_start) in zip(steps, copies, strict=True):
        assert torch.equal(step.x, x) and torch.equal(step.x_start, x_start)
        assert step.x_start.abs().max() <= 1  # clipped
    assert torch.equal(steps[-1].x, steps[-1].x_start)  # it ends on the guess of x_0


# ------------------------------------------------------------------ on a known distribution


MU, S, N = 0.3, 0.4, 20_000  # pixels ~ N(MU, S²); number of samples


def gaussian_eps(schedule):
    """The exact ε for pixels ~ N(MU, S²): x_t ~ N(√ᾱ MU, ᾱ S² + 1-ᾱ), by regression."""
    acp = schedule.exact_alphas_cumprod.tolist()

    def eps(x, t):
        a = acp[int(t[0])]
        return math.sqrt(1 - a) * (x - math.sqrt(a) * MU) / (a * S * S + 1 - a)

    return eps


@pytest.mark.parametrize("name", SCHEDULES)
def test_ddpm_recovers_a_gaussian(name):
    """Mean and spread of N(MU, S²), from N(0, 1) in 200 steps without clipping."""
    schedule = Schedule.named(name, 200)
    x = torch.randn(N, 1, 1, 1, generator=seed(0))
    *_, last = ddpm(
        gaussian_eps(schedule), schedule, x, range(199, -1, -1), clip=False, generator=seed(1)
    )
    # Five standard errors. β̃ is the variance for a known x_0, hence a little small: by the
    # recursion for a Gaussian the spread ends at 0.959 (linear) to 0.979 (sigmoid) of S.
    assert float(last.x.mean()) == pytest.approx(MU, abs=5 * S / math.sqrt(N))
    assert 0.95 < float(last.x.std()) / S < 1.0


@pytest.mark.parametrize("name", SCHEDULES)
def test_ddpm_spread_tends_to_the_true_one_with_T(name):
    """At T = 1000 the gap is at most 1 %, and the sampling error of the spread 0.5 %."""
    schedule = Schedule.named(name, 1000)
    x = torch.randn(N, 1, 1, 1, generator=seed(0))
    *_, last = ddpm(
        gaussian_eps(schedule), schedule, x, range(999, -1, -1), clip=False, generator=seed(1)
    )
    assert float(last.x.mean()) == pytest.approx(MU, abs=5 * S / math.sqrt(N))
    assert float(last.x.std()) == pytest.approx(S, rel=0.01 + 3 / math.sqrt(2 * N))


@pytest.mark.parametrize("name", SCHEDULES)
def test_ddim_carries_each_quantile_of_noise_to_that_of_the_gaussian(name):
    """The exact flow is x_0 = MU + S x_T: no randomness, so no sampling error."""
    schedule = Schedule.named(name, 1000)
    x = torch.linspace(-3, 3, 61).view(-1, 1, 1, 1)
    *_, last = ddim(gaussian_eps(schedule), schedule, x, range(999, -1, -1), clip=False)
    # The residue of √ᾱ_T MU in x_T and an Euler error that falls as 1/T leave about 1 %.
    close(last.x, MU + S * x, rtol=0, atol=0.02)


# ------------------------------------------------------------------ on real images


@pytest.fixture(scope="module")
def real():
    """200 images of each class: the whole data distribution of the tests below."""
    images, labels = fashion_mnist("train", source="shipped")
    chosen = torch.cat([(labels == c).nonzero()[:200, 0] for c in range(10)])
    return to_float(images[chosen]), labels[chosen]


def classes_of_samples(schedule: Schedule, real, n: int = 200) -> torch.Tensor:
    """Sample n images from x_T ~ N(0, I) with an exact denoiser, and count them by class.

    No training is involved: when the data are known images, E[x_0 | x_t] is their mean,
    weighted by how likely each has led to x_t. 50 `ddpm` steps spread over the T.
    """
    images, labels = real
    data = images.flatten(1)
    size = data.square().sum(1)
    acp = schedule.exact_alphas_cumprod.tolist()

    def eps(x, t):
        a, flat = acp[int(t[0])], x.flatten(1)
        # log N(x; √ᾱ x_0, (1-ᾱ) I), up to what all images share
        logits = (math.sqrt(a) * flat @ data.T - a * size / 2) / (1 - a)
        x_start = logits.softmax(dim=1) @ data
        return ((flat - math.sqrt(a) * x_start) / math.sqrt(1 - a)).view_as(x)

    x = torch.randn(n, 1, 28, 28, generator=seed(0))
    times = spaced_timesteps(schedule, 50)
    *_, last = ddpm(eps, schedule, x, times, generator=seed(1))
    distance, nearest = torch.cdist(last.x.flatten(1), data).min(dim=1)
    assert distance.max() < 0.5  # of 28 for two images at random: each sample is a real image
    return labels[nearest].bincount(minlength=10)


def chi_square(counts: torch.Tensor) -> float:
    expected = counts.sum() / 10
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("name", SCHEDULES)
def test_an_exact_denoiser_samples_balanced_classes(name, real):
    """Fair draws exceed 33.7 once in 10,000 times (χ², 9 degrees of freedom)."""
    counts = classes_of_samples(Schedule.named(name, 200), real)
    assert chi_square(counts) < 33.7, counts.tolist()


def test_the_notebooks_range_does_not(real):
    """β from 1e-4 to 0.02 at T = 200: a defect of the schedule, as the denoiser is exact."""
    counts = classes_of_samples(Schedule.named("linear", 200, rescale=False), real)
    assert chi_square(counts) > 150, counts.tolist()
    # N(0, I) is too bright a start for what should be √0.132 x_0 + noise
    trouser, sneaker = 1, 7
    assert counts[trouser] + counts[sneaker] <= 10  # of 40 expected


@pytest.mark.parametrize("sampler", ["ddpm", "dpm_solver"])
def test_the_shipped_network_draws_the_same_image_at_any_batch_size(sampler):
    """Image k has its own seed: alone, among 16 and among 64 it is the same, up to rounding."""
    loaded = load_checkpoint(SHIPPED, "cpu")
    times = spaced_timesteps(loaded.schedule, 4)

    def draw(count: int) -> torch.Tensor:
        seeds = [seed(k) for k in range(count)]
        x = randn_like(torch.empty(count, 1, 28, 28), seeds)
        eps_fn = conditioned(loaded.model, torch.arange(count) % 10)
        *_, last = SAMPLERS[sampler](eps_fn, loaded.schedule, x, times, generator=seeds)
        return last.x

    full = draw(64)
    assert (draw(16) - full[:16]).abs().max() < 1e-3
    assert (draw(1) - full[:1]).abs().max() < 1e-3


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("learned_variance", [False, True])
def test_nothing_in_the_loop_waits_for_a_device(sampler, learned_variance):
    """On "meta" there are no values: whoever looks at one, as .item() and `if` do, fails.
    On a GPU it would wait."""
    network = Unet(8, (1, 2), num_classes=3, dim_head=4, learned_variance=learned_variance)
    model = Denoiser(network, Schedule.named("cosine", 100), "v").to("meta")
    other = Schedule.named("linear", 100).to("meta")
    labels = torch.zeros(2, dtype=torch.int64, device="meta")
    eps_fn = retimed(conditioned(model, labels, 2.0, interval=(20, 80)), model.schedule, other)
    times = spaced_timesteps(Schedule.named("linear", 100), 6)
    x = torch.empty(2, 1, 8, 8, device="meta")
    steps = list(SAMPLERS[sampler](eps_fn, other, x, times))
    assert len(steps) == 6 and steps[-1].x.device.type == "meta"
