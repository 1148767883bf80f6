"""What a run can be guided by, besides the labels that a model has learned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from page.compute.this_process import faster


@dataclass(frozen=True)
class Guide:
    argument: str  # of `ddpm.sample`
    file: Path
    load: Callable[[Path, torch.device], Any]
    program: str  # what loads it there
    usual: float = 1  # the scale that was best
    times: tuple[int, int] | None = None  # at which it acted then; None for all
    scales: tuple[float, ...] = ()  # on Compare's axis, if not the usual ones

    def on(self, device: torch.device) -> dict[str, Any]:
        """The argument, on the device of the model that it guides."""
        return {self.argument: _loaded(self.load, self.file, device)}


@cache
def _loaded(load: Callable[[Path, torch.device], Any], file: Path, device: torch.device) -> Any:
    return load(file, device)


def _worse(file: Path, device: torch.device) -> ddpm.Checkpoint:
    return faster(ddpm.load_checkpoint(file, device))


def worse(name: str, usual: float) -> Guide:
    """Of the model that it guides. Which, how much and when: benchmarks/guides.py"""
    file, scales = FOLDER / f"{name}.safetensors", (0, 1, usual, 2, 3)
    return Guide("guide", file, _worse, f"load({name!r})", usual, (0, 700), scales)


def offered(guides: Mapping[str, Guide | None]) -> dict[str, Guide | None]:
    """Those whose files are there."""
    return {name: each for name, each in guides.items() if each is None or each.file.is_file()}


CLASSIFIER = FOLDER / "noisy_classifier.safetensors"
# Of the pretrained model. Another may have a worse version of its own.
GUIDES = offered(
    {
        "labels": None,
        "classifier": Guide(
            "classifier", CLASSIFIER, ddpm.NoisyClassifier.load, "ddpm.NoisyClassifier.load()"
        ),
        "worse": worse("fashion_mnist_minute", 1.3),
    }
)
