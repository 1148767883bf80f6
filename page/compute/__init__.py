"""Choose once where the page computes: in this process, or on a GPU from ZeroGPU.

Import this before gradio or torch: on ZeroGPU, `spaces` must be imported before both.
"""

import os

if os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true"):  # as `spaces` reads it
    from page.compute.lent_gpu import LentGPU as Chosen
else:
    from page.compute.this_process import ThisProcess as Chosen

from page.compute.interface import Compute

COMPUTE: Compute = Chosen()
