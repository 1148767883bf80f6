"""How far apart two sets of points lie, without features and without a network."""

from __future__ import annotations

import torch
from torch import Tensor


def energy_distance(a: Tensor, b: Tensor) -> float:
    """Between two sets of points (N, D), (M, D): 0 for equal distributions, 1 for two points.

    Székely & Rizzo 2013, "Energy statistics", section 3: 1 - (E|A-A'| + E|B-B'|) / 2E|A-B|. The
    distance to a finite sample of the same distribution is of order 1/N, not 0.
    """
    within = torch.cdist(a, a).mean() + torch.cdist(b, b).mean()
    return (1 - within / (2 * torch.cdist(a, b).mean())).item()
