"""A snapshot that another thread takes of a run under way."""

import threading

import torch

from ddpm.checkpoint import build_network, build_schedule
from ddpm.data.batches import batches
from ddpm.training.loop import TrainState, train


def start(config, pictures):
    state = TrainState(build_network(config), config.train)
    feed = batches(*pictures, config.train.batch_size, seed=config.train.seed)
    return state, train(state, build_schedule(config), feed, config)


def test_a_snapshot_is_always_of_a_whole_step(tiny_config, pictures, set_train):
    """Each equals, bit for bit, the averaged weights of an undisturbed run after as many steps."""
    config = set_train(tiny_config, steps=40)
    state, steps = start(config, pictures)
    expected = {0: copy(state)} | {step.step: copy(state) for step in steps}

    state, steps = start(config, pictures)
    thread = threading.Thread(target=lambda: [*steps])
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(state.snapshot())
        thread.join(0.001)
    assert len({step for step, _ in seen}) > 10
    for step, weights in seen:
        assert all(torch.equal(weights[name], expected[step][name]) for name in expected[step])


def copy(state):
    return {name: tensor.clone() for name, tensor in state.averaged().state_dict().items()}
