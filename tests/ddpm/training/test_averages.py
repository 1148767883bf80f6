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


def test_a_width_made_afterwards_is_the_average_with_that_width(run):
    """What is left is much less than what the width changes."""
    weights, kept = run
    for gamma in (0.5, 1, 3):
        profile = torch.linspace(0, 1, STEPS + 1, dtype=torch.float64) ** gamma
        direct = profile @ weights / profile.sum()
        width = (gamma + 1) ** 0.5 / ((gamma + 2) * (gamma + 3) ** 0.5)
        made = flat(post_hoc(kept[::-1], width).network)
        change = flat(kept[-1].network) - direct
        assert (made - direct).norm() < 0.1 * change.norm(), gamma


def test_states_stay_as_they_are(run):
    _, kept = run
    before = [flat(each.network) for each in kept]
    made = post_hoc(kept, 0.2)
    assert made.info == {"steps": STEPS}
    assert not torch.equal(flat(made.network), before[-1])
    assert all(torch.equal(flat(each.network), old) for each, old in zip(kept, before, strict=True))


def test_one_state_or_a_width_that_no_power_function_has_is_refused(network, tiny_config):
    state = as_part(network, tiny_config, {"steps": 1}, "cpu")
    for count, width in ((1, 0.1), (2, -0.1), (2, 0), (2, WIDEST), (2, 1)):
        says = f"two states of a run and a width above 0 and below 0.289, got {count} and {width}"
        with pytest.raises(ValueError, match=says):
            post_hoc([state] * count, width)
