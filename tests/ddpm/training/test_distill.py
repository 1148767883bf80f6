"""Distillation, against teachers and worlds whose consistency function is known."""

import math

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import nn

import ddpm
from ddpm.checkpoint import build_network, build_schedule
from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig, UnetConfig
from ddpm.data.dataset import Pictures
from ddpm.data.images import to_float, to_uint8
from ddpm.networks.network import Network
from ddpm.training.distillation.distill import (
    consistency_loss,
    distill,
    judged_loss,
    jump,
    pseudo_huber,
    regression_loss,
    stage_ends,
)
from ddpm.training.distillation.matching import matched_loss
from ddpm.training.distillation.trajectories import Trajectories, draw
from ddpm.training.loop import train
from ddpm.training.state import TrainState
from devtools.configs import altered

close = torch.testing.assert_close
MU, S = 0.1, 0.2  # pixels ~ N(MU, S²): five deviations stay within [-1, 1]
CONFIG = Config(
    UnetConfig(image_size=8, dim=16, dim_mults=(1,), attention="middle", num_classes=None),
    DiffusionConfig(T=100),
    TrainConfig(steps=100, batch_size=32, warmup=10, learning_rate=1e-2, ema_decay=0.9),
    DistillConfig(trajectories=64, calls=50, regression=0.8, tuning_rate=1e-3),
)
SCHEDULE = build_schedule(CONFIG)


def end(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Where the exact flow takes x at time t: every quantile of N(√ᾱ MU, ᾱ S² + 1-ᾱ) to that of
    N(MU, S²)."""
    acp = SCHEDULE.alphas_cumprod[t].reshape(-1, 1, 1, 1)
    return MU + S * (x - acp.sqrt() * MU) / (acp * S**2 + 1 - acp).sqrt()


@pytest.fixture(scope="module")
def paths() -> Trajectories:
    return draw(TEACHER, CONFIG.distill.trajectories, CONFIG)


class OnePicture(nn.Module):
    """The exact v in a world of one picture, whose consistency function is that picture, plus
    `off` times x."""

    shape, num_classes = (1, 8, 8), None

    def __init__(self, picture: torch.Tensor, off: float, schedule: ddpm.Schedule):
        super().__init__()
        self.picture, self.off = picture, nn.Parameter(torch.tensor(off))
        self.schedule = schedule

    def forward(self, x, t, labels=None):
        acp = self.schedule.log_snr_at(t).sigmoid().reshape(-1, 1, 1, 1)
        return (acp.sqrt() * x - self.picture) / (1 - acp).sqrt() + self.off * x


class Gaussian(Network):
    """The exact v of pixels ~ N(mean, S²). From pure noise it jumps to its mean."""

    shape, num_classes = (1, 8, 8), None

    def __init__(self, mean: float):
        super().__init__()
        self.mean = nn.Parameter(torch.tensor(mean))

    def forward(self, x, t, labels=None):
        acp = SCHEDULE.alphas_cumprod[t].reshape(-1, 1, 1, 1)
        eps = (1 - acp).sqrt() * (x - acp.sqrt() * self.mean) / (acp * S**2 + 1 - acp)
        return (eps - (1 - acp).sqrt() * x) / acp.sqrt()


TEACHER = ddpm.Denoiser(Gaussian(MU), SCHEDULE, "v")


class Brightness:
    """A classifier of dark (0) and bright (1) pictures, whose logits are ∓ 10 times the mean."""

    network, schedule = TEACHER.network, SCHEDULE

    def __call__(self, x, t):
        return x.mean((1, 2, 3))[:, None] * torch.tensor([-10.0, 10.0])


def one_picture_world(off: float, schedule=SCHEDULE) -> tuple[ddpm.Denoiser, torch.Tensor]:
    """A student of it, and a batch of its pictures."""
    picture = torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    student = ddpm.Denoiser(OnePicture(picture, off, schedule), schedule, "v")
    return student, picture.expand(32, 1, 8, 8)


# ------------------------------------------------------------------ the teacher's paths


def test_every_state_of_a_path_has_its_end_as_closed_form(paths):
    """The teacher's solver is off by less than half a grey level."""
    ends = to_float(paths.x_start)
    for k, t in enumerate(paths.times):
        expected = end(paths.x[:, k].float(), t.expand(len(paths.x)))
        close(ends, expected, rtol=0, atol=0.012)


def test_the_first_state_is_the_noise_of_seeds_that_no_measurement_uses(paths):
    first = paths.x[:, 0].float()
    assert abs(first.mean()) < 0.05 and abs(first.std() - 1) < 0.05
    drawn = ddpm.sample(TEACHER, 64, steps=50, seed=0)
    assert (to_float(paths.x_start) - drawn).abs().amax((1, 2, 3)).min() > 0.1


def test_batches_of_paths_pair_a_state_with_its_time_and_its_end(paths):
    x, t, x_start, labels = next(paths.batches(50, seed=3))
    assert labels is None
    expected = end(x, t)
    # pure noise is the same at every later time, for which the closed form differs by √ᾱ MU
    close(x_start, expected, rtol=0, atol=0.02)
    first = int(paths.times[0])
    assert sorted(min(int(time), first) for time in t) == sorted(paths.times.tolist())


def test_pure_noise_gets_any_of_the_latest_times(paths):
    first = int(paths.times[0])
    seen = {int(t) for _, t, *_ in map(next, [paths.batches(50, seed=3)] * 40) for t in t}
    assert set(range(first, 100)) <= seen


@pytest.mark.parametrize("stride", [1, 2])
def test_batches_go_on_where_a_run_ended(paths, stride):
    whole = paths.batches(16, seed=0)
    batches = [next(whole) for _ in range(9)]
    later = paths.batches(16, seed=0, start=5, stride=stride)
    for batch in batches[5::stride]:
        for a, b in zip(batch[:3], next(later)[:3], strict=True):
            assert torch.equal(a, b)


def test_paths_have_labels_in_turn_with_some_hidden():
    config = altered(CONFIG, unet={"num_classes": 3}, train={"label_dropout": 0.3})
    teacher = ddpm.Denoiser(Gaussian(MU), SCHEDULE, "v")
    teacher.network.num_classes = 3
    labels = draw(teacher, 300, config, first=600).labels
    shown = labels != 3
    assert torch.equal(labels[shown], (torch.arange(300) % 3)[shown])
    assert 60 < int((~shown).sum()) < 120


# ------------------------------------------------------------------ the losses


def test_the_jump_is_the_consistency_function_of_v():
    """√ᾱ x - √(1-ᾱ) v: also in pure noise, and next to none."""
    student, pictures = one_picture_world(0.0)
    x = torch.randn(32, 1, 8, 8)
    for t in (0, 50, 99):
        close(jump(student, x, torch.full((32,), t), None), pictures, rtol=0, atol=1e-4)


def test_regression_is_the_distance_to_the_end_of_the_path():
    student, pictures = one_picture_world(0.5)
    x, t = torch.randn(32, 1, 8, 8), torch.arange(32) * 3
    loss = regression_loss(student, (x, t, pictures, None), CONFIG, torch.Generator())
    sigma = (1 - SCHEDULE.alphas_cumprod[t]).sqrt().reshape(-1, 1, 1, 1)
    off = (0.5 * sigma * x).square().mean((1, 2, 3)).sqrt()  # of the jump, from the picture
    assert loss.item() == pytest.approx(off.mean().item(), rel=1e-2)


@pytest.mark.parametrize("label", [0, 1, 2, None])
def test_a_classifiers_word_counts_for_the_class_that_was_asked_for(label):
    """Or, without a label, which 2 and None say, for the class of the path's end. The mean of a
    picture after noise of t is √ᾱ_t times its own, but for the noise, which many pixels average."""
    config = altered(CONFIG, unet={"num_classes": None if label is None else 2})
    picture = torch.full((1, 8, 8), 0.5)
    student = ddpm.Denoiser(OnePicture(picture, 0.0, SCHEDULE), SCHEDULE, "v")
    ends, x, t = picture.expand(500, 1, 8, 8), torch.randn(500, 1, 8, 8), torch.full((500,), 50)
    labels = None if label is None else torch.full((500,), label)
    draw = torch.Generator().manual_seed(0)
    loss = judged_loss(Brightness())(student, (x, t, ends, labels), config, draw)
    seen = SCHEDULE.alphas_cumprod[:70].sqrt().mean() * 0.5 * 10
    assert loss.item() == pytest.approx((0.1 if label == 0 else -0.1) * seen.item(), abs=0.03)


@pytest.mark.parametrize("expected, slope", [(MU + 0.3, 1), (MU, 0), (MU - 0.3, -1)])
def test_matching_goes_from_what_the_critic_expects_to_what_the_teacher_does(
    device, expected, slope
):
    """Of exact denoisers of pixels ~ N(m, S²), x̂_0 differs by (m' - m) (1-ᾱ) / (ᾱ S² + 1-ᾱ), and a
    picture is about as far from the teacher's if it is 0.3 too bright: the slope is a sign."""
    state = TrainState(Gaussian(MU), CONFIG.train, device)
    state.add_critic().network.mean.data.fill_(expected)
    student = ddpm.Denoiser(Gaussian(MU + 0.3), SCHEDULE, "v")
    ends = torch.full((500, 1, 8, 8), MU + 0.3)  # where this student's pictures are
    batch = torch.randn(500, 1, 8, 8), torch.full((500,), 99), ends, None
    loss = matched_loss(TEACHER, state)(student, batch, CONFIG, torch.Generator())
    loss.backward()
    assert student.network.mean.grad.item() == pytest.approx(slope, abs=0.15)


@pytest.mark.parametrize("at, share", [(50, 0.5), (99, 0)])
def test_a_later_call_meets_the_students_own_pictures_after_noise(device, at, share):
    """This student's first call draws its mean, which these states are far from; pure noise is the
    same for all."""
    state = TrainState(Gaussian(MU), CONFIG.train, device)
    student, seen = ddpm.Denoiser(Gaussian(MU + 0.3), SCHEDULE, "v"), {}
    student.network.register_forward_hook(
        lambda _, given, out: seen.update({int(given[1][0]): given[0]})
    )
    ends = torch.full((500, 1, 8, 8), MU)
    batch = torch.full_like(ends, -5.0), torch.full((500,), at), ends, None
    matched_loss(TEACHER, state)(student, batch, CONFIG, torch.Generator())
    own = seen[at][seen[at].mean((1, 2, 3)) > -4]
    assert len(own) / 500 == pytest.approx(share, abs=0.07)
    if share:
        acp = SCHEDULE.alphas_cumprod[at].item()
        assert own.mean().item() == pytest.approx(acp**0.5 * (MU + 0.3), abs=0.02)
        assert own.var().item() == pytest.approx(1 - acp, abs=0.02)


def test_a_matched_student_draws_as_its_teacher_where_paths_end_elsewhere(device):
    """All these paths end 0.3 too bright, which is all that a student of paths alone knows."""
    train_config = {"steps": 120, "cooldown": 0.7}
    config = altered(CONFIG, train=train_config, distill={"judged_rate": 3e-2})
    ends = torch.full((32, 1, 8, 8), MU + 0.3)

    def mean(matched: bool) -> float:
        state = TrainState(Gaussian(MU + 0.3), config.train, device)
        loss = matched_loss(TEACHER, state) if matched else regression_loss
        batches = iter(lambda: (torch.randn(32, 1, 8, 8), torch.full((32,), 99), ends, None), None)
        *_, step = train(state, SCHEDULE, batches, config, loss)
        return step.model.network.mean.item()

    assert mean(matched=False) == pytest.approx(MU + 0.3, abs=0.01)
    assert mean(matched=True) == pytest.approx(MU, abs=0.06)


@pytest.mark.parametrize("name, T", [("cosine", 100), ("cosine~zero_terminal", 20)])
def test_an_exact_consistency_function_has_no_consistency_loss(name, T):
    for off, expected in ((0.0, 0.0), (0.5, 0.1)):
        student, pictures = one_picture_world(off, ddpm.Schedule.named(name, T))
        draw = torch.Generator().manual_seed(0)
        loss = consistency_loss(student, (pictures, None), CONFIG, draw)
        assert (loss.item() < 1e-2) if expected == 0 else (loss.item() > expected)


def test_consistency_pulls_a_level_towards_an_earlier_one_that_stands_still():
    """The gradient, against the loss written out for a network that is off by a x: only the later
    level moves; before the schedule's first level the picture itself is the target."""
    student, pictures = one_picture_world(0.5)
    batch, draw = (pictures, None), torch.Generator().manual_seed(0)
    consistency_loss(student, batch, CONFIG, draw).backward()

    draw = torch.Generator().manual_seed(0)
    noise = torch.randn(pictures.shape, generator=draw)
    places = (torch.arange(32) / 32 + torch.rand((), generator=draw, dtype=torch.float64)) % 1
    normal = torch.distributions.Normal(-0.8, 2.0)
    least, most = ((1 / math.sqrt(math.exp(SCHEDULE.log_snr[k]))) for k in (0, -1))
    a = torch.tensor(0.5, requires_grad=True)
    total = torch.zeros(())
    for place, x_0, eps in zip(places, pictures, noise, strict=True):
        t = min(max(math.exp(normal.icdf(place.float())), least), most)
        r = t * (1 - (1 + 8 / (1 + math.exp(t))) / 256)
        # the jump is off by -√(1-ᾱ) a x, where x = (x_0 + t ε) / √(1+t²) and √(1-ᾱ) = t / √(1+t²)
        late, early = ((-u / (1 + u * u)) * (x_0 + u * eps) for u in (t, r))
        target = 0.0 if r < least else 0.5 * early
        root = ((a * late - target).square().mean() + 0.00054**2).sqrt() - 0.00054
        total = total + (1 / t**2 + 1) * root / 32
    total.backward()
    assert student.network.off.grad.item() == pytest.approx(a.grad.item(), rel=2e-2)


def test_pseudo_huber_is_a_root_mean_square_for_each_picture():
    a, b = torch.randn(3, 1, 8, 8), torch.randn(3, 1, 8, 8)
    expected = torch.stack([(x - y).square().mean().sqrt() for x, y in zip(a, b, strict=True)])
    close(pseudo_huber(a, b), expected, rtol=1e-3, atol=1e-3)
    assert pseudo_huber(a, a).abs().max() < 1e-6  # and its gradient is finite there
    a.requires_grad_(True)
    pseudo_huber(a, a.detach()).sum().backward()
    assert a.grad.isfinite().all()


# ------------------------------------------------------------------ whole distillations


def gaussian_pictures(n: int = 256) -> Pictures:
    x = MU + S * torch.randn(n, 1, 8, 8, generator=torch.Generator().manual_seed(2))
    return Pictures(to_uint8(x), None, (), "memory")


def test_a_small_student_approaches_the_exact_flow(paths, device):
    """In one call from noise that it has not seen: by its teacher's paths, and the consistency
    tuning that follows leaves it there."""
    x, t = torch.randn(200, 1, 8, 8), torch.full((200,), 99)

    @torch.no_grad()
    def error(student: ddpm.Denoiser) -> float:
        return (jump(student, x, t, None) - end(x, t)).square().mean().sqrt().item()

    state = TrainState(build_network(CONFIG), CONFIG.train, device)
    errors = [error(ddpm.Denoiser(state.averaged(), SCHEDULE, "v"))]
    for step in distill(state, SCHEDULE, paths, gaussian_pictures(), CONFIG):
        if step.step in stage_ends(CONFIG):
            errors.append(error(step.model))
    before, regressed, tuned = errors
    assert max(regressed, tuned) < 0.1 < 0.2 < before


def test_the_last_share_is_the_last_stages():
    for regression, judged, ends in ((0.5, 0.0, (5, 10)), (0.5, 0.2, (5, 8)), (1.0, 0.2, (8, 8))):
        shares = {"regression": regression, "judged": judged}
        assert stage_ends(altered(CONFIG, train={"steps": 10}, distill=shares)) == ends


def test_a_judged_student_draws_what_the_classifier_takes_for_its_class(paths, device):
    """All these paths end bright, so it is brighter than a student of the paths alone."""
    x, t = paths.x[:, 0].float(), torch.full((len(paths.x),), 99)
    assert (to_float(paths.x_start).mean((1, 2, 3)) > 0).all()

    def brightness(judged: float) -> float:
        shares = {"regression": 0.6, "judged": judged, "judged_rate": 1e-2}
        config = altered(CONFIG, train={"steps": 40}, distill=shares)
        torch.manual_seed(0)
        state = TrainState(build_network(config), config.train, device)
        last = judged_loss(Brightness())
        *_, step = distill(state, SCHEDULE, paths, gaussian_pictures(), config, last)
        with torch.no_grad():
            return jump(step.model, x, t, None).mean().item()

    assert brightness(0.4) > brightness(0.0) + 0.05


@pytest.mark.parametrize("regression", [0.0, 1.0])
def test_tuning_is_in_float32_where_training_is_in_bf16(paths, regression):
    config = altered(CONFIG, distill={"regression": regression})

    def loss(precision: str) -> float:
        AcceleratorState._reset_state(reset_partial_state=True)
        device = Accelerator(cpu=True, mixed_precision=precision)
        state = TrainState(build_network(config), config.train, device)
        return next(distill(state, SCHEDULE, paths, gaussian_pictures(), config)).loss

    assert (loss("bf16") == loss("no")) is (regression == 0.0)
