"""A student for tests, and a checkout in which the page finds weights, whatever is shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import ddpm
from ddpm.checkpoint import build_network
from ddpm.config import Config, DistillConfig, UnetConfig
from devtools import ROOT
from page.compute.models import STUDENT

SAMPLING = {"sampler": "consistency", "steps": 2, "times": {"1": [999], "2": [999, 500]}}


def save_tiny(path: Path) -> Path:
    """A student of Fashion-MNIST's shape, small and untrained."""
    config = Config(UnetConfig(dim=8, dim_mults=(1, 2), patch=2), distill=DistillConfig())
    ddpm.save_checkpoint(path, build_network(config), config, sampling=SAMPLING)
    return path


def checkout_with(weights: Path, folder: Path, name: str = STUDENT.name) -> Path:
    """`folder` as a checkout like this one, with these weights, usually a student's, under `name`
    beside the other shipped ones."""
    shutil.copy(ROOT / "app.py", folder)  # Python follows a link, and would look beside its target
    for package in ("ddpm", "page"):
        (folder / package).symlink_to(ROOT / package)
    (folder / "checkpoints").mkdir()
    for file in (ROOT / "checkpoints").iterdir():
        if file.name != name:
            (folder / "checkpoints" / file.name).symlink_to(file)
    (folder / "checkpoints" / name).symlink_to(weights)
    return folder
