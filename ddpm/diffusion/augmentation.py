"""What the second stage of a cascade is given: a picture at half its size, with noise on it.

Training on clean small pictures alone would make it trust those of the first stage, which aren't
quite like them. Noise hides the difference: the conditioning augmentation of Ho et al. 2021,
section 4, in its non-truncated form: the first stage finishes its pictures before they get noise.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.diffusion.process import q_sample
from ddpm.schedules import Schedule


def shrink(x: Tensor) -> Tensor:
    """(B, C, H, W) to (B, C, H/2, W/2): means of 2 × 2 pixels."""
    return F.avg_pool2d(x, 2)


def augment(schedule: Schedule, low: Tensor, aug: Tensor, noise: Tensor) -> Tensor:
    """Small pictures after aug (B,) steps of noise, 0 … T; at 0 as they are. Step s of the paper's
    forward process, which counts from 1, is t = s - 1."""
    noisy = q_sample(schedule, low, (aug - 1).clamp(min=0), noise)
    return torch.where((aug > 0).reshape(-1, *((1,) * (low.ndim - 1))), noisy, low)
