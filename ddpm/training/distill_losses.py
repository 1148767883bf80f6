"""What the first two stages of a distillation minimise: a student's distance to the ends of its
teacher's paths (Hu et al. 2025), and to itself at an earlier noise level (Geng et al. 2024).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ddpm.config import Config
from ddpm.diffusion.process import Denoiser, randn_like
from ddpm.training.losses import hide_some, stratified

# Geng et al. 2024, with σ/α for their t: its logarithm is normal; and the earlier level, towards
# which the later one is pulled, lies (1 + K sigmoid(-σ/α)) / Q of the way to 0.
LOG_MEAN, LOG_STD = -0.8, 2.0
Q, K = 256, 8.0
HUBER = 0.00054  # c of Song & Dhariwal 2024, for a root mean square


def regression_loss(
    student: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """Of a batch of `Trajectories`: from each state to the end of its path."""
    return ends(student, batch)[1]


def ends(student: Denoiser, batch: tuple) -> tuple[Tensor, Tensor, Tensor | None]:
    """Of a batch of `Trajectories`: where the student jumps to, its mean distance to where the
    paths end, and the labels on the student's device."""
    x, t, x_start, labels = batch
    device = student.schedule.device
    x = x.to(device, memory_format=torch.channels_last)
    t, x_start = t.to(device), x_start.to(device)
    labels = None if labels is None else labels.to(device)
    pictures = jump(student, x, t, labels)
    return pictures, pseudo_huber(pictures, x_start).mean(), labels


def consistency_loss(
    student: Denoiser, batch: tuple, config: Config, draw: torch.Generator
) -> Tensor:
    """Of a batch (x_0, labels): the picture that the student sees at a noise level, against the one
    that it sees at an earlier level, with the same noise. That one has no gradient, and is x_0
    itself once the level lies before the schedule's first.

    The weight 1/t² + 1 with t = σ/α is that of the paper for data of variance 1, which a network
    that predicts v takes them for.
    """
    x_start, labels = batch
    schedule = student.schedule
    x_start = x_start.to(schedule.device, memory_format=torch.channels_last)
    noise = randn_like(x_start, draw)
    labels = hide_some(labels, config, draw, schedule.device)
    spread = torch.special.ndtri(stratified(len(x_start), draw)).float().to(schedule.device)
    least, most = (-schedule.log_snr[[0, -1]] / 2).exp()
    later = (LOG_MEAN + LOG_STD * spread).exp().clamp(least, most)
    earlier = later * (1 - (1 + K * (-later).sigmoid()) / Q)

    def seen(ratio: Tensor) -> Tensor:
        column = ratio.reshape(-1, 1, 1, 1)
        x = (x_start + column * noise) / (1 + column**2).sqrt()
        return jump(student, x, schedule.t_of_log_snr(-2 * ratio.log()), labels)

    with torch.no_grad():
        before_all = (earlier < least).reshape(-1, 1, 1, 1)
        target = torch.where(before_all, x_start, seen(earlier.clamp(min=least)))
    weight = 1 / later**2 + 1
    return (weight * pseudo_huber(seen(later), target)).mean()


def jump(student: Denoiser, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
    """The consistency function: x at time t to the picture at the end of its path."""
    return student.to_x_start(x, t, student.network(x, t, labels))


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """(B,): the root mean square of a - b (B, …), rounded off at 0."""
    return ((a - b).square().flatten(1).mean(1) + HUBER**2).sqrt() - HUBER
