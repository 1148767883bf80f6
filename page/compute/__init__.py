"""Choose once where the page computes: on a GPU from ZeroGPU, in workers, on a Ray cluster, or in
this process.

Import this before gradio or torch: on ZeroGPU, `spaces` must be imported before both.
"""

import os
import sys
from importlib.util import find_spec

if os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true"):  # as `spaces` reads it
    from page.compute.lent_gpu import LentGPU as Chosen
else:
    from page.compute.this_process import ThisProcess as Chosen

from page.compute.interface import Compute

COMPUTE: Compute = Chosen()


def start() -> None:
    """For the page's own process: workers in its place, unless it is to compute by itself. To be
    called before what asks for `COMPUTE` is imported."""
    global COMPUTE
    from page.server.limits import LIMITS

    if LIMITS.compute == "local" or Chosen.__name__ != "ThisProcess":
        return
    if LIMITS.compute == "ray":
        if find_spec("ray") is None:
            needed = 'DDPM_COMPUTE=ray needs more packages: pip install ".[ray]"'
            sys.exit(f"The page can't start: {needed}")
        from page.compute.ray_cluster import RayCluster as Others
    else:
        from page.compute.workers import Workers as Others  # imports gradio
    COMPUTE = Others()
