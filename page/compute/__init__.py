"""Choose once where the page computes: on a GPU from ZeroGPU, in workers, on a Ray cluster, or in
this process.

Import this before gradio or torch: on ZeroGPU, `spaces` must be imported before both.
"""

import os
import sys
from importlib.util import find_spec
from typing import Any

# For how many turns a thread that waits for another keeps its core from other processes; GNU's
# OpenMP, which reads it when torch is imported, has 300,000. Of 20,000 a network alone notices
# nothing; beside trainings, 16 pictures take two thirds of the time, and trainings get half as far
# again: benchmarks/room.py.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

if os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true"):  # as `spaces` reads it
    from page.compute.lent_gpu import LentGPU as Chosen
else:
    from page.compute.this_process import ThisProcess as Chosen

from page.compute.this_process import ThisProcess


class _Place:
    """Whatever was chosen."""

    chosen: ThisProcess = Chosen()

    def __getattr__(self, what: str) -> Any:
        return getattr(self.chosen, what)


COMPUTE: ThisProcess = _Place()  # pyright: ignore[reportAssignmentType]


def start() -> None:
    """For the page's own process, when all is imported and nothing computed: workers in its place,
    unless it is to compute by itself."""
    from page.compute import fork_server  # imports gradio
    from page.server.limits import LIMITS

    if LIMITS.compute == "local" or Chosen is not ThisProcess:
        return
    if LIMITS.compute == "ray":
        if find_spec("ray") is None:
            needed = 'DDPM_COMPUTE=ray needs more packages: pip install ".[ray]"'
            sys.exit(f"The page can't start: {needed}")
        from page.compute.ray_cluster import of_page_server as Others
    else:
        from page.compute.workers import Workers as Others
    fork_server.fork()
    _Place.chosen = Others()
