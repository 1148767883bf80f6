"""A training run in memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ddpm.checkpoint import build_network, build_schedule
from ddpm.config import Config, UnetConfig
from ddpm.data.batches import batches
from ddpm.training.loop import TrainState, TrainStep, train
from ddpm.training.losses import LOSS_OF


def fit(config: Config, images: Tensor, labels: Tensor | None = None) -> Iterator[TrainStep]:
    """Train a fresh network in memory: each step has its `model`, which `sample` accepts.

    images are uint8 (N, C, H, W), labels whole numbers (N,), or None for a network without
    classes. ValueError if they do not fit the network.
    """
    check_data(config.unet, images, labels)
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    state = TrainState(build_network(config), config.train)
    return train(state, build_schedule(config), feed, config, LOSS_OF[config.network])


def check_data(unet: UnetConfig, images: Tensor, labels: Tensor | None) -> None:
    """ValueError unless the network takes images (N, C, H, W) of this shape, and these labels."""
    if images.dtype != torch.uint8:
        raise ValueError(f"images must be torch.uint8, 0 to 255, not {images.dtype}")
    if tuple(images.shape[1:]) != unet.shape:
        raise ValueError(
            f"the images are {tuple(images.shape[1:])}, the network takes {unet.shape}"
        )
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
