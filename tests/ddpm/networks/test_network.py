"""What every network has in common."""

import inspect

import pytest
import torch

from ddpm.networks.network import Condition, Network
from ddpm.networks.systems import NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_each_is_asked_as_network_promises(name):
    kind = getattr(NETWORKS[name], "func", NETWORKS[name])  # of a partial
    if name == "contrastive_pair":
        assert not issubclass(kind, Network)  # no noise is involved
        return
    assert [*inspect.signature(kind.forward).parameters] == ["self", "x", "t", "condition"]


def test_labels_alone_stand_for_a_condition(network):
    x, t, labels = torch.randn(2, 1, 8, 8), torch.tensor([3, 9]), torch.tensor([0, 2])
    with torch.no_grad():
        assert torch.equal(network(x, t, labels), network(x, t, Condition(labels=labels)))
        assert torch.equal(network(x, t), network(x, t, Condition()))
