"""What is drawn and trained, in the words that all hardware for networks understands."""

from collections.abc import Callable, Iterator
from typing import Protocol

from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER

FIRST = FOLDER / "fashion_mnist_taught.safetensors"  # what the page begins with


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
