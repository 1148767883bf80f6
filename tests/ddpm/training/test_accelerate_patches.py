"""Access to Accelerate's internals, and the error if they aren't there."""

import pytest
from accelerate.state import AcceleratorState

from ddpm.patching import PatchError
from ddpm.training.accelerate_patches import new_accelerator, reset_state


def test_after_a_reset_another_precision_is_possible():
    assert new_accelerator(cpu=True, mixed_precision="no").mixed_precision == "no"
    with pytest.raises(ValueError, match="already been initialized"):
        new_accelerator(cpu=True, mixed_precision="bf16")
    reset_state()
    assert new_accelerator(cpu=True, mixed_precision="bf16").mixed_precision == "bf16"


def test_a_missing_reset_is_an_error(monkeypatch):
    with monkeypatch.context() as changed:
        changed.delattr(AcceleratorState, "_reset_state")
        with pytest.raises(PatchError, match=r"AcceleratorState\._reset_state is missing"):
            reset_state()
