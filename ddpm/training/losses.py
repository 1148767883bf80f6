"""What a training step minimises, and the randomness that goes into it."""

from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.config import Config
from ddpm.diffusion.augmentation import augment, shrink
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import p_losses, q_sample, randn_like
from ddpm.networks.network import Condition
from ddpm.schedules import Schedule

# (denoiser, batch, config, rng) -> the loss of one batch, a scalar; rng is its randomness
Loss = Callable[[Denoiser, tuple, Config, torch.Generator], Tensor]


def denoising_loss(
    denoiser: Denoiser,
    batch: tuple,
    config: Config,
    rng: torch.Generator,
    given: Condition | None = None,
) -> Tensor:
    """Of a batch (x_0, labels), with the t, the noise and the hidden labels that `rng` gives, and
    what else is `given`."""
    x_start, labels = batch
    device = denoiser.schedule.device
    x_start = x_start.to(device, memory_format=torch.channels_last)
    t = times_for(denoiser, len(x_start), rng)
    noise = randn_like(x_start, rng)
    labels = drop_labels(labels, config, rng, device)
    labels = labels if given is None else replace(given, labels=labels)
    return p_losses(denoiser, x_start, t, noise, loss=config.train.loss, labels=labels)


def super_resolution_loss(
    denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator
) -> Tensor:
    """`denoising_loss`, given what `shrunk_and_noised` makes of the pictures."""
    low, aug = shrunk_and_noised(denoiser.schedule, batch[0], rng)
    return denoising_loss(denoiser, batch, config, rng, Condition(low=low, aug=aug))


def shrunk_and_noised(
    schedule: Schedule, x_start: Tensor, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Pictures at half their size, each after s steps of noise, and s, drawn evenly from 0 … T:
    Ho et al. 2021, section 4."""
    low = shrink(x_start).to(schedule.device)
    aug = torch.randint(0, schedule.T + 1, (len(low),), generator=rng).to(schedule.device)
    return augment(schedule, low, aug, randn_like(low, rng)), aug


def classifier_loss(
    denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator
) -> Tensor:
    """Cross-entropy of the labels given x_t, at all times t: Dhariwal & Nichol 2021, section 4.
    The network in the denoiser's place is the classifier."""
    x_start, labels = batch
    device = denoiser.schedule.device
    x_start = x_start.to(device, memory_format=torch.channels_last)
    t = times_for(denoiser, len(x_start), rng)
    x = q_sample(denoiser.schedule, x_start, t, randn_like(x_start, rng))
    return F.cross_entropy(denoiser.network(x, t), labels.to(device))


# What each of `networks.systems.NETWORKS` is trained by.
LOSS_OF: dict[str, Loss] = {
    "unet": denoising_loss,
    "super_resolution": super_resolution_loss,
    "classifier": classifier_loss,
}


def times_for(denoiser: Denoiser, n: int, rng: torch.Generator) -> Tensor:
    """n times t, evenly spread over 0 … T-1."""
    return (stratified(n, rng) * denoiser.schedule.T).long().to(denoiser.schedule.device)


def drop_labels(
    labels: Tensor | None, config: Config, rng: torch.Generator, device: torch.device
) -> Tensor | None:
    """The labels (B,) on the device, a share of them replaced by "no label"; None for a network
    that takes none."""
    if labels is None or config.unet.num_classes is None:
        return None
    hidden = torch.rand(len(labels), generator=rng) < config.train.label_dropout
    return labels.masked_fill(hidden, config.unet.num_classes).to(device)


def stratified(n: int, generator: torch.Generator) -> Tensor:
    """n numbers, uniform over [0, 1) and evenly spread over the batch, so that the loss varies
    less: the low-discrepancy sampler of Kingma et al. 2021, appendix I.1."""
    spread = torch.arange(n, dtype=torch.float64) / n
    offset = torch.rand((), generator=generator, dtype=torch.float64)
    return (spread + offset) % 1
