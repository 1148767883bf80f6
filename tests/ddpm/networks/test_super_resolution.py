"""A U-Net that also sees a small picture and its noise level."""

from dataclasses import replace

import pytest
import torch

from ddpm.checkpoint import build_network
from ddpm.networks.network import Condition

close = torch.testing.assert_close


@pytest.fixture
def network(tiny_config):
    return build_network(replace(tiny_config, network="super_resolution")).eval()


def given(n: int) -> tuple[torch.Tensor, torch.Tensor, Condition]:
    low = torch.randn(n, 1, 4, 4)
    t, aug = torch.randint(0, 50, (2, n))
    return torch.randn(n, 1, 8, 8), t, Condition(labels=torch.arange(n) % 3, low=low, aug=aug)


def test_its_shape_and_that_each_condition_matters(network):
    x, t, asked = given(3)
    output = network(x, t, asked)
    assert output.shape == (3, 1, 8, 8)
    for changed in (
        network(x, t + 9, asked),
        network(x, t, replace(asked, labels=(asked.labels + 1) % 3)),
        network(x, t, replace(asked, low=asked.low + 1)),
        network(x, t, replace(asked, aug=asked.aug + 9)),
    ):
        assert (changed - output).abs().max() > 1e-3


def test_the_small_picture_enters_enlarged_beside_x(network):
    """By a first convolution that only looks at one of the two channels."""
    x, t, asked = given(2)
    seen = []
    network.init_conv.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    network(x, t, asked)
    (entered,) = seen
    close(entered[:, :1], x)
    # bilinear to twice the size: between two pixels it lies 3/4 of one and 1/4 of the other
    row = asked.low[:, 0, 0]  # the first row has no neighbour above
    close(entered[:, 1, 0, 1], 0.75 * row[:, 0] + 0.25 * row[:, 1])
    close(entered[:, 1, 0, 2], 0.25 * row[:, 0] + 0.75 * row[:, 1])


def test_every_weight_takes_part(network):
    network(*given(4)).square().sum().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []
