"""The second stage of a cascade: a U-Net that also sees a small picture, and how noisy that is."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import Condition, Given, as_condition
from ddpm.networks.time_embedding import time_mlp
from ddpm.networks.unet import Unet


class Enlarges(Unet):
    """What a U-Net has that is given small pictures (B, C, H/2, W/2), with noise on them.

    As in Ho et al. 2021, the small picture, enlarged by bilinear interpolation, enters as
    further channels; aug, the steps of noise that it has had, their s, is embedded as t is.
    """

    def take_small(self) -> None:
        channels, dim = self.config.channels, self.config.dim
        self.init_conv = nn.Conv2d(2 * channels * self.config.patch**2, dim, 7, padding=3)
        self.aug_mlp = time_mlp(dim, dim * 4)

    def with_small(self, x: Tensor, given: Condition) -> tuple[Tensor, Tensor]:
        """x with the further channels, and what aug adds to the time embedding."""
        if given.low is None or given.aug is None:
            raise ValueError("this network needs a small picture to enlarge, and its aug")
        large = F.interpolate(given.low, size=x.shape[2:], mode="bilinear", align_corners=False)
        return torch.cat([x, large], dim=1), self.aug_mlp(given.aug)


def check_stages(small: UnetConfig, large: UnetConfig) -> None:
    """ValueError unless the second network can enlarge what the first draws."""
    if 2 * small.image_size != large.image_size:
        raise ValueError(
            "the second stage doubles height and width: its image_size must be "
            f"{2 * small.image_size}, not {large.image_size}"
        )
    for name in ("channels", "num_classes"):
        ours, theirs = getattr(small, name), getattr(large, name)
        if ours != theirs:
            raise ValueError(f"both stages need the same {name}, not {ours} and {theirs}")


class SuperResolution(Enlarges):
    """The second stage of a cascade, asked with labels, if any, low and aug."""

    def __init__(self, config: UnetConfig):
        super().__init__(config)
        self.take_small()

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        given = as_condition(condition)
        self._check(x, t, given.labels)
        emb = self.embed(t, given.labels)
        x, aug = self.with_small(x, given)
        return self.denoise(x, emb + aug)
