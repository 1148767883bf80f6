"""A training run, in the process that computes it."""

import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import torch
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.evaluation.noise_levels import loss_by_noise_level
from ddpm.schedules.text_form import name_of
from page.compute.plain import Packed, weights_of

PICTURES = "pictures"  # a visitor's own, beside the state of a run that learns from them


class Training:
    """A run of `ddpm.train`. Anything but `steps` may be asked while a step is under way."""

    def __init__(
        self,
        config: Config,
        state: ddpm.TrainState,
        steps: Iterator[ddpm.TrainStep],
        examples: tuple[Tensor, Tensor | None],
        device: str | None = None,
    ):
        """`examples`: what it learns from, with labels unless they are a visitor's own; `device`:
        where, if not in this process."""
        # of a moment at a time: the newest model is that of the last
        self.steps: Iterator[list[ddpm.TrainStep]] = ([step] for step in steps)
        self._config, self._state, self._examples, self._device = config, state, examples, device
        model = ckpt.as_denoiser(state.averaged(), config)
        self._model = model.to(state.accelerator.device)

    def preview(self, draw: Callable[[ddpm.Denoiser], dict]) -> dict:
        """What this module-level function, or partial of one, draws with the newest model; and its
        `bands`, the loss by noise level."""
        bands = loss_by_noise_level(self._model, *self._examples, loss=self._config.train.loss)
        return draw(self._model) | {"bands": bands}

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
        images, labels = self._examples
        own = {PICTURES: images} if labels is None else {}
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


def device_name(device: torch.device) -> str:
    """Of a device of this process."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (mps)"
    count = torch.get_num_threads()
    return f"CPU ({platform.machine()}, {count} thread{'' if count == 1 else 's'})"
