"""The copy in bfloat16 against the network that it was made from."""

import pytest
import torch
from torch import nn

import ddpm
from ddpm.networks.bf16 import InBf16, computes_in_bf16


@pytest.fixture(scope="module")
def pair() -> tuple[ddpm.Denoiser, ddpm.Denoiser]:
    model = ddpm.load_checkpoint("fashion_mnist", "cpu").model
    return model, ddpm.Denoiser(InBf16(model.network), model.schedule, model.objective).eval()


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_ten_calls_draw_the_same_pictures(pair, guidance):
    eager, fast = (ddpm.sample(m, 4, labels=[0, 3, 7, 8], guidance=guidance) for m in pair)
    assert fast.dtype == torch.float32
    assert 0 < (fast - eager).norm() / eager.norm() < 1e-2


def test_without_labels_with_weights_and_between_times(pair):
    x, t = torch.randn(3, 1, 28, 28), torch.tensor([0.25, 499.5, 998.75])
    for labels in (None, torch.rand(3, 10).softmax(1)):
        eager, fast = (model.network(x, t, labels) for model in pair)
        assert (fast - eager).norm() / eager.norm() < 2e-2


def test_a_weight_of_1_is_the_label_itself(pair):
    x, t, labels = torch.randn(3, 1, 28, 28), torch.arange(3), torch.tensor([0, 4, 9])
    network = pair[1].network
    torch.testing.assert_close(network(x, t, torch.eye(10)[labels]), network(x, t, labels))


def test_norms_are_torchs_bit_for_bit_with_channels_last(pair):
    norms = [part for part in pair[1].network.modules() if isinstance(part, nn.GroupNorm)]
    narrow = [part for part in norms if part.num_groups > 1]
    assert narrow
    for part in narrow:
        x = torch.randn(2, part.num_channels, 14, 14, dtype=torch.bfloat16)
        found = part(x.to(memory_format=torch.channels_last))
        groups = (part.num_groups, part.weight, part.bias, part.eps)
        assert torch.equal(found, torch.nn.functional.group_norm(x, *groups))
        assert found.is_contiguous(memory_format=torch.channels_last)


def test_no_other_device_is_said_to_compute_in_it():
    assert not computes_in_bf16(torch.device("meta"))
