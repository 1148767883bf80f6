"""The sampler of students, on an exact consistency function; and what a student refuses."""

import math
from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.checkpoint import Part, as_part, build_network
from ddpm.config import DistillConfig
from ddpm.sampling.sample import begin, sample
from ddpm.sampling.samplers import SAMPLERS

MU, S, N = 0.3, 0.4, 20_000  # pixels ~ N(MU, S²); number of samples
SCHEDULE = ddpm.Schedule.named("cosine", 1000)
close = torch.testing.assert_close


def exact(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The ε whose x̂_0 is where the exact flow ends: each quantile of x_t to that of N(MU, S²)."""
    acp = SCHEDULE.exact_alphas_cumprod[t].reshape(-1, 1, 1, 1)
    x_start = MU + S * (x - acp.sqrt() * MU) / (acp * S**2 + 1 - acp).sqrt()
    return (x - acp.sqrt() * x_start) / (1 - acp).sqrt()


@pytest.mark.parametrize("times", [[999], [950, 500], [990, 800, 400, 100]], ids=len)
def test_one_call_or_more_draw_the_gaussian(times):
    """Mean and spread within five standard errors: each call ends in the same distribution."""
    x = torch.randn(N, 1, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    *_, last = ddpm.consistency(exact, SCHEDULE, x, times, clip=False, generator=generator)
    assert float(last.x.mean()) == pytest.approx(MU, abs=5 * S / math.sqrt(N))
    assert float(last.x.std()) == pytest.approx(S, rel=5 / math.sqrt(2 * N))


def test_a_second_call_starts_from_the_first_picture_with_new_noise():
    x, generator = torch.randn(3, 1, 4, 4).double(), torch.Generator().manual_seed(5)
    steps = list(ddpm.consistency(exact, SCHEDULE, x, [950, 500], generator=generator))
    assert [step.t for step in steps] == [950, 500]
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(5), dtype=x.dtype)
    acp = SCHEDULE.exact_alphas_cumprod[500].item()
    close(steps[0].x, math.sqrt(acp) * steps[0].x_start + math.sqrt(1 - acp) * noise)
    assert torch.equal(steps[1].x, steps[1].x_start)


# ------------------------------------------------------------------ checkpoints of students


@pytest.fixture
def student(tiny_config) -> Part:
    config = replace(tiny_config, distill=DistillConfig())
    info = {"sampling": {"sampler": "consistency", "steps": 2, "times": {"2": [49, 20]}}}
    return as_part(build_network(config), config, info, "cpu")


@pytest.fixture
def teacher(student) -> Part:
    return replace(student, config=replace(student.config, distill=None), info={})


def test_a_student_draws_in_two_calls_at_its_own_times(student):
    run = begin(student, 3, labels=1)
    assert run.timesteps == [49, 20] and len(list(run.steps)) == 2
    assert begin(student, 3, steps=4).timesteps == ddpm.spaced_timesteps(student.schedule, 4)
    assert begin(student, 3, spacing="linspace").timesteps == [49, 0]
    assert begin(student, 3, start=(torch.zeros(1, 8, 8), 30)).timesteps == [30, 14]
    equal = ddpm.Schedule.named("cosine", 50)
    close(sample(student, 2, labels=1, schedule=equal), sample(student, 2, labels=1))


def test_a_models_own_times_are_for_its_own_sampler_and_schedule(teacher):
    teacher = replace(teacher, info={"sampling": {"times": {"3": [49, 20, 4]}}})
    assert begin(teacher, steps=3).timesteps == [49, 20, 4]
    assert begin(teacher, sampler="dpm_solver", steps=3).timesteps == [49, 20, 4]
    assert begin(teacher, sampler="ddim", steps=3).timesteps == [49, 32, 16]
    other = ddpm.Schedule.named("linear", 50)
    usual = ddpm.spaced_timesteps(other, 3, "middle")
    assert begin(teacher, schedule=other, steps=3).timesteps == usual


def test_a_models_own_scale_of_eps_is_for_its_own_times(teacher):
    own = {"sampling": {"times": {"3": [49, 20, 4]}, "eps_scale": 1.25}}
    with_own = replace(teacher, info=own)
    without = replace(teacher, info={"sampling": {"times": own["sampling"]["times"]}})
    scaled = sample(with_own, 2, steps=3)
    assert (scaled - sample(without, 2, steps=3)).abs().max() > 0.01
    close(scaled, sample(without, 2, steps=3, eps_scale=1.25))
    close(scaled, sample(with_own, 2, steps=3, guidance=2))  # no label to be guided to
    close(sample(with_own, 2, steps=3, eps_scale=1), sample(without, 2, steps=3))
    for other in (
        {"steps": 4}, {"steps": 3, "spacing": "middle"}, {"steps": 3, "sampler": "ddim"},
        {"steps": 3, "labels": 1, "guidance": 2}, {"steps": 3, "guide": teacher, "guidance": 1.5},
    ):  # fmt: skip
        assert torch.equal(sample(with_own, 2, **other), sample(without, 2, **other))


def test_a_models_own_contrast_is_for_its_own_times(teacher):
    times = {"3": [49, 20, 4]}
    with_own = replace(teacher, info={"sampling": {"times": times, "contrast": {"3": 1.5, "4": 2}}})
    without = replace(teacher, info={"sampling": {"times": times}})
    contrasted = sample(with_own, 2, steps=3)
    assert (contrasted - sample(without, 2, steps=3)).abs().max() > 0.01
    close(contrasted, (1.5 * sample(without, 2, steps=3)).clamp(-1, 1))
    for other in ({"steps": 4}, {"steps": 3, "sampler": "ddim"}, {"steps": 3, "clip": False}):
        assert torch.equal(sample(with_own, 2, **other), sample(without, 2, **other))


def test_a_models_own_temperature_is_for_its_own_times(teacher):
    times, warm = {"1": [49], "3": [49, 20, 4]}, {"1": 1.1, "3": 1.1, "4": 2}
    with_own = replace(teacher, info={"sampling": {"times": times, "temperature": warm}})
    without = replace(teacher, info={"sampling": {"times": times}})
    noise = begin(without, 2, steps=3).x
    warmed = sample(without, 2, steps=3, noise=1.1 * noise)
    assert torch.equal(begin(with_own, 2, steps=3).x, 1.1 * noise)
    for given in ({}, {"noise": noise}):
        assert torch.equal(sample(with_own, 2, steps=3, **given), warmed)
    start = (torch.zeros(1, 8, 8), 49)
    for other in (
        {"steps": 4}, {"steps": 3, "sampler": "ddim"},
        {"steps": 1, "spacing": "trailing", "start": start},
    ):  # fmt: skip
        assert torch.equal(sample(with_own, 2, **other), sample(without, 2, **other))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        *(({"sampler": s}, f"{s} does not draw from distilled .*consis") for s in SAMPLERS),
        ({"schedule": ddpm.Schedule.named("linear", 50)}, "under the schedule cosine with T = 50"),
        ({"schedule": ddpm.Schedule.named("cosine", 100)}, "under the schedule cosine with T = 50"),
        *(({"labels": 1, "guidance": g}, f"guidance 1: it can't draw at {g}") for g in (0.0, 2.0)),
    ],
)
def test_what_a_student_refuses(student, settings, says):
    with pytest.raises(ValueError, match=says):
        begin(student, **settings)


def test_other_checkpoints_refuse_the_students_sampler(teacher):
    with pytest.raises(ValueError, match="consistency draws from distilled models, and this one"):
        begin(teacher, sampler="consistency")
    assert sample(teacher.model, 1, sampler="consistency", steps=1).shape == (1, 1, 8, 8)
