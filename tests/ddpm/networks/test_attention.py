"""Attention, against the matrix of all pairs of pixels, written out."""

import math

import pytest
import torch
from torch import nn

from ddpm.networks.attention import Attention, LinearAttention


def heads_of(layer: nn.Module, x: torch.Tensor, dim_head: int):
    """q, k, v of one image, each as heads × pixels × channels, sliced by hand."""
    qkv = torch.einsum("oc,chw->ohw", layer.to_qkv.weight[:, :, 0, 0], x).flatten(1)
    size = layer.heads * dim_head
    return [
        torch.stack([qkv[s + h * dim_head : s + (h + 1) * dim_head].T for h in range(layer.heads)])
        for s in (0, size, 2 * size)
    ]


def softmax_of_products(q, k):
    weights = (q @ k.T / math.sqrt(3)).exp()
    return weights / weights.sum(1, keepdim=True)


def product_of_softmaxes(q, k):
    queries = q.exp() / q.exp().sum(1, keepdim=True)  # over the channels
    keys = k.exp() / k.exp().sum(0)  # over the pixels
    return queries @ keys.T / math.sqrt(3)


@pytest.mark.parametrize(
    "kind, matrix", [(Attention, softmax_of_products), (LinearAttention, product_of_softmaxes)]
)
@torch.no_grad()
def test_each_pixel_gets_what_all_others_say_by_their_weights(kind, matrix):
    layer = kind(6, heads=2, dim_head=3).double()
    x = torch.randn(2, 6, 3, 5, dtype=torch.float64)
    got = layer(x)
    for b in range(2):
        heads = zip(*heads_of(layer, x[b], 3), strict=True)
        out = torch.cat([matrix(q, k) @ v for q, k, v in heads], dim=1)
        pixels = out.T.reshape(1, 6, 3, 5)
        torch.testing.assert_close(got[b : b + 1], layer.to_out(pixels))
