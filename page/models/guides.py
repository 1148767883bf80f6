"""What a run can be guided by, besides the labels that a model has learned."""

from __future__ import annotations

from collections.abc import Callable
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
    file: Path  # without it, the guide is not offered
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


CLASSIFIER = FOLDER / "noisy_classifier.safetensors"
WORSE = FOLDER / "fashion_mnist_minute.safetensors"
GUIDES: dict[str, Guide | None] = {
    "labels": None,
    "classifier": Guide(
        "classifier", CLASSIFIER, ddpm.NoisyClassifier.load, "ddpm.NoisyClassifier.load()"
    ),
    # file, scale and times: benchmarks/guides.py
    "worse": Guide(
        "guide",
        WORSE,
        _worse,
        f"load({WORSE.stem!r})",
        usual=1.3,
        times=(0, 700),
        scales=(0, 1, 1.3, 2, 3),
    ),
}
GUIDES = {name: each for name, each in GUIDES.items() if each is None or each.file.is_file()}
