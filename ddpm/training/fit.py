"""A training run in memory."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ddpm.checkpoint import build_network, build_schedule
from ddpm.config import Config
from ddpm.data.batches import batches, check_batch_size
from ddpm.networks.systems import SYSTEMS
from ddpm.sampling import checks
from ddpm.shown import in_notebook, shown_by
from ddpm.training.loop import TrainStep, train
from ddpm.training.losses import LOSS_OF, Loss
from ddpm.training.state import TrainState


def fit(
    config: Config, images: Tensor, labels: Sequence[int] | Tensor | None = None
) -> Iterator[TrainStep]:
    """Train a fresh network in memory: each step has its `model`, which `sample` accepts
    if it draws.

    images are uint8 (N, C, H, W), labels whole numbers (N,), or None for a network without
    classes. In a notebook it draws the curve of the losses while it runs. ValueError if `config`,
    images and labels do not fit each other, or if the network learns in another way.
    """
    loss = loss_of(config)
    given = None if labels is None else checks.labels_of_each(labels)
    check_data(config, images, given)
    feed = batches(images, given, config.train.batch_size, seed=config.train.seed)
    state = TrainState(build_network(config), config.train)
    steps = train(state, build_schedule(config), feed, config, loss)
    return shown_by("live")(steps) if in_notebook() else steps


def loss_of(config: Config) -> Loss:
    """What a network that learns by itself is trained by. ValueError if it needs others."""
    if config.distill is not None:
        raise ValueError("a student learns from its teacher: see run_training")
    if config.network not in LOSS_OF:
        commands = [kind.command for names, kind in SYSTEMS.items() if config.network in names]
        raise ValueError(
            f"a network {config.network!r} is not trained by itself, as {', '.join(LOSS_OF)} are"
            + "".join(f": see python -m ddpm {command}" for command in commands)
        )
    return LOSS_OF[config.network]


def check_data(config: Config, images: Tensor, labels: Tensor | None) -> None:
    """ValueError unless the network takes images (N, C, H, W) of this shape, and these labels (N,),
    and there are enough for a batch."""
    unet = config.unet
    if not isinstance(images, Tensor) or not len(images):
        raise ValueError("images must be a tensor of at least one picture")
    if images.dtype != torch.uint8:
        raise ValueError(f"images must be torch.uint8, 0 to 255, not {images.dtype}")
    if tuple(images.shape[1:]) != unet.shape:
        raise ValueError(
            f"the images are {tuple(images.shape[1:])}, the network takes {unet.shape}"
        )
    check_batch_size(len(images), config.train.batch_size)
    if unet.num_classes is None:
        return
    if labels is None:
        raise ValueError("the pictures have no classes: set num_classes to none")
    if labels.shape != images.shape[:1] or labels.is_floating_point():
        raise ValueError(
            f"labels must be {len(images)} whole numbers, not {labels.dtype} of shape "
            f"{tuple(labels.shape)}"
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= unet.num_classes:
        raise ValueError(
            f"the labels go from {low} to {high}, the network takes 0 to {unet.num_classes - 1}: "
            "set num_classes"
        )
