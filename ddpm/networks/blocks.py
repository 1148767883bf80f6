"""What a U-Net is made of: blocks, attention beside them, and the steps between resolutions."""

import itertools
import math
from functools import partial

import torch
from einops import rearrange
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.attention import Attention, LinearAttention


class Residual(nn.Module):
    def __init__(self, fn: nn.Module):
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        return self.fn(x) + x


class PreNorm(nn.Module):
    def __init__(self, dim: int, fn: nn.Module):
        super().__init__()
        self.norm = nn.GroupNorm(1, dim)
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        return self.fn(self.norm(x))


def Downsample(dim: int) -> nn.Module:
    return nn.Conv2d(dim, dim, 4, 2, 1)


def Upsample(dim: int) -> nn.Module:
    return nn.ConvTranspose2d(dim, dim, 4, 2, 1)


class GroupNorm(nn.GroupNorm):
    """Where channels come last in memory, torch norms narrow groups three times as slowly as where
    they come first (benchmarks/call.py), so they are moved first and back again."""

    def forward(self, input: Tensor) -> Tensor:
        if self.num_groups == 1 or not input.is_contiguous(memory_format=torch.channels_last):
            return super().forward(input)
        x = super().forward(input.contiguous())
        return x.contiguous(memory_format=torch.channels_last)


class Block(nn.Module):
    def __init__(self, dim: int, dim_out: int, groups: int):
        super().__init__()
        self.proj = nn.Conv2d(dim, dim_out, 3, padding=1)
        self.norm = GroupNorm(math.gcd(groups, dim_out), dim_out)  # as many as divide
        self.act = nn.SiLU()

    def forward(self, x: Tensor, scale_shift: tuple[Tensor, Tensor] | None = None) -> Tensor:
        x = self.norm(self.proj(x))
        if scale_shift is not None:
            scale, shift = scale_shift
            x = x * (scale + 1) + shift
        return self.act(x)


class ResnetBlock(nn.Module):
    """Two convolutions and a shortcut; time scales and shifts between them (ADM, 2021)."""

    def __init__(self, dim: int, dim_out: int, time_emb_dim: int, groups: int = 8):
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(time_emb_dim, dim_out * 2))
        self.block1 = Block(dim, dim_out, groups)
        self.block2 = Block(dim_out, dim_out, groups)
        self.res_conv = nn.Conv2d(dim, dim_out, 1) if dim != dim_out else nn.Identity()

    def forward(self, x: Tensor, time_emb: Tensor) -> Tensor:
        scale_shift = rearrange(self.mlp(time_emb), "b c -> b c 1 1").chunk(2, dim=1)
        h = self.block1(x, scale_shift)
        return self.block2(h) + self.res_conv(x)


class ConvNextBlock(nn.Module):
    """Liu et al. 2022, with the notebook's 3 × 3 convolutions in place of the 1 × 1."""

    def __init__(self, dim: int, dim_out: int, time_emb_dim: int, mult: int = 2):
        super().__init__()
        self.mlp = nn.Sequential(nn.GELU(), nn.Linear(time_emb_dim, dim))
        self.ds_conv = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.net = nn.Sequential(
            nn.GroupNorm(1, dim),
            nn.Conv2d(dim, dim_out * mult, 3, padding=1),
            nn.GELU(),
            nn.GroupNorm(1, dim_out * mult),
            nn.Conv2d(dim_out * mult, dim_out, 3, padding=1),
        )
        self.res_conv = nn.Conv2d(dim, dim_out, 1) if dim != dim_out else nn.Identity()

    def forward(self, x: Tensor, time_emb: Tensor) -> Tensor:
        h = self.ds_conv(x) + rearrange(self.mlp(time_emb), "b c -> b c 1 1")
        return self.net(h) + self.res_conv(x)


ATTENTION = ("all", "lowest", "middle")
BLOCKS = {"resnet": ResnetBlock, "convnext": ConvNextBlock}


class Parts:
    """What the levels of a U-Net are made of, as its config says."""

    def __init__(self, config: UnetConfig):
        self.attention, self.dim_head = config.attention, config.dim_head
        self.dims = [config.dim, *(config.dim * mult for mult in config.dim_mults)]
        self.levels = list(enumerate(itertools.pairwise(self.dims)))
        self.last = len(self.levels) - 1
        self.block = partial(BLOCKS[config.block], time_emb_dim=config.dim * 4)
        if config.block == "resnet":
            self.block = partial(self.block, groups=config.norm_groups)

    def attend(self, kind: type[nn.Module], width: int) -> nn.Module:
        return Residual(PreNorm(width, kind(width, dim_head=self.dim_head)))

    def attention_at(self, width: int, level: int) -> nn.Module:
        everywhere = self.attention == "all"
        if not everywhere and (self.attention == "middle" or level < self.last):
            return nn.Identity()
        return self.attend(Attention if level == self.last else LinearAttention, width)

    def stage(self, dim_in: int, dim_out: int, level: int, resample: nn.Module) -> nn.ModuleList:
        blocks = [self.block(dim_in, dim_out), self.block(dim_out, dim_out)]
        return nn.ModuleList([*blocks, self.attention_at(dim_out, level), resample])
