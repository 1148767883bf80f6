"""DALL·E 2's way for tests, small and untrained, whatever is shipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ddpm.checkpoint import build_network
from ddpm.config import UnetConfig
from ddpm.systems.parts import save_parts
from ddpm.systems.unclip import CONFIGS

SMALL = {"dim": 8, "dim_mults": (1, 2), "dim_head": 4, "num_classes": None}


def save_tiny(path: Path) -> Path:
    """All three networks, for pictures of Fashion-MNIST's size."""
    parts = {}
    for name, config in CONFIGS.items():
        tiny = replace(config, unet=UnetConfig(patch=config.unet.patch, **SMALL))
        parts[name] = (build_network(tiny), tiny)
    save_parts(path, parts)
    return path
