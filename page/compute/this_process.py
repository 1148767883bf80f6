"""Run networks in the page's own process, on the best device available."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.sampling.bf16 import in_bf16
from page.compute.interface import Draw, Load, Request, Trajectory

PartT = TypeVar("PartT", bound=ckpt.Part)


class ThisProcess:
    continues = True
    here = None

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        return faster(ddpm.load_checkpoint(path))

    def trajectory(
        self, draw: Draw[Request], checkpoint: ddpm.Checkpoint, request: Request
    ) -> Trajectory:
        return draw(checkpoint, request)

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        next(steps)  # a process's first network call is slow, especially on a GPU

    def train(
        self, config: Config, load: Load, tensors: dict[str, Tensor] | None = None
    ) -> tuple[ddpm.TrainState, Iterator[ddpm.TrainStep]]:
        state = ddpm.TrainState(ckpt.build_network(config), config.train)
        if tensors is not None:
            state.load_tensors(tensors)
        settings = config.train
        feed = batches(*load(), settings.batch_size, seed=settings.seed, start=state.step)
        return state, ddpm.train(state, ckpt.build_schedule(config), feed, config)

    def device_name(self, device: torch.device) -> str:
        return device_name(device)

    def threads(self, device: torch.device) -> int:
        return torch.get_num_threads() if device.type == "cpu" else 0

    def most_in_batch(self, device: torch.device) -> int:
        # on two cores more are no faster per picture: benchmarks/call.py
        return 256 if device.type == "cuda" else 64


def faster(checkpoint: PartT) -> PartT:
    # 1.3 times as fast for 16 pictures, and 0.9 times for one: benchmarks/call.py
    return replace(checkpoint, model=in_bf16(checkpoint.model))


def device_name(device: torch.device) -> str:
    """Of a device of this process."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (mps)"
    count = torch.get_num_threads()
    return f"CPU ({platform.machine()}, {count} thread{'' if count == 1 else 's'})"
