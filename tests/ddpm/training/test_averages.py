"""Averages made afterwards, beside those taken directly of every step's weights."""

import copy

import pytest
import torch

from ddpm.checkpoint import as_part, build_network, build_schedule
from ddpm.data.batches import batches
from ddpm.training.averages import WIDEST, post_hoc
from ddpm.training.loop import train
from ddpm.training.state import TrainState
from devtools.configs import altered

STEPS, EVERY = 120, 8


def flat(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([each.detach().double().flatten() for each in network.parameters()])


@pytest.fixture
def run(tiny_config, pictures, device):
    """The weights after each step (steps + 1, …), and the states that were kept."""
    config = altered(tiny_config, train={"steps": STEPS, "ema_decay": 1 - 1 / EVERY})
    state = TrainState(build_network(config), config.train, device)
    weights, kept = [flat(state.network)], []
    feed = batches(*pictures, config.train.batch_size, seed=0)
    for step in train(state, build_schedule(config), feed, config):
        weights.append(flat(state.network))
        if step.step % EVERY == 0:
            average = copy.deepcopy(state.averaged())
            kept.append(as_part(average, config, {"steps": step.step}, "cpu"))
    return torch.stack(weights), kept


@pytest.mark.parametrize("gamma", [0.5, 1, 3])
def test_a_width_made_afterwards_is_the_average_with_that_width(run, gamma):
    """What is left is much less than what the width changes."""
    weights, kept = run
    profile = torch.linspace(0, 1, STEPS + 1, dtype=torch.float64) ** gamma
    direct = profile @ weights / profile.sum()
    width = (gamma + 1) ** 0.5 / ((gamma + 2) * (gamma + 3) ** 0.5)
    made = flat(post_hoc(kept[::-1], width).network)
    change = flat(kept[-1].network) - direct
    assert (made - direct).norm() < 0.1 * change.norm()


def test_states_stay_as_they_are(run):
    _, kept = run
    before = [flat(each.network) for each in kept]
    made = post_hoc(kept, 0.2)
    assert made.info == {"steps": STEPS}
    assert not torch.equal(flat(made.network), before[-1])
    assert all(torch.equal(flat(each.network), old) for each, old in zip(kept, before, strict=True))


@pytest.mark.parametrize("width", [-0.1, 0, WIDEST, 1])
def test_a_width_that_no_power_function_has_is_refused(run, width):
    with pytest.raises(ValueError, match=r"a width above 0 and below 0\.289"):
        post_hoc(run[1], width)


def test_one_state_is_not_enough(run):
    with pytest.raises(ValueError, match="needs two states"):
        post_hoc(run[1][:1], 0.1)
