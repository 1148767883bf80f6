"""The models that the page samples from: the shipped one, and what a visitor trained."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

import torch

import ddpm

SHIPPED = Path(__file__).parents[1] / "checkpoints" / "fashion_mnist.safetensors"


@cache
def shipped() -> ddpm.Checkpoint:
    """The pretrained model, loaded once and shared by all visitors: nobody writes to it.

    A failure is not cached: once the file is right, the next click works.
    """
    return ddpm.load_checkpoint(SHIPPED)


def device_name(device: torch.device) -> str:
    """What to call the device in front of a visitor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (mps)"
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"
