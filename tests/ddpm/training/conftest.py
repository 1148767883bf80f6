"""For tests of training: a CPU to train on, and a few pictures."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ddpm.config import Config


@pytest.fixture
def accelerator(monkeypatch):
    """accelerator("no"): on the CPU. Resets the state that Accelerate keeps for the process."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    def make(mixed_precision: str = "no") -> Accelerator:
        return Accelerator(cpu=True, mixed_precision=mixed_precision)

    AcceleratorState._reset_state(reset_partial_state=True)
    yield make
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def pictures():
    gen = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (16, 1, 8, 8), generator=gen, dtype=torch.uint8)
    return images, torch.arange(16) % 3


@pytest.fixture
def set_train():
    """set_train(config, **options): the config with other training settings."""

    def changed(config: Config, **options) -> Config:
        return replace(config, train=replace(config.train, **options))

    return changed
