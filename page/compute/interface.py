"""The interface to the hardware that runs the networks."""

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
    """The part of a sampling request from which its duration is estimated."""

    @property
    def steps(self) -> int: ...

    @property
    def passes(self) -> int: ...


Request = TypeVar("Request", bound=Sampling)
Trajectory = tuple[Tensor, Iterator[ddpm.Step]]  # x_T (B, C, H, W), and the steps from it
Draw = Callable[[ddpm.Checkpoint, Request], Trajectory]
Load = Callable[[], tuple[Tensor, Tensor | None]]  # uint8 images (N, C, H, W), labels (N,) or None


class Compute(Protocol):
    @property
    def continues(self) -> bool:
        """Whether `train` can go on from the tensors of a state."""
        ...

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        """Load a checkpoint onto the device where `trajectory` expects it. Raises
        CheckpointError, as `ddpm.load_checkpoint` does."""
        ...

    @property
    def here(self) -> str | None:
        """The device of the page's own process, where systems of several networks draw; None for
        the best there is."""
        ...

    def trajectory(
        self, draw: Draw[Request], checkpoint: ddpm.Checkpoint, request: Request
    ) -> Trajectory:
        """`draw(checkpoint, request)`, with its steps run here; `draw` must be module-level."""
        ...

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Take the first step, if that speeds up later trajectories."""
        ...

    def train(
        self, config: Config, load: Load, tensors: dict[str, Tensor] | None = None
    ) -> tuple[ddpm.TrainState, Iterator[ddpm.TrainStep]]:
        """Start a run, or go on with the one that left the state of these tensors: the state, kept
        up to date, and the steps, as `ddpm.train` yields them.

        The steps may end early, when the device's time is up. `load()` returns the training data;
        it must be a module-level function, or a partial of one.
        """
        ...

    def device_name(self, device: torch.device) -> str:
        """The name that visitors see for the device of a checkpoint or a run."""
        ...

    def threads(self, device: torch.device) -> int:
        """How many CPU threads a network uses on this device; 0 if it runs elsewhere."""
        ...

    def most_in_batch(self, device: torch.device) -> int:
        """How many pictures of different visitors a network is given at once on this device; 0 if
        each visitor's are drawn alone."""
        ...
