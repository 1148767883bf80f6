"""A wider network begins by predicting what the narrow one does, on real pictures; one with less
attention what another does whose attention says nothing."""

import copy
from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.networks.attention import Attention, LinearAttention
from ddpm.networks.widen import resized, widened


@pytest.fixture(scope="module")
def shipped():
    return ddpm.load_checkpoint("fashion_mnist", "cpu")


@pytest.fixture(scope="module")
def noisy(shipped):
    """Test pictures under noise of every level, their times and labels, and their v."""
    images, labels = ddpm.fashion_mnist("test", source="shipped")
    x_start = images[:200].float() / 127.5 - 1
    t = torch.arange(200) * 5
    noise = torch.randn(x_start.shape, generator=torch.Generator().manual_seed(1))
    schedule = shipped.schedule
    v = ddpm.extract(schedule.sqrt_alphas_cumprod, t, x_start) * noise
    v -= ddpm.extract(schedule.sqrt_one_minus_alphas_cumprod, t, x_start) * x_start
    return ddpm.q_sample(schedule, x_start, t, noise), t, labels[:200], v.float()


@pytest.mark.parametrize(("dim", "groups", "apart"), [(96, 16, 3e-3), (72, 12, 2e-2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@torch.no_grad()
def test_it_predicts_the_same(shipped, noisy, dim, groups, apart, dtype):
    x, t, labels, v = noisy
    narrow = shipped.network
    wide = widened(narrow, replace(shipped.config.unet, dim=dim, norm_groups=groups)).eval()
    expected = narrow(x, t, labels)
    with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        found = wide(x, t, labels).float()
    assert (found - expected).square().mean() < apart * expected.square().mean()
    loss, before = (found - v).square().mean(), (expected - v).square().mean()
    assert loss < 1.05 * before < 0.2


def test_equal_channels_learn_apart(shipped):
    """Their outgoing weights differ, so their gradients do too."""
    wide = widened(shipped.network, replace(shipped.config.unet, dim=96, norm_groups=16)).train()
    x = torch.randn(8, 1, 28, 28, generator=torch.Generator().manual_seed(2))
    wide(x, torch.arange(8) * 100).square().mean().backward()
    weight = wide.downs[0][0].block1.proj.weight
    once, again = weight.grad[:48], weight.grad[48:]
    assert ((once - again).norm() / once.norm()) > 0.05


@pytest.mark.parametrize("attention", ["lowest", "middle"])
@torch.no_grad()
def test_one_with_less_attention_predicts_what_is_left(shipped, noisy, attention):
    x, t, labels, _ = noisy
    network = copy.deepcopy(shipped.network)
    less = resized(network, replace(shipped.config.unet, attention=attention)).eval()
    kept = {name for name, part in less.named_modules()}
    for name, part in network.named_modules():
        if isinstance(part, Attention | LinearAttention) and name not in kept:
            for weight in part.to_out.parameters():
                weight.zero_()
    torch.testing.assert_close(less(x, t, labels), network(x, t, labels))


def test_no_attention_can_be_added(shipped):
    less = resized(shipped.network, replace(shipped.config.unet, attention="middle"))
    with pytest.raises(ValueError, match="with more attention"):
        resized(less, shipped.config.unet)


@pytest.mark.parametrize(
    "change", [{"dim": 48}, {"dim": 72}, {"dim": 96, "norm_groups": 16, "dim_head": 16}]
)
def test_what_is_no_wider_one_is_refused(shipped, change):
    with pytest.raises(ValueError, match="as a narrower one"):
        widened(shipped.network, replace(shipped.config.unet, **change))
