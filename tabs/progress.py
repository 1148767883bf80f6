"""What a training run shows of itself: samples from the same noise, and its loss."""

from __future__ import annotations

import math
from collections import deque

import pandas as pd
import torch

import ddpm
from ddpm.config import Config
from tabs import frames

POINTS = 300  # points of a loss curve that are sent to the browser


class Preview:
    """Ten classes drawn from the same noise each time, so that only learning changes them."""

    def __init__(self, config: Config):
        unet = config.unet
        seeds = [torch.Generator().manual_seed(k) for k in range(20)]
        shape = (20, unet.channels, unet.image_size, unet.image_size)
        self.noise = ddpm.randn_like(torch.empty(shape), seeds)
        self.labels = torch.arange(20) % 10

    def draw(self, model: ddpm.Denoiser) -> str:
        """The model's pictures, as a data URI."""
        device = model.schedule.device
        eps_fn = ddpm.conditioned(model, self.labels.to(device))
        times = ddpm.spaced_timesteps(model.schedule, min(12, model.schedule.T))
        steps = ddpm.ddim(eps_fn, model.schedule, self.noise.to(device), times)
        (last,) = deque(steps, maxlen=1)
        return frames.grid_uri(last.x, 10)


def curve(losses: list[float]) -> pd.DataFrame:
    """Loss by step: raw, and its exponential average over some twenty steps."""
    smooth, average = [], losses[0]
    for loss in losses:
        average += 0.05 * (loss - average)
        smooth.append(average)
    kept = range(0, len(losses), math.ceil(len(losses) / POINTS))
    return pd.DataFrame(
        {
            "step": [k + 1 for k in kept] * 2,
            "loss": [losses[k] for k in kept] + [smooth[k] for k in kept],
            "curve": ["raw"] * len(kept) + ["smoothed"] * len(kept),
        }
    )
