"""What the page asks of the place where its networks run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from ddpm.config import Config

SHIPPED = FOLDER / "fashion_mnist.safetensors"


class Sampling(Protocol):
    """What is known of a request for pictures here: how long it may take."""

    @property
    def steps(self) -> int: ...

    @property
    def guidance(self) -> float: ...


Request = TypeVar("Request", bound=Sampling)
Trajectory = tuple[Tensor, Iterator[ddpm.Step]]  # x_T (B, C, H, W), and the steps from there
Draw = Callable[[ddpm.Checkpoint, Request], Trajectory]
Load = Callable[[], tuple[Tensor, Tensor | None]]  # uint8 images (N, C, H, W), labels (N,) or None


class Compute(Protocol):
    def load(self, path: str | Path) -> ddpm.Checkpoint:
        """A checkpoint, on the device from which `trajectory` takes it. CheckpointError as
        `ddpm.load_checkpoint` raises it."""
        ...

    def trajectory(
        self, draw: Draw[Request], checkpoint: ddpm.Checkpoint, request: Request
    ) -> Trajectory:
        """`draw(checkpoint, request)`, whose steps run here. `draw` is a function of a module."""
        ...

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Take the first step, if that makes those of later trajectories faster."""
        ...

    def train(self, config: Config, load: Load) -> tuple[ddpm.TrainState, Iterator[ddpm.TrainStep]]:
        """A new run: a state that follows it, and its steps, as `ddpm.train` yields them.

        The steps may end early, when the time of a device is up. `load`, called with nothing,
        gives what to learn from; it is a function of a module, or a partial one.
        """
        ...

    def device_name(self, device: torch.device) -> str:
        """What to call the device of a checkpoint or a run in front of a visitor."""
        ...

    def threads(self, device: torch.device) -> int:
        """How many threads a network uses there: 0 unless it runs on this CPU."""
        ...
