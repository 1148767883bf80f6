"""Half a U-Net: what it returns, what moves it, and what it refuses."""

from dataclasses import replace

import pytest
import torch

from ddpm.checkpoint import build_network
from ddpm.config import Config, UnetConfig


@pytest.fixture
def network(tiny_config):
    return build_network(replace(tiny_config, network="classifier")).eval()


def test_it_gives_a_logit_for_each_class_and_depends_on_the_time(network):
    x = torch.randn(4, 1, 8, 8)
    early, late = network(x, torch.zeros(4)), network(x, torch.full((4,), 40))
    assert early.shape == (4, 3)
    assert (early - late).abs().max() > 1e-3
    torch.testing.assert_close(network(x[1:2], torch.zeros(1)), early[1:2])


def test_every_weight_takes_part(network):
    network(torch.randn(2, 1, 8, 8), torch.tensor([3, 30])).square().sum().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_what_is_refused(network):
    with pytest.raises(ValueError, match="divisible by 2"):
        network(torch.randn(1, 1, 7, 7), torch.zeros(1))
    with pytest.raises(ValueError, match="a time for each image"):
        network(torch.randn(2, 1, 8, 8), torch.zeros(1))
    with pytest.raises(ValueError, match="needs num_classes"):
        Config(UnetConfig(num_classes=None), network="classifier")
