"""What sampling expects of a network."""

from __future__ import annotations

from torch import nn


class Network(nn.Module):
    """forward(x, t, labels=None): (B, C, H, W), (B,), (B,) -> (B, C, H, W)."""

    shape: tuple[int, int, int]  # of the images it was built for: (C, H, W)
    num_classes: int | None  # None for a network without labels
    # The layers that take pixels or give some. All other kernels are hidden, which Muon moves.
    of_pixels: tuple[str, ...] = ()
