"""The device and precision of the accelerator, and access to Accelerate's internals."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from accelerate.state import AcceleratorState

from ddpm.patching import PatchError
from ddpm.training.accelerate_patches import new_accelerator, reset_state
from ddpm.training.state import make_accelerator


def test_runs_may_start_at_the_same_moment():
    """Accelerate's state belongs to the process: no thread may see it half initialized."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns as often as they can
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(20):
                AcceleratorState._reset_state(reset_partial_state=True)
                made = [threads.submit(make_accelerator) for _ in range(4)]
                assert all(one.result().device is not None for one in made)
    finally:
        sys.setswitchinterval(usual)


@pytest.mark.parametrize("launched", ["no", "bf16"])
def test_accelerate_launch_has_the_last_word_on_precision(monkeypatch, launched):
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", launched)
    assert make_accelerator().mixed_precision == launched


def test_a_network_in_pieces_is_refused(monkeypatch):
    """As `accelerate launch --use_fsdp` asks for it: averages and Muon need whole weights."""
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(ValueError, match="--multi_gpu alone, which is DDP"):
        make_accelerator()


def test_a_precision_that_needs_a_scaled_loss_is_refused(monkeypatch):
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.raises(ValueError, match="'no' or 'bf16', not 'fp16'"):
        make_accelerator()


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
