"""For tests of training: a CPU to train on."""

import pytest
from accelerate import Accelerator


@pytest.fixture
def device() -> Accelerator:
    return Accelerator(cpu=True, mixed_precision="no")
