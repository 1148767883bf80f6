"""The best denoiser there can be, for a world that holds nothing but some known pictures.

No network and no training: what goes wrong with its samples is the schedule's fault.
"""

from __future__ import annotations

from torch import Tensor

from ddpm.diffusion import EpsFn
from ddpm.schedules import Schedule


def exact_eps(schedule: Schedule, data: Tensor) -> EpsFn:
    """The ε that minimises the loss when x_0 is drawn from data (N, C, H, W) with equal odds.

    E[x_0 | x_t] is the mean of the pictures, each weighted by how likely it has led to x_t:
    log N(x_t; √ᾱ x_0, (1-ᾱ) I), up to a term that all of them share.
    """
    pictures = data.flatten(1)
    energies = pictures.square().sum(1) / 2
    alphas_cumprod = schedule.exact_alphas_cumprod

    def eps_fn(x: Tensor, t: Tensor) -> Tensor:
        acp = alphas_cumprod[t][:, None]
        power, noise_power = acp.to(x), (1 - acp).to(x)
        flat = x.flatten(1)
        logits = (power.sqrt() * flat @ pictures.T - power * energies) / noise_power
        x_start = logits.softmax(1) @ pictures
        return ((flat - power.sqrt() * x_start) / noise_power.sqrt()).view_as(x)

    return eps_fn


def nearest(x: Tensor, data: Tensor) -> Tensor:
    """The index of the picture in data (N, C, H, W) next to each of x (B, C, H, W)."""
    return (x.flatten(1) @ data.flatten(1).T - data.flatten(1).square().sum(1) / 2).argmax(1)
