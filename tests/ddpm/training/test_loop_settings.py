"""What settings change in the training loop: learning rate, labels, times, accumulation."""

import dataclasses
import itertools
import math

import pytest
import torch
from torch import nn

from ddpm.checkpoint import build_schedule
from ddpm.config import Config, TrainConfig
from ddpm.training.loop import learning_rate, train
from ddpm.training.state import TrainState
from devtools.configs import altered


def test_the_learning_rate_warms_up_stays_and_decays():
    config = TrainConfig(steps=1000, warmup=99, learning_rate=0.5)
    assert learning_rate(0, config) == pytest.approx(0.005)
    assert learning_rate(49, config) == pytest.approx(0.25)
    for step in (99, 100, 500, 800):
        assert learning_rate(step, config) == 0.5
    assert learning_rate(500, dataclasses.replace(config, cooldown=1.0)) == 0.25
    assert learning_rate(999, dataclasses.replace(config, cooldown=0.0)) == 0.5
    assert learning_rate(900, config) == pytest.approx(0.25)
    assert learning_rate(999, config) == pytest.approx(0.0025)
    assert learning_rate(1000, config) == learning_rate(2000, config) == 0
    # a longer run is the same until the shorter one begins to decay
    longer = dataclasses.replace(config, steps=5000)
    assert all(learning_rate(k, config) == learning_rate(k, longer) for k in range(801))
    assert learning_rate(0, TrainConfig(steps=1, warmup=0, learning_rate=0.5)) == 0.5


class Recorder(nn.Module):
    """A network that records its inputs."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.seen = []

    def forward(self, x, t, labels=None):
        self.seen.append((t.tolist(), None if labels is None else labels.tolist()))
        return self.scale * x


def inputs_seen(config: Config, device, labels: torch.Tensor | None, batch_size: int) -> list:
    state = TrainState(Recorder(), config.train, device)
    x = torch.zeros(batch_size, 1, 8, 8)
    list(train(state, build_schedule(config), itertools.repeat((x, labels)), config))
    return state.network.seen


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_dropped_labels(tiny_config, device, share):
    """Over 60 steps of 64 labels, within five standard errors. The others stay as they are."""
    labels = torch.arange(64) % 3
    config = altered(tiny_config, train={"steps": 60, "label_dropout": share})
    dropped = 0
    for _, seen in inputs_seen(config, device, labels, 64):
        for true, got in zip(labels.tolist(), seen, strict=True):
            assert got in (true, 3)  # 3 is "no label" of three classes
            dropped += got == 3
    n = 60 * 64
    assert dropped / n == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / n))


def test_a_network_without_classes_gets_no_labels(tiny_config, device):
    config = altered(tiny_config, unet={"num_classes": None}, train={"steps": 2})
    for labels in (torch.zeros(4, dtype=torch.int64), None):
        assert [seen for _, seen in inputs_seen(config, device, labels, 4)] == [None, None]


def test_times_cover_the_range_evenly(tiny_config, device):
    """25 images and T = 50: one time in each interval of 2, with a new offset at each step."""
    seen = inputs_seen(altered(tiny_config, train={"steps": 40}), device, None, 25)
    offsets, counts = set(), torch.zeros(50)
    for times, _ in seen:
        assert all(0 <= t < 50 for t in times)
        assert sorted(t // 2 for t in times) == list(range(25))
        offsets.add(times[0])
        counts += torch.bincount(torch.tensor(times), minlength=50)
    assert len(offsets) > 1
    # each time is hit with probability 1/2 at each of the 40 steps; five standard errors
    assert (counts - 20).abs().max() <= 5 * math.sqrt(10)


def test_accumulated_batches_make_one_step(tiny_config, device):
    """One update with the mean over both batches, for a network whose loss is known by hand."""

    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.value = nn.Parameter(torch.zeros(()))

        def forward(self, x, t, labels=None):
            return self.value.expand_as(x)

    config = altered(tiny_config, diffusion={"objective": "x0"}, train={"accumulate": 2})
    state = TrainState(Constant(), config.train, device)
    feed = ((torch.full((4, 1, 8, 8), value), None) for value in (1.0, 3.0, 1.0))
    run = train(state, build_schedule(config), feed, config)
    step = next(run)
    assert step.loss == pytest.approx((1**2 + 3**2) / 2)  # as the estimate of x_0 is 0
    assert step.grad_norm == pytest.approx(2 * (1 + 3) / 2)
    assert list(run) == [] and state.step == 1  # the third batch alone makes no step
