"""Attention, against loops over pixels."""

from __future__ import annotations

import math

import torch
from torch import nn

from ddpm.networks.attention import Attention, LinearAttention

close = torch.testing.assert_close


def heads_of(layer: nn.Module, x: torch.Tensor, dim_head: int):
    """q, k, v of one image, each as heads × pixels × channels, sliced by hand."""
    qkv = torch.einsum("oc,chw->ohw", layer.to_qkv.weight[:, :, 0, 0], x).flatten(1)
    size = layer.heads * dim_head
    return [
        torch.stack([qkv[s + h * dim_head : s + (h + 1) * dim_head].T for h in range(layer.heads)])
        for s in (0, size, 2 * size)
    ]


@torch.no_grad()
def test_attention_equals_a_loop_over_pixels():
    layer = Attention(6, heads=2, dim_head=3).double()
    x = torch.randn(2, 6, 3, 5, dtype=torch.float64)
    got = layer(x)
    for b in range(2):
        q, k, v = heads_of(layer, x[b], 3)
        out = torch.zeros(2, 15, 3, dtype=torch.float64)
        for h in range(2):
            for i in range(15):
                weights = [math.exp(float(q[h, i] @ k[h, j]) / math.sqrt(3)) for j in range(15)]
                for j in range(15):
                    out[h, i] += weights[j] / sum(weights) * v[h, j]
        pixels = torch.cat([out[0], out[1]], dim=1).T.reshape(1, 6, 3, 5)
        close(got[b : b + 1], layer.to_out(pixels))


@torch.no_grad()
def test_linear_attention_equals_a_loop_over_pixels():
    """Σ_j (softmax_d(q_i) · softmax_n(k)_j) v_j / √d: the pixel × pixel matrix, written out."""
    layer = LinearAttention(6, heads=2, dim_head=3).double()
    x = torch.randn(2, 6, 3, 5, dtype=torch.float64)
    got = layer(x)
    for b in range(2):
        q, k, v = heads_of(layer, x[b], 3)
        out = torch.zeros(2, 15, 3, dtype=torch.float64)
        for h in range(2):
            keys = k[h].exp() / k[h].exp().sum(0)  # over the pixels
            for i in range(15):
                query = q[h, i].exp() / q[h, i].exp().sum() / math.sqrt(3)  # over the channels
                for j in range(15):
                    out[h, i] += (query @ keys[j]) * v[h, j]
        pixels = torch.cat([out[0], out[1]], dim=1).T.reshape(1, 6, 3, 5)
        close(got[b : b + 1], layer.to_out(pixels))
