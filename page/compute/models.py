"""The models that the page samples from: the shipped one, and what a visitor trained."""

from __future__ import annotations

import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

import gradio as gr
import torch

import ddpm
from ddpm.checkpoint import find_checkpoint
from page.compute import zero_gpu
from page.server.validation import check_flag
from page.texts import both
from page.widgets import data_uri

SHIPPED = find_checkpoint("fashion_mnist")


@cache
def shipped() -> ddpm.Checkpoint:
    """The pretrained model, loaded once and shared by all visitors: nobody writes to it.

    A failure is not cached: once the file is right, the next click works.
    """
    return ddpm.load_checkpoint(SHIPPED, "cpu" if zero_gpu.ON else None)


def chosen(trained: str | None, use_trained: bool) -> ddpm.Checkpoint:
    """What the visitor trained, from its file, or the shipped model."""
    check_flag("generate_model", use_trained)
    if not use_trained:
        return shipped()
    if trained is None:
        raise gr.Error(both("model_none"))
    if not Path(trained).exists():  # its hour is over, or others needed the room
        raise gr.Error(both("model_gone"))
    return ddpm.load_checkpoint(trained, "cpu" if zero_gpu.ON else None)


def warm_up() -> None:
    """Load what the first click needs, while its visitor still reads the page."""
    with suppress(ddpm.CheckpointError):  # the click will say what is wrong
        shipped()
    data_uri.grid_uri(torch.zeros(1, 1, 28, 28), 1)  # torchvision takes seconds to import


def device_name(device: torch.device) -> str:
    """What to call the device in front of a visitor."""
    if zero_gpu.ON:
        return "ZeroGPU"
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (mps)"
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"
