"""Run networks in the process that asks for it, on the best device available. Other hardware does
so too, but for what it has in its own way."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.sampling.bf16 import in_bf16
from page.compute.interface import Draw, Load, Sampling, Trajectory
from page.compute.training import PICTURES, Training, device_name

T = TypeVar("T")
PartT = TypeVar("PartT", bound=ckpt.Part)


class ThisProcess:
    continues = True  # whether `train` can go on from what a training has kept
    # the device on which the page's process loads models; None for the best there is
    here: str | None = None

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        """Load a checkpoint as `trajectory` expects it. Raises CheckpointError, as
        `ddpm.load_checkpoint` does."""
        return faster(ddpm.load_checkpoint(path))

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        """`draw(system, *requests)`, with its steps run there; `draw` must be module-level."""
        return draw(system, *requests)

    def run(self, function: Callable[..., T], *values) -> T:
        """`function(*values)`, run there; it must be module-level, and have the models it needs."""
        return function(*values)

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Take the first step, if that speeds up later trajectories: a process's first network call
        is slow, especially on a GPU."""
        next(steps)

    def train(self, config: Config, load: Load, earlier: str | None = None) -> Training:
        """Start a run, or go on with the one that kept this file. `load()` returns the training
        data; it must be a module-level function, or a partial of one."""
        state = ddpm.TrainState(ckpt.build_network(config), config.train)
        if earlier is not None:
            tensors, _, _ = ckpt.load_tensors(earlier)
            tensors.pop(PICTURES, None)
            state.load_tensors(tensors)
        (images, labels), settings = load(), config.train
        feed = batches(images, labels, settings.batch_size, seed=settings.seed, start=state.step)
        steps = ddpm.train(state, ckpt.build_schedule(config), feed, config)
        return Training(config, state, steps, (images, labels))

    def device_name(self, system: Any) -> str:
        """The name that visitors see for where this system draws."""
        return device_name(system.schedule.device)

    def most_in_batch(self) -> int:
        """How many pictures of different visitors a network is given at once; 0 if each visitor's
        are drawn alone."""
        # on two cores more are no faster per picture: benchmarks/call.py
        return 256 if ckpt.best_device().type == "cuda" else 64


def faster(checkpoint: PartT) -> PartT:
    # 1.3 times as fast for 16 pictures, and 0.9 times for one: benchmarks/call.py
    return replace(checkpoint, model=in_bf16(checkpoint.model))
