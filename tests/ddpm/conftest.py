"""A network, and a checkpoint of it."""

from __future__ import annotations

import pytest
import torch

from ddpm.checkpoint import build_network, save_checkpoint


@pytest.fixture
def network(tiny_config):
    """Weights that no seed gives, so that only the file can restore them."""
    network = build_network(tiny_config).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) / 10)
    return network


@pytest.fixture
def saved(tmp_path, network, tiny_config):
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, network, tiny_config, steps=7, machine="a toaster")
    return path
