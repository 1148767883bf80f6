"""A U-Net that is also told which time it goes to."""

import torch
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import PICTURE, Given, as_condition
from ddpm.networks.time_embedding import time_mlp
from ddpm.networks.unet import Unet


class FlowMap(Unet):
    """A `Unet` of the same arguments, whose condition may name an `end`: the network of a flow map
    (Boffi et al. 2024). Without one it goes to the picture. With the weights of a `Unet` it starts
    as that one: the end's embedding begins as 0."""

    def __init__(self, config: UnetConfig):
        super().__init__(config)
        self.end_mlp = time_mlp(config.dim, config.dim * 4)
        last = self.end_mlp[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        """What leads x (B, C, H, W) from times t (B,) to its ends, as the network's prediction.
        ValueError for other shapes."""
        given = as_condition(condition)
        self._check(x, t, given.labels)
        end = torch.full_like(t, PICTURE) if given.end is None else given.end
        return self.denoise(x, self.embed(t, given.labels) + self.end_mlp(end))
