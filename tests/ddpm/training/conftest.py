"""For tests of training: a CPU to train on, and other settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from accelerate import Accelerator

from ddpm.config import Config


@pytest.fixture
def accelerator():
    """accelerator("no"): on the CPU."""

    def make(mixed_precision: str = "no") -> Accelerator:
        return Accelerator(cpu=True, mixed_precision=mixed_precision)

    return make


@pytest.fixture
def set_train():
    """set_train(config, **options): the config with other training settings."""

    def changed(config: Config, **options) -> Config:
        return replace(config, train=replace(config.train, **options))

    return changed
