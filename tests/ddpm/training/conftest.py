"""For tests of training: a CPU to train on."""

from __future__ import annotations

import pytest
from accelerate import Accelerator


@pytest.fixture
def device() -> Accelerator:
    return Accelerator(cpu=True, mixed_precision="no")
