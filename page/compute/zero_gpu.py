"""ZeroGPU: a GPU that a Space borrows for one call at a time. Import this before gradio or torch.

A function under `gpu` then runs in a forked process. What it takes and yields is pickled, what it
changes stays there, and it does not wait for whoever reads its yields. So such a function takes
settings and yields numbers and NumPy arrays; pictures, files, queues and all that a visitor may
stop stay in the page's own process. A function that is closed (GeneratorExit) ends after the
step under way, there as here.

Everywhere else, also where `spaces` is installed, functions run where they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec

if find_spec("spaces"):
    import spaces
ON = bool(find_spec("spaces")) and os.environ.get("SPACES_ZERO_GPU", "").lower() in (
    "1",
    "t",
    "true",
)
LONGEST_S = 120  # of one call: a visitor has a few minutes a day


def gpu(duration: Callable[..., int]) -> Callable[[Callable], Callable]:
    """Decorates a generator that computes; `duration`, of the same arguments, gives seconds."""
    return spaces.GPU(duration=duration) if ON else lambda function: function
