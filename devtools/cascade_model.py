"""A cascade for tests, small and untrained, whatever is shipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ddpm
from ddpm.checkpoint import as_checkpoint, build_network
from ddpm.config import Config, UnetConfig
from ddpm.systems.cascade import CASCADE

AUG = 150


def save_tiny(path: Path) -> Path:
    """For pictures of Fashion-MNIST's size."""

    def untrained(config: Config) -> ddpm.Checkpoint:
        size, patch = config.unet.image_size, config.unet.patch
        unet = UnetConfig(image_size=size, patch=patch, dim=8, dim_mults=(1, 2), dim_head=4)
        config = replace(config, unet=unet)
        return as_checkpoint(build_network(config), config, {}, "cpu")

    stages = map(untrained, (CASCADE.base, CASCADE.super_resolution))
    ddpm.Cascade(*stages, {"aug": AUG}).save(path)
    return path
