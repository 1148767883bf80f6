"""The compiled network against the one it was made from."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest import mock

import pytest
import torch
import torch.nn.functional as F

import ddpm
from ddpm.checkpoint import as_denoiser, build_network
from ddpm.config import Config, UnetConfig
from ddpm.sampling.openvino import compiled

pytestmark = pytest.mark.slow  # compiling takes seconds


@pytest.fixture(scope="module")
def pair() -> tuple[ddpm.Denoiser, ddpm.Denoiser]:
    loaded = ddpm.load_checkpoint("fashion_mnist", "cpu")
    fast = compiled(loaded.model)
    assert fast is not loaded.model  # the tests require openvino
    return loaded.model, fast


@pytest.mark.parametrize(
    "count, labelled, scale", [(5, False, 1.0), (1, True, 1.0), (5, True, 3.0)]
)
def test_it_draws_the_same_images(pair, count, labelled, scale):
    labels = torch.arange(count) if labelled else None
    eager, fast = (ddpm.sample(model, count, labels=labels, guidance=scale) for model in pair)
    assert (fast - eager).abs().max() < 1e-3


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_it_draws_mixtures_of_classes(pair, scale):
    """One weight of 1 is the class itself; others, what the network makes of them."""
    labels = torch.tensor([3, 7])
    ones = F.one_hot(labels, 10).float()
    mixed = torch.full((2, 10), 0.1)
    for given, same in ((labels, ones), (mixed, mixed)):
        eager, fast = (
            ddpm.sample(model, 2, labels=each, guidance=scale)
            for model, each in zip(pair, (given, same), strict=True)
        )
        assert (fast - eager).abs().max() < 1e-3


def test_a_flow_map_still_goes_where_it_is_told():
    """`ddpm evaluate` compiles every model of one network, and the graph would ignore the end."""
    model = ddpm.load_checkpoint("fashion_mnist_flow_moments", "cpu")
    fast = replace(model, model=compiled(model.model))
    eager, drawn = (each.sample(2, labels=torch.tensor([3, 7]), steps=2) for each in (model, fast))
    assert (drawn - eager).abs().max() < 1e-3


def test_a_network_that_was_never_asked_without_a_label_refuses_it_here_too():
    config = Config(UnetConfig(image_size=8, dim=8, dim_mults=(1,), dim_head=4, num_classes=3))
    model = as_denoiser(build_network(config), config)
    x, t, labels = torch.zeros(2, 1, 8, 8), torch.zeros(2), torch.tensor([0, 3])
    compiled(model)(x, t, labels)  # 3 is "none"
    model.network.needs_label = True
    refuse = mock.Mock(side_effect=ValueError("ask for a label"))
    fast = compiled(model)
    with mock.patch.object(model.network, "forward", refuse):
        fast(x, t, labels.clamp(max=2))
        for hidden in (labels, None):
            with pytest.raises(ValueError, match="ask for a label"):
                fast(x, t, hidden)


@torch.no_grad()
def test_fractional_times(pair):
    x, t = torch.randn(3, 1, 28, 28), torch.tensor([0.25, 499.5, 998.75])
    torch.testing.assert_close(pair[1](x, t), pair[0](x, t), rtol=1e-3, atol=1e-4)


def test_threads_do_not_share_buffers(pair):
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda k: ddpm.sample(pair[1], 2, labels=k), range(6)))
    for k, image in enumerate(together):
        assert (ddpm.sample(pair[0], 2, labels=k) - image).abs().max() < 1e-3


def test_a_network_without_labels_that_learned_its_variance():
    unet = UnetConfig(
        image_size=8, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=None, learned_variance=True
    )
    model = as_denoiser(build_network(Config(unet)), Config(unet))
    x, t = torch.randn(3, 1, 8, 8), torch.tensor([0, 500, 900])
    got = compiled(model)(x, t)
    assert got.shape == (3, 2, 8, 8)
    torch.testing.assert_close(got, model(x, t), rtol=1e-3, atol=1e-4)


def test_without_openvino_the_model_is_returned_unchanged(pair, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert compiled(pair[0]) is pair[0]
