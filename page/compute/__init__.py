"""Where the page computes, chosen once: in this process, or on a GPU that is lent to it.

Import this before gradio or torch: on ZeroGPU, `spaces` has to come before both.
"""

import os

if os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true"):  # as `spaces` reads it
    from page.compute.lent_gpu import LentGPU as Chosen
else:
    from page.compute.this_process import ThisProcess as Chosen

from page.compute.interface import Compute

COMPUTE: Compute = Chosen()
