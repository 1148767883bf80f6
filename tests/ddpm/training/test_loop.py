import itertools
import math
import threading

import pytest
import torch
from accelerate import Accelerator
from torch import nn

from ddpm.checkpoint import build_network, build_schedule, load_tensors, save_tensors
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.training.loop import TrainingDiverged, TrainStep, learning_rate, train
from ddpm.training.optimizers import OPTIMIZERS
from ddpm.training.state import TrainState
from devtools.configs import altered

close = torch.testing.assert_close


def start(config: Config, pictures, device, state: TrainState | None = None):
    """A run from the given state, or from new weights."""
    state = state or TrainState(build_network(config), config.train, device)
    feed = batches(*pictures, config.train.batch_size, seed=config.train.seed, start=state.step)
    return state, train(state, build_schedule(config), feed, config)


def assert_equal(a: dict, b: dict) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name


def copies(tensors: dict) -> dict:
    return {name: tensor.clone() for name, tensor in tensors.items()}


# ------------------------------------------------------------------ stop and resume


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("stop_after", [1, 3])
@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_stopped_and_resumed_equals_uninterrupted(
    tiny_config, pictures, tmp_path, precision, stop_after, optimizer
):
    """Bit for bit on the CPU: weights, averaged weights, optimizers and every loss."""
    tiny_config = altered(tiny_config, train={"optimizer": optimizer})
    device = Accelerator(cpu=True, mixed_precision=precision)
    whole, run = start(tiny_config, pictures, device)
    log = list(run)
    assert [step.step for step in log] == [1, 2, 3, 4, 5, 6]

    first, run = start(tiny_config, pictures, device)
    before = list(itertools.islice(run, stop_after))
    run.close()  # what Stop does
    path = tmp_path / "state.safetensors"
    save_tensors(path, first.tensors(), tiny_config, {})

    tensors, config, _ = load_tensors(path)
    assert config == tiny_config
    torch.manual_seed(12345)  # the resumed process has another random state
    other = build_network(altered(config, train={"seed": 9}))
    second = TrainState(other, config.train, device)
    second.load_tensors(tensors)
    assert second.step == stop_after
    second, run = start(config, pictures, device, second)
    after = list(run)

    assert before + after == log
    assert_equal(second.tensors(), whole.tensors())
    for resumed, other in zip(second.optimizers, whole.optimizers, strict=True):
        groups = [dict(o.param_groups[0], params=None) for o in (resumed, other)]
        assert groups[0] == groups[1]


def test_a_finished_run_does_nothing_more(tiny_config, pictures, device):
    state, run = start(tiny_config, pictures, device)
    list(run)
    before = copies(state.tensors())
    assert list(start(tiny_config, pictures, None, state)[1]) == []
    assert_equal(state.tensors(), before)


# ------------------------------------------------------------------ what a step does


def test_a_step_is_yielded_after_optimizer_and_ema(tiny_config, pictures, device):
    state, run = start(tiny_config, pictures, device)
    fresh = copies(state.network.state_dict())
    step = next(run)
    assert isinstance(step, TrainStep) and step.step == state.step == 1
    assert step.learning_rate == learning_rate(0, tiny_config.train)
    assert math.isfinite(step.loss) and step.grad_norm > 0
    now = state.network.state_dict()
    assert all(not torch.equal(now[name], fresh[name]) for name in fresh)
    assert int(state.ema.n_averaged) == 1
    assert_equal(state.averaged().state_dict(), now)  # the first average is the weights
    assert not state.averaged().training and state.network.training


@pytest.mark.parametrize("decay", [0.999, 0.15])
def test_ema_equals_a_recurrence_by_hand(tiny_config, pictures, device, decay):
    """ē_1 = w_1, then ē ← d ē + (1-d) w with d = min(decay, (1+n)/(10+n)), in float64."""
    state, run = start(altered(tiny_config, train={"ema_decay": decay}), pictures, device)
    average = None
    for n, _ in enumerate(run):
        weights = {k: v.double() for k, v in state.network.named_parameters()}
        d = min(decay, (1 + n) / (10 + n))
        average = copies(weights) if n == 0 else {
            k: d * average[k] + (1 - d) * weights[k] for k in weights
        }  # fmt: skip
    for name, parameter in state.averaged().named_parameters():
        close(parameter.double(), average[name].detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_the_loss_goes_down_on_one_picture(tiny_config, pictures, device, objective):
    """With a single image to learn, the loss halves in 60 steps."""
    short = {"steps": 60, "warmup": 5, "batch_size": 8}
    config = altered(tiny_config, diffusion={"objective": objective}, train=short)
    images, labels = pictures
    one = images[:1].expand(8, -1, -1, -1), labels[:1].expand(8)
    losses = [step.loss for step in start(config, one, device)[1]]
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])


def test_training_leaves_the_global_rng_alone(tiny_config, pictures, device, global_rng_untouched):
    with global_rng_untouched():
        _, run = start(tiny_config, pictures, device)
        assert len(list(run)) == 6


def test_gradients_stay_on_for_the_caller(tiny_config, pictures, device):
    """Neither the averaging nor an early end leaves its no_grad behind."""
    _, run = start(tiny_config, pictures, device)
    next(run)
    assert torch.is_grad_enabled()
    run.close()
    assert torch.is_grad_enabled()


def test_a_snapshot_is_always_of_a_whole_step(tiny_config, pictures, device):
    """Another thread's equals, bit for bit, the averaged weights of an undisturbed run after as
    many steps."""
    config = altered(tiny_config, train={"steps": 40})
    state, run = start(config, pictures, device)
    expected = {0: copies(state.averaged().state_dict())}
    expected |= {step.step: copies(state.averaged().state_dict()) for step in run}

    state, run = start(config, pictures, device)
    thread = threading.Thread(target=lambda: [*run])
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(state.snapshot())
        thread.join(0.001)
    assert len({step for step, _ in seen}) > 10
    for step, weights in seen:
        assert_equal(weights, expected[step])


# ------------------------------------------------------------------ when it goes wrong


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("good_steps", [0, 3])
def test_a_diverged_run_stops_with_the_last_good_weights(
    tiny_config, pictures, device, bad, good_steps
):
    """The bad batch leaves no trace: the state is that of a run that never saw it."""
    good, run = start(tiny_config, pictures, device)
    list(itertools.islice(run, good_steps))

    def poisoned():
        for i, (x, labels) in enumerate(batches(*pictures, tiny_config.train.batch_size)):
            if i == good_steps:
                x = x.clone()
                x[0, 0, 0, 0] = bad
            yield x, labels

    state = TrainState(build_network(tiny_config), tiny_config.train, device)
    steps = train(state, build_schedule(tiny_config), poisoned(), tiny_config)
    assert len(list(itertools.islice(steps, good_steps))) == good_steps
    with pytest.raises(TrainingDiverged, match=f"step {good_steps + 1}: training stopped"):
        next(steps)
    assert state.step == good_steps
    assert all(tensor.isfinite().all() for tensor in state.tensors().values())
    assert_equal(state.tensors(), good.tensors())
    # and it can continue from there
    _, run = start(tiny_config, pictures, device, state)
    assert [step.step for step in run] == list(range(good_steps + 1, 7))


def test_a_gradient_that_is_not_finite_stops_the_run_too(tiny_config, device):
    """The loss may still be a number: √0 has an infinite slope."""

    class Kink(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.zeros(()))

        def forward(self, x, t, labels=None):
            return x * self.scale.abs().sqrt()

    state = TrainState(Kink(), tiny_config.train, device)
    feed = itertools.repeat((torch.ones(4, 1, 8, 8), None))
    with pytest.raises(TrainingDiverged, match="gradient"):
        next(train(state, build_schedule(tiny_config), feed, tiny_config))
    assert state.step == 0 and state.network.scale.item() == 0
