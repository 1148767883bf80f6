"""What is known of a set of pictures: its classes, where it comes from, what judges drawings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor


@dataclass(frozen=True)
class Pictures:
    images: Tensor  # uint8 (N, C, size, size)
    labels: Tensor | None  # int64 (N,), None without classes
    classes: tuple[str, ...]  # their names, in the order of the labels
    source: str  # where they come from: a path, or the name of a data set or of its source


def _unknown(split: str, source: str = "auto") -> Pictures:
    """The pictures of `split`, "train" or "test", from `source`. FileNotFoundError: there are
    none."""
    raise FileNotFoundError("these pictures are not among ddpm.DATASETS")


def _elsewhere() -> bool:
    """Whether "auto" finds them on this machine, without a network."""
    return False


@dataclass(frozen=True)
class Dataset:
    """One of `ddpm.data.DATASETS`; or, without a shape, pictures that the writer of a checkpoint
    alone has."""

    name: str  # as a `Config` has it
    classes: tuple[str, ...] = ()
    shape: tuple[int, int, int] | None = None  # of one picture, (C, H, W)
    # "train" or "test", and one of `sources` or "auto", the best there is
    load: Callable[..., Pictures] = _unknown
    sources: tuple[str, ...] = ()
    hub_id: str | None = None  # on the Hugging Face Hub
    judge: Path | None = None  # the weights of a `Classifier`: see benchmarks/train_classifier.py
    encoders: Path | None = None  # that never saw a label: see benchmarks/train_encoders.py
    is_here: Callable[[], bool] = _elsewhere
