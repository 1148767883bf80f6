import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler

from ddpm.config import UnetConfig
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.seeds import generator as seed
from ddpm.networks.unet import Unet
from ddpm.sampling.guidance import classifier_free_guided, retimed
from ddpm.sampling.samplers import SAMPLERS, STUDENT_SAMPLERS, ddim, ddpm
from ddpm.sampling.spacing import spaced_timesteps
from ddpm.schedules import Schedule, zero_terminal_snr
from ddpm.schedules.betas import BETAS

EVERY = SAMPLERS | STUDENT_SAMPLERS
close = torch.testing.assert_close


def eps_fn(x, t):
    """A fixed network, nonlinear in x, that depends on t."""
    return torch.tanh(1.5 * x) + 0.1 * torch.cos(t.view(-1, 1, 1, 1) / 7 + x)


# ------------------------------------------------------------------ against diffusers


def walk(oracle, x: torch.Tensor, **options) -> list:
    """(t, x, x̂_0) after each step of diffusers' trajectory from x."""
    path = []
    for t in oracle.timesteps:
        eps = eps_fn(x, torch.full((len(x),), int(t)))
        out = oracle.step(eps, int(t), x, **options)
        x = out.prev_sample
        path.append((int(t), x, out.pred_original_sample))
    return path


def assert_same_path(ours: list, theirs: list) -> None:
    """Relative tolerance 1e-4 at every step; the absolute one is for values near 0."""
    assert [step.t for step in ours] == [t for t, _, _ in theirs]
    assert [step.i for step in ours] == list(range(len(theirs)))
    for step, (_, x, x_start) in zip(ours, theirs, strict=True):
        # without clipping x̂_0 may be large, and the rounding then affects its small entries
        for mine, other in ((step.x, x), (step.x_start, x_start)):
            close(mine, other, rtol=1e-4, atol=1e-4 * max(1.0, float(other.abs().max())) / 5)


def tables(name: str, T: int) -> dict:
    betas = Schedule.named(name, T).betas.numpy()
    return {"num_train_timesteps": T, "trained_betas": betas, "prediction_type": "epsilon"}


# diffusers multiplies α in float32: where 1 - ᾱ begins at 1e-7, as in the schedules that are given
# as log-SNR, it has no digits left to compare
@pytest.mark.parametrize("name", BETAS)
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


@pytest.mark.parametrize("name", BETAS)
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


# ------------------------------------------------------------------ at the ends


def test_ddim_stays_real_where_rounding_leaves_no_variance():
    """1 - ᾱ - σ² is 0 at eta = 1 for such a long step, and must not round to a negative number."""
    schedule = Schedule.named("sigmoid", 10)
    x = torch.randn(1, 1, 4, 4, generator=seed(0))
    for step in ddim(eps_fn, schedule, x, [9, 0], eta=1.0, generator=seed(1)):
        assert step.x.dtype == torch.float32 and step.x.isfinite().all()


@pytest.mark.parametrize("sampler", EVERY.values(), ids=list(EVERY))
def test_starting_at_zero_snr_is_refused(sampler):
    schedule = zero_terminal_snr(Schedule.named("linear", 100))
    with pytest.raises(ValueError, match="t = 99"):
        next(sampler(eps_fn, schedule, torch.zeros(1, 1, 2, 2), [99, 50]))
    assert next(sampler(eps_fn, schedule, torch.zeros(1, 1, 2, 2), [98, 50])).t == 98


# ------------------------------------------------------------------ as generators


@pytest.mark.parametrize("sampler", EVERY.values(), ids=list(EVERY))
def test_closing_a_sampler_ends_it(sampler):
    calls = []

    def counted(x, t):
        calls.append(int(t[0]))
        return eps_fn(x, t)

    schedule = Schedule.named("linear", 100)
    steps = sampler(counted, schedule, torch.zeros(1, 1, 4, 4), range(99, -1, -1))
    assert calls == []  # nothing runs before the first step is requested
    next(steps), next(steps)
    steps.close()
    assert calls == [99, 98]
    with pytest.raises(StopIteration):
        next(steps)


@pytest.mark.parametrize("sampler", EVERY.values(), ids=list(EVERY))
def test_no_gradients_inside_and_the_callers_grad_mode_outside(sampler):
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


@pytest.mark.parametrize("sampler", EVERY.values(), ids=list(EVERY))
def test_steps_are_not_written_over(sampler):
    """A tab keeps the steps for its GIF. The input x_T is also unchanged."""
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
    assert torch.equal(steps[-1].x, steps[-1].x_start)  # it ends on x̂_0


# ------------------------------------------------------------------ on any device


@pytest.mark.parametrize("sampler", EVERY)
@pytest.mark.parametrize("learned_variance", [False, True])
def test_nothing_in_the_loop_waits_for_the_device(sampler, learned_variance):
    """On "meta" there are no values, so reading one with .item() or `if` fails. On a GPU it would
    wait.
    """
    unet = UnetConfig(8, dim=8, dim_mults=(1, 2), num_classes=3, learned_variance=learned_variance)
    model = Denoiser(Unet(unet), Schedule.named("cosine", 100), "v").to("meta")
    other = Schedule.named("linear", 100).to("meta")
    labels = torch.zeros(2, dtype=torch.int64, device="meta")
    guided = classifier_free_guided(model, labels, 2.0, interval=(20, 80))
    eps_fn = retimed(guided, model.schedule, other)
    times = spaced_timesteps(Schedule.named("linear", 100), 6)
    x = torch.empty(2, 1, 8, 8, device="meta")
    steps = list(EVERY[sampler](eps_fn, other, x, times))
    assert len(steps) == 6 and steps[-1].x.device.type == "meta"
