"""What a training step minimises, and the randomness that goes into it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ddpm.config import Config
from ddpm.diffusion.process import Denoiser, p_losses, randn_like

# (denoiser, batch, config, draw) -> the loss of one batch, a scalar; draw is its randomness
Loss = Callable[[Denoiser, tuple, Config, torch.Generator], Tensor]


def denoising_loss(
    denoiser: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """Of a batch (x_0, labels), with the t, the noise and the hidden labels that `draw` gives."""
    x_start, labels = batch
    T, device = denoiser.schedule.T, denoiser.schedule.device
    x_start = x_start.to(device, memory_format=torch.channels_last)
    t = (stratified(len(x_start), draw) * T).long().clamp(max=T - 1).to(device)
    noise = randn_like(x_start, draw)
    labels = hide_some(labels, config, draw, device)
    return p_losses(denoiser, x_start, t, noise, loss=config.train.loss, labels=labels)


def hide_some(
    labels: Tensor | None, config: Config, draw: torch.Generator, device: torch.device
) -> Tensor | None:
    """The labels (B,) on the device, a share of them replaced by "no label"; None for a network
    that takes none."""
    if labels is None or config.unet.num_classes is None:
        return None
    hidden = torch.rand(len(labels), generator=draw) < config.train.label_dropout
    return labels.masked_fill(hidden, config.unet.num_classes).to(device)


def stratified(n: int, generator: torch.Generator) -> Tensor:
    """n numbers, uniform over [0, 1) and evenly spread over the batch, so that the loss varies
    less: the low-discrepancy sampler of Kingma et al. 2021, appendix I.1."""
    spread = torch.arange(n, dtype=torch.float64) / n
    offset = torch.rand((), generator=generator, dtype=torch.float64)
    return (spread + offset) % 1
