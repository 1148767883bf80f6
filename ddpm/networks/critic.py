"""The network of a critic: half a U-Net that says, of each place, how real it looks."""

from __future__ import annotations

from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.unet import Encoder


class Critic(Encoder):
    """forward(x, t, labels=None): (B, C, H, W), (B,), (B,) -> (B, 1, h, w), a score for each place
    of the lowest resolution: above 0 for real.

    The way down of a U-Net with its middle, whose weights it may take over: a network that denoises
    knows already what pictures look like under noise (Sauer et al. 2024, section 3).
    """

    def __init__(self, config: UnetConfig):
        super().__init__(config, labelled=True)
        width = config.dim * config.dim_mults[-1]
        self.head = nn.Sequential(nn.GroupNorm(1, width), nn.SiLU(), nn.Conv2d(width, 1, 1))
        last = self.head[-1]
        assert isinstance(last, nn.Conv2d) and last.bias is not None
        nn.init.zeros_(last.weight)  # it has no opinion to begin with
        nn.init.zeros_(last.bias)

    def take_over(self, unet: dict[str, Tensor]) -> None:
        """Start from the `state_dict` of a U-Net of the same config."""
        own = self.state_dict()
        shared = {name: weight for name, weight in unet.items() if name in own}
        self.load_state_dict(own | shared)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        self._check(x, t, labels)
        return self.head(self.encode(x, self.embed(t, labels))[0])
