"""A network and a checkpoint of it, and a tiny cascade."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ddpm.checkpoint import as_part, build_network, save_checkpoint
from ddpm.config import Config
from ddpm.systems.cascade import Cascade, CascadeConfig


def shaken(config: Config) -> torch.nn.Module:
    """Weights that no seed gives, so that only a file can restore them."""
    network = build_network(config).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) / 10)
    return network


@pytest.fixture
def network(tiny_config):
    return shaken(tiny_config)


@pytest.fixture
def saved(tmp_path, network, tiny_config):
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, network, tiny_config, steps=7, machine="a toaster")
    return path


@pytest.fixture
def cascade_config(tiny_config) -> CascadeConfig:
    """From 4 × 4 to 8 × 8."""
    base = replace(tiny_config, unet=replace(tiny_config.unet, image_size=4))
    return CascadeConfig(base, replace(tiny_config, network="super_resolution"))


@pytest.fixture
def cascade(cascade_config) -> Cascade:
    stages = [
        as_part(shaken(config), config, {}, "cpu")
        for config in (cascade_config.base, cascade_config.super_resolution)
    ]
    return Cascade(*stages, {"aug": 11})
