"""The interface to the hardware that runs the networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from ddpm.config import Config
from page.compute.training import Training

SHIPPED = FOLDER / "fashion_mnist.safetensors"
T = TypeVar("T")


class Sampling(Protocol):
    """What the hardware must know of a sampling request."""

    @property
    def steps(self) -> int: ...

    @property
    def passes(self) -> int: ...

    @property
    def is_shipped(self) -> bool:
        """Whether its model is one that every process finds by itself."""
        ...


Trajectory = tuple[Tensor, Iterator[ddpm.Step]]  # x_T (B, C, H, W), and the steps from it
# (system, request, *requests): those that are drawn as one; system None is the shipped one
Draw = Callable[..., Trajectory]
Load = Callable[[], tuple[Tensor, Tensor | None]]  # uint8 images (N, C, H, W), labels (N,) or None


class Compute(Protocol):
    @property
    def continues(self) -> bool:
        """Whether `train` can go on from what a training has kept."""
        ...

    @property
    def here(self) -> str | None:
        """The device on which the page's process loads models; None for the best there is."""
        ...

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        """Load a checkpoint as `trajectory` expects it. Raises CheckpointError, as
        `ddpm.load_checkpoint` does."""
        ...

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        """`draw(system, *requests)`, with its steps run there; `draw` must be module-level."""
        ...

    def run(self, function: Callable[..., T], *values) -> T:
        """`function(*values)`, run there; it must be module-level, and have the models it needs."""
        ...

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Take the first step, if that speeds up later trajectories."""
        ...

    def train(self, config: Config, load: Load, earlier: str | None = None) -> Training:
        """Start a run, or go on with the one that kept this file. `load()` returns the training
        data; it must be a module-level function, or a partial of one."""
        ...

    def device_name(self, system: Any) -> str:
        """The name that visitors see for where this system draws."""
        ...

    def most_in_batch(self) -> int:
        """How many pictures of different visitors a network is given at once; 0 if each visitor's
        are drawn alone."""
        ...
