"""Run networks in the process that asks for it, on the best device available."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import torch
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.sampling.bf16 import in_bf16
from ddpm.schedules.text_form import name_of
from page.compute.interface import Draw, Load, Sampling, Trajectory
from page.compute.plain import Packed, weights_of

PartT = TypeVar("PartT", bound=ckpt.Part)
PICTURES = "pictures"  # a visitor's own, beside the state of a run that learns from them


class Training:
    """A run of `ddpm.train`. Anything but `steps` may be asked while a step is under way."""

    def __init__(
        self,
        config: Config,
        state: ddpm.TrainState,
        steps: Iterator[ddpm.TrainStep],
        pictures: Tensor | None = None,
        device: str | None = None,
    ):
        """`pictures`: a visitor's own, that it learns from; `device`: where, if not in this
        process."""
        # of a moment at a time: the newest model is that of the last
        self.steps: Iterator[list[ddpm.TrainStep]] = ([step] for step in steps)
        self._config, self._state, self._pictures, self._device = config, state, pictures, device
        model = ckpt.as_denoiser(state.averaged(), config)
        self._model = model.to(state.accelerator.device)

    def preview(self, draw: Callable[[ddpm.Denoiser], dict]) -> dict:
        """What this module-level function, or partial of one, draws with the newest model."""
        return draw(self._model)

    def save(self, folder: Path, prefix: str, seconds: float) -> Path:
        """Save the newest model, after so many seconds of work, in a file whose name tells how many
        steps that were. Raises OSError."""
        step, weights = self._state.snapshot()
        schedule = name_of(self._config.diffusion.schedule)
        path = folder / f"{prefix}ddpm-{schedule}-{step}-steps.safetensors"
        ckpt.save_tensors(path, weights, self._config, self._info(step, seconds))
        return path

    def keep(self, path: Path, info: dict) -> None:
        """Save all that another needs to go on from here. Raises OSError."""
        own = {} if self._pictures is None else {PICTURES: self._pictures}
        ckpt.save_tensors(path, self._state.tensors() | own, self._config, info)

    def packed(self, seconds: float) -> tuple[Packed, dict]:
        """The newest model itself, and its info."""
        packed = self._config, weights_of(self._state.averaged())
        return packed, self._info(self._state.step, seconds)

    def done(self) -> int:
        """How many steps the newest model has learned."""
        return self._state.step

    def machine(self) -> dict:
        """The device, and the memory in use."""
        device = self._state.accelerator.device
        on_cpu, on_gpu = device.type == "cpu" and not self._device, device.type == "cuda"
        return {
            "device": "CPU" if on_cpu else self._device or device_name(device),
            "threads": torch.get_num_threads() if on_cpu else 0,
            "memory": psutil.Process().memory_info().rss,
            "gpu_memory": torch.cuda.memory_allocated(device) if on_gpu else 0,
        }

    def close(self) -> None:
        pass

    def _info(self, step: int, seconds: float) -> dict:
        return {"steps": step, "seconds": round(seconds, 1), "machine": self.machine()["device"]}


class ThisProcess:
    continues = True
    here = None

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        return faster(ddpm.load_checkpoint(path))

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        return draw(system, *requests)

    def run(self, function: Callable, *values) -> Any:
        return function(*values)

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        next(steps)  # a process's first network call is slow, especially on a GPU

    def train(self, config: Config, load: Load, earlier: str | None = None) -> Training:
        state = ddpm.TrainState(ckpt.build_network(config), config.train)
        if earlier is not None:
            tensors, _, _ = ckpt.load_tensors(earlier)
            tensors.pop(PICTURES, None)
            state.load_tensors(tensors)
        (images, labels), settings = load(), config.train
        feed = batches(images, labels, settings.batch_size, seed=settings.seed, start=state.step)
        steps = ddpm.train(state, ckpt.build_schedule(config), feed, config)
        return Training(config, state, steps, images if labels is None else None)

    def device_name(self, system: Any) -> str:
        return device_name(system.schedule.device)

    def most_in_batch(self) -> int:
        # on two cores more are no faster per picture: benchmarks/call.py
        return 256 if ckpt.best_device().type == "cuda" else 64


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
