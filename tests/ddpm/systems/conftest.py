"""A tiny cascade."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ddpm.checkpoint import as_checkpoint, build_network
from ddpm.systems.cascade import Cascade, CascadeConfig


@pytest.fixture
def cascade_config(tiny_config) -> CascadeConfig:
    """From 4 × 4 to 8 × 8."""
    base = replace(tiny_config, unet=replace(tiny_config.unet, image_size=4))
    return CascadeConfig(base, replace(tiny_config, network="super_resolution"))


@pytest.fixture
def cascade(cascade_config) -> Cascade:
    """With weights that no seed gives, so that only a file can restore them."""
    stages = []
    for config in (cascade_config.base, cascade_config.super_resolution):
        network = build_network(config)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter) / 10)
        stages.append(as_checkpoint(network, config, {}, "cpu"))
    return Cascade(*stages, {"aug": 11})
