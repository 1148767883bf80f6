"""The loss at each level of noise, which says more than their mean.

The mean soon looks flat: most of it is noise that no network can predict (ddim#33, DiT#17).
Measured with the same pictures and the same noise each time, every band shows by itself whether
anything is still learned.
"""

import itertools
import math

import torch
from torch import Tensor

from ddpm.data.images import to_float
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import generators, p_losses, randn_like

# Of log-SNR, from much noise to little: first the layout is decided, last the grain
EDGES = (-math.inf, -4.0, 0.0, 4.0, math.inf)
PICTURES = 32  # in each band
SEED = 2**31  # of their noise: no seed that a run draws with


@torch.no_grad()
def loss_by_noise_level(
    model: Denoiser, images: Tensor, labels: Tensor | None = None, *, loss: str = "l2"
) -> list[float | None]:
    """The mean loss in each of the four bands between `EDGES`, the noisiest first; None for one
    that the model's schedule doesn't reach.

    `images` are uint8 (N, C, H, W), of which 32 are taken evenly, with their labels (N,), and
    `loss` is a name in `LOSSES`. A band's times are spread evenly over it; picture k has the same
    noise each time.
    """
    device, schedule = model.schedule.device, model.schedule
    chosen = torch.linspace(0, len(images) - 1, min(PICTURES, len(images))).round().long()
    x_start = to_float(images[chosen]).to(device)
    asked = None
    if labels is not None and model.network.num_classes is not None:
        asked = labels[chosen].to(device)
    noise = randn_like(x_start, generators(len(chosen), SEED))
    log_snr, found = schedule.exact_log_snr, []
    for low, high in itertools.pairwise(EDGES):
        times = ((log_snr >= low) & (log_snr < high)).nonzero()[:, 0]
        if not len(times):
            found.append(None)
            continue
        places = torch.linspace(0, len(times) - 1, len(chosen)).round().long()
        t = times[places].to(device)
        found.append(float(p_losses(model, x_start, t, noise, loss=loss, labels=asked)))
    return found
