"""The second stage of a cascade: a U-Net that also sees a small picture, and how noisy that is."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import Network
from ddpm.networks.time_embedding import time_mlp
from ddpm.networks.unet import Unet


class SuperResolution(Unet):
    """forward(x, t, labels, low, aug): as `Unet`, with small pictures low (B, C, H/2, W/2) and the
    steps of noise that each of them has had, aug (B,).

    As in Ho et al. 2021, the small picture, enlarged by bilinear interpolation, enters as
    further channels; aug, their s, is embedded as t is, and added to it.
    """

    def __init__(self, config: UnetConfig):
        super().__init__(config)
        channels, dim = config.channels, config.dim
        self.init_conv = nn.Conv2d(2 * channels * config.patch**2, dim, 7, padding=3)
        self.aug_mlp = time_mlp(dim, dim * 4)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x: Tensor, t: Tensor, labels: Tensor | None, low: Tensor, aug: Tensor
    ) -> Tensor:
        self._check(x, t, labels)
        enlarged = F.interpolate(low, size=x.shape[2:], mode="bilinear", align_corners=False)
        emb = self.embed(t, labels) + self.aug_mlp(aug)
        return self.denoise(torch.cat([x, enlarged], dim=1), emb)


class Enlarging(Network):
    """forward(x, t, labels=None): a super-resolution network that has its small pictures
    (B, C, H/2, W/2) and their aug (B,), so that it can be sampled and trained like any other.

    Classifier-free guidance asks about every picture twice in one batch: x may be (2B, C, H, W).
    """

    def __init__(self, network: nn.Module, config: UnetConfig, low: Tensor, aug: Tensor):
        super().__init__()
        self.network, self.low, self.aug = network, low, aug
        self.shape, self.num_classes = config.shape, config.num_classes

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        times = len(x) // len(self.low)
        return self.network(x, t, labels, self.low.repeat(times, 1, 1, 1), self.aug.repeat(times))
