"""What reaches into Hugging Face Accelerate, as it is in 1.15.0.

Accelerate keeps one state for the whole process: its device, precision and processes. The page
starts runs in several threads, and in forked processes with another device.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ddpm.patching import expect_callable

if TYPE_CHECKING:
    from accelerate import Accelerator

_making = threading.Lock()


def new_accelerator(**settings) -> Accelerator:
    """`Accelerator(**settings)`, one thread at a time.

    The first one fills the state of the process attribute by attribute; a second thread would
    meet it half filled and fail.
    """
    from accelerate import Accelerator  # heavy: not for those who only sample

    with _making:
        return Accelerator(**settings)


def reset_state() -> None:
    """Forget device and precision, so that the next Accelerator chooses them again.

    Without this, all that a process makes after its first are like the first one. For benchmarks
    that compare precisions, and for a forked process that has a GPU where its parent had none.
    """
    global _making
    from accelerate.state import AcceleratorState

    reset = expect_callable(AcceleratorState, "_reset_state", "(reset_partial_state=False)")
    reset(reset_partial_state=True)
    _making = threading.Lock()  # in a forked process, one that nobody is left to release
