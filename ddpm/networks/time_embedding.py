"""The time, or any other level of noise, as an input of a network."""

import math

import torch
from torch import Tensor, nn


class SinusoidalPositionEmbeddings(nn.Module):
    """Times (B,), whole or fractional, to (B, dim): Vaswani et al. 2017, section 3.5."""

    frequencies: Tensor

    def __init__(self, dim: int):
        super().__init__()
        half = dim // 2
        frequencies = torch.exp(torch.arange(half) * -(math.log(10_000) / max(half - 1, 1)))
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, time: Tensor) -> Tensor:
        angles = time[:, None].float() * self.frequencies[None, :]
        return torch.cat((angles.sin(), angles.cos()), dim=-1)


def time_mlp(dim: int, time_dim: int) -> nn.Sequential:
    """Times (B,) to what the blocks take, (B, time_dim)."""
    return nn.Sequential(
        SinusoidalPositionEmbeddings(dim),
        nn.Linear(dim // 2 * 2, time_dim),
        nn.GELU(),
        nn.Linear(time_dim, time_dim),
    )
