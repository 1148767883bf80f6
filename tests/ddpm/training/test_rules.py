"""Runs keep the rules that they began with."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from ddpm.checkpoint import NETWORKS, build_network, build_schedule
from ddpm.config import Config, TrainConfig, UnetConfig
from ddpm.data.batches import batches
from ddpm.diffusion.denoiser import Denoiser
from ddpm.training.loop import step_generator, train
from ddpm.training.losses import classifier_loss
from ddpm.training.optimizers import hidden_kernels
from ddpm.training.state import TrainState

SMALL = UnetConfig(image_size=8, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=3)


def drawn(seed: int, step: int, share: int) -> tuple:
    return tuple(torch.rand(4, generator=step_generator(seed, step, share)).tolist())


def test_no_step_of_any_run_repeats_another():
    """Among them pairs whose numbers agree in the 32 bits that torch keeps of a seed."""
    places = [
        (0, 0, 0), (0, 2**20, 0), (1, 48_573, 0), (0, 1_000_003, 0), (1, 0, 0), (4_295, 0, 0),
        (0, 1, 0), (0, 0, 4_096), (0, 5_000_000, 0), (2**31 - 1, 0, 0), (2**31 - 1, 9_999_999, 1),
    ]  # fmt: skip
    assert len({drawn(*place) for place in places}) == len(places)


def test_steps_of_small_numbers_are_as_ever():
    for seed, step, share in ((0, 0, 0), (0, 999_999, 4_095), (1, 48_572, 7)):
        number = (seed * 1_000_003 + step) * 4_096 + share
        expected = torch.rand(4, generator=torch.Generator().manual_seed(number))
        assert drawn(seed, step, share) == tuple(expected.tolist())


def kernels_of(network: nn.Module) -> dict[str, nn.Parameter]:
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    layers = [(name, m) for name, m in network.named_modules() if isinstance(m, convolutions)]
    return {name: layer.weight for name, layer in layers}


@pytest.mark.parametrize("name", NETWORKS)
def test_all_kernels_are_hidden_but_those_of_layers_that_touch_pixels(name):
    """Which layers these are, by the numbers of channels that go in and out."""
    unet = replace(SMALL, channels=3, num_classes=3 if name == "classifier" else None)
    network = build_network(Config(unet, network=name))
    hidden = {id(weight) for weight in hidden_kernels(network)}
    for layer, kernel in kernels_of(network).items():
        assert (id(kernel) in hidden) == (not {3, 6} & {*kernel.shape[:2]}), layer


def test_a_run_that_began_under_the_first_rules_goes_on_by_them(pictures, device):
    """Its file has no number of rules. Of a step's number 32 bits count, and AdamW moves the last
    kernel of a classifier."""
    train_config = TrainConfig(seed=5, optimizer="muon", batch_size=4)
    config = Config(SMALL, train=train_config, network="classifier")
    schedule = build_schedule(config)

    def opened(tensors: dict) -> TrainState:
        state = TrainState(build_network(config), config.train, device)
        state.load_tensors({name: value.clone() for name, value in tensors.items()})
        return state

    def loss(state: TrainState) -> float:
        feed = batches(*pictures, 4, seed=5, start=state.step)
        return next(train(state, schedule, feed, config, classifier_loss)).loss

    def moved(state: TrainState) -> list[int]:
        return [len(optimizer.param_groups[0]["params"]) for optimizer in state.optimizers]

    new = TrainState(build_network(config), config.train, device)
    old = opened({name: value for name, value in new.tensors().items() if name != "rules"})
    batch, kernels = next(batches(*pictures, 4, seed=5)), len(kernels_of(new.network))
    draw = torch.Generator().manual_seed(5 * 1_000_003 * 4_096)
    model = Denoiser(build_network(config), schedule, "v")
    by_hand = classifier_loss(model, batch, config, draw).item()
    assert loss(old) == pytest.approx(by_hand, rel=1e-5) != loss(new)
    assert moved(old)[1] == kernels - 2 and moved(new)[1] == kernels - 1

    again = opened(old.tensors())
    assert again.rules == 1 and moved(again) == moved(old) and loss(again) == loss(old)
    assert opened(new.tensors()).rules == new.rules == 2
