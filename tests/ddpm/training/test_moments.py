"""A finished student that goes on, against the closed form of the distance that trains it."""

import itertools
from dataclasses import replace

import pytest
import torch
from torch import nn

import ddpm
from ddpm.checkpoint import build_network, build_schedule, load_tensors
from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig, UnetConfig
from ddpm.data.images import to_float, to_uint8
from ddpm.networks.network import Network
from ddpm.systems.training import run_distillation
from ddpm.training.distillation import moments, student
from ddpm.training.distillation.moments import _Real, moments_loss
from ddpm.training.loop import train
from ddpm.training.state import TrainState
from devtools.runs import assert_same_run, log
from devtools.tiny_models import save_network

CONFIG = Config(
    UnetConfig(image_size=8, dim=16, dim_mults=(1,), attention="middle", num_classes=None),
    DiffusionConfig(T=100),
    TrainConfig(
        steps=200, batch_size=32, warmup=10, cooldown=0.7, learning_rate=1e-2, ema_decay=0.9
    ),
    DistillConfig(),
)
SCHEDULE = build_schedule(CONFIG)
TEACHER = ddpm.Denoiser(build_network(CONFIG).eval(), SCHEDULE, "v")


def exactly(seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Their mean and covariance, over their number."""
    mean = seen.mean(0)
    return mean, seen.T @ seen / len(seen) - mean.outer(mean)


def test_it_is_the_frechet_distance_over_the_variance_of_real_ones():
    """By the eigenvalues of the product of both covariances, in the features as they came."""
    torch.manual_seed(0)
    features = torch.randn(400, 5) @ torch.randn(5, 5) + 3
    real = _Real.of(features)
    other = torch.randn(300, 5) @ torch.randn(5, 5) + 2.5
    mean, covariance = exactly(real.places(other))
    found, _ = real.distance(mean, covariance, real.places(other))
    a, b = torch.cov(features.T).double(), torch.cov(other.T, correction=0).double()
    roots = torch.linalg.eigvals(a @ b).real.sqrt().sum()
    off = (features.mean(0) - other.mean(0)).square().sum()
    wanted = (off + (a + b).trace() - 2 * roots) / a.trace()
    assert found.item() == pytest.approx(wanted.item(), rel=1e-4)


def test_its_slope_is_that_of_the_distance_where_one_picture_moves():
    torch.manual_seed(0)
    real = _Real.of(torch.randn(400, 5) @ torch.randn(5, 5))
    seen = 0.7 * torch.randn(60, 5) @ torch.randn(5, 5) + 0.2

    def distance(seen: torch.Tensor) -> float:
        return real.distance(*exactly(seen.double()), seen)[0].item()

    slope = real.distance(*exactly(seen), seen)[1]
    for k, i in itertools.product((0, 17), range(5)):
        moved = torch.zeros_like(seen)
        moved[k, i] = 0.3
        by_differences = (distance(seen + moved) - distance(seen - moved)) / 0.6
        assert slope[k, i].item() / len(seen) == pytest.approx(by_differences, abs=2e-4)


class Grey(Network):
    """The v of pictures of one grey: in one call, of mean `offset` and deviation `gain`."""

    shape, num_classes = (1, 8, 8), None

    def __init__(self, offset: float, gain: float):
        super().__init__()
        self.offset, self.gain = (nn.Parameter(torch.tensor(each)) for each in (offset, gain))

    def forward(self, x, t, labels=None):
        acp = SCHEDULE.alphas_cumprod[t].reshape(-1, 1, 1, 1)
        grey = self.offset + self.gain * 8 * x.mean((1, 2, 3), keepdim=True)
        return (acp.sqrt() * x - grey) / (1 - acp).sqrt()


def test_what_a_student_draws_gets_the_mean_and_the_spread_of_real_pictures(monkeypatch, device):
    monkeypatch.setattr(moments, "WINDOW", 10)
    torch.manual_seed(0)
    greys = torch.empty(500, 1, 1, 1).uniform_(-0.2, 0.8)
    real = to_uint8(greys.expand(500, 1, 8, 8))
    state = TrainState(Grey(-0.2, 0.1), CONFIG.train, device)
    loss = moments_loss(TEACHER, real, [[99]], state)
    batches = itertools.repeat((torch.zeros(32, 1, 8, 8), None))
    *_, last = train(state, SCHEDULE, batches, CONFIG, loss)
    learned = dict(last.model.network.named_parameters())
    assert learned["offset"].item() == pytest.approx(0.3, abs=0.06)
    assert learned["gain"].abs().item() == pytest.approx(greys.std().item(), abs=0.06)


def test_pixels_count_as_much_as_all_that_the_teacher_sees(monkeypatch, device):
    def look(_, pictures, rng):
        rows = pictures.mean(3).flatten(1)
        return [pictures.flatten(1), rows, 3 * rows[:, :4]]

    monkeypatch.setattr(moments, "_features", look)
    monkeypatch.setattr(moments, "WINDOW", 1)
    real = torch.randint(0, 256, (500, 1, 8, 8)).byte()
    state = TrainState(Grey(0.1, 0.3), CONFIG.train, device)
    student = ddpm.Denoiser(state.network, SCHEDULE, "v")
    batch, seen = (torch.zeros(64, 1, 8, 8), None), []
    jump = moments.jump
    monkeypatch.setattr(moments, "jump", lambda *given: seen.append(jump(*given)) or seen[-1])
    found = moments_loss(TEACHER, real, [[99]], state)(student, batch, CONFIG, torch.Generator())
    pixels, *others = (
        target.distance(*exactly(target.places(ours)), target.places(ours))[0]
        for target, ours in zip(
            map(_Real.of, look(None, to_float(real), None)),
            look(None, seen[0].clamp(-1, 1), None),
            strict=True,
        )
    )
    assert found.item() == pytest.approx((pixels + sum(others) / 2).item(), rel=1e-3)


def test_a_share_of_the_pictures_comes_after_each_number_of_calls(device):
    """The last call of both meets its own states: noise, and the first call's picture, noised."""
    state, seen = TrainState(Grey(0.5, 0.0), CONFIG.train, device), []
    student = ddpm.Denoiser(state.network, SCHEDULE, "v")
    state.network.register_forward_hook(lambda _, given, out: seen.append(given))
    loss = moments_loss(TEACHER, torch.zeros(50, 1, 8, 8).byte(), [[99], [99, 40]], state)
    loss(student, (torch.zeros(64, 1, 8, 8), None), CONFIG, torch.Generator().manual_seed(0))
    (x, t, *_), acp = seen[-1], SCHEDULE.alphas_cumprod[40].item()
    assert t.tolist() == [99] * 32 + [40] * 32
    assert x[:32].std().item() == pytest.approx(1, abs=0.05)
    assert x[32:].mean().item() == pytest.approx(0.5 * acp**0.5, abs=0.05)
    assert x[32:].var().item() == pytest.approx(1 - acp, abs=0.05)


@pytest.fixture
def finished(tmp_path, tiny_config):
    config = replace(tiny_config, distill=DistillConfig(regression=0.5))
    times = {"1": [49], "2": [49, 20], "4": [49, 30, 20, 10]}
    sampling = {"sampler": "consistency", "steps": 2, "times": times}
    return save_network(tmp_path / "finished.safetensors", config, sampling=sampling)


GIVEN = Config(train=TrainConfig(steps=4, batch_size=6, warmup=1), distill=DistillConfig())


def test_a_finished_student_goes_on_with_its_own_calls_and_resumes_as_if_never_stopped(
    saved, finished, garments, tmp_path, monkeypatch
):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    run_distillation(whole, saved, GIVEN, garments, start=finished)
    drawn, began = (ddpm.load_checkpoint(each, "cpu") for each in (whole, finished))
    assert drawn.info["sampling"] == began.info["sampling"]
    assert drawn.config.distill == began.config.distill and drawn.config.train == GIVEN.train
    assert len(log(whole)) == 4 and not (whole / "trajectories").exists()
    ours, theirs = (load_tensors(file)[0] for file in (whole / "model.safetensors", finished))
    assert any(not torch.equal(weight, theirs[name]) for name, weight in ours.items())
    goes_on = student.train
    monkeypatch.setattr(student, "train", lambda *given: itertools.islice(goes_on(*given), 2))
    run_distillation(stopped, saved, GIVEN, garments, start=finished)
    monkeypatch.undo()
    run_distillation(stopped, data=garments, resume=True)
    assert_same_run(stopped, whole)


def test_a_classifier_has_no_word_where_a_student_goes_on(saved, finished, garments, tmp_path):
    with pytest.raises(ValueError, match="leave it out"):
        run_distillation(
            tmp_path / "out", saved, GIVEN, garments, classifier="noisy_classifier", start=finished
        )
