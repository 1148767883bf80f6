"""Make the eps_fn(x, t) that a sampler asks for, from a denoiser."""

from __future__ import annotations

import torch
from torch import Tensor

from ddpm.diffusion import Denoiser, EpsFn
from ddpm.schedules import Schedule


def conditioned(denoiser: Denoiser, labels: Tensor | None, scale: float = 1.0) -> EpsFn:
    """Classifier-free guidance, Ho & Salimans 2022: ε_∅ + scale (ε_label - ε_∅).

    labels (B,) or None for none. scale 1 is the plain conditional model and costs one batch,
    0 ignores the labels, more exaggerates them and costs one doubled batch a call.
    """
    if not 0.0 <= scale <= 100.0:
        raise ValueError(f"the guidance scale must lie between 0 and 100, not {scale!r}")
    if labels is not None and denoiser.network.num_classes is None:
        raise ValueError("this network was built without labels (num_classes=None)")
    if labels is None or scale == 0.0:
        return denoiser
    if scale == 1.0:
        return lambda x, t: denoiser(x, t, labels)
    nothing = torch.full_like(labels, denoiser.network.num_classes)
    both = torch.cat([labels, nothing])

    def guided(x: Tensor, t: Tensor) -> Tensor:
        eps, eps_nothing = denoiser(torch.cat([x, x]), torch.cat([t, t]), both).chunk(2)
        return torch.lerp(eps_nothing, eps, scale)

    return guided


def retimed(eps_fn: EpsFn, trained_on: Schedule, schedule: Schedule) -> EpsFn:
    """An eps_fn for `schedule`, from one for `trained_on`: each t is sent to the (fractional)
    time at which the training schedule has the same log-SNR, so the network sees the noise it
    knows (Kingma et al. 2021, section 5.1). Levels beyond the training range meet its ends.
    """
    times = trained_on.t_of_log_snr(schedule.log_snr.to(trained_on.device))
    return lambda x, t: eps_fn(x, times[t])
