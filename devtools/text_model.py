"""A text model for tests, small and untrained, whatever is shipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ddpm.checkpoint import build_network
from ddpm.config import UnetConfig
from ddpm.systems.parts import save_parts
from ddpm.systems.text_to_image import CONFIGS

SMALL = {"dim": 8, "dim_mults": (1, 2), "dim_head": 4, "num_classes": None}


def save_tiny(path: Path) -> Path:
    """Imagen's way for pictures of Fashion-MNIST's size."""
    parts = {}
    for name, config in CONFIGS.items():
        unet = UnetConfig(image_size=config.unet.image_size, patch=config.unet.patch, **SMALL)
        tiny = replace(config, unet=unet)
        parts[name] = (build_network(tiny), tiny)
    save_parts(path, parts)
    return path
