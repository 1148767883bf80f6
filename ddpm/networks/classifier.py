"""The network of a classifier that knows noise: half a U-Net."""

from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.network import Given
from ddpm.networks.unet import Encoder


class HalfUnet(Encoder):
    """forward(x, t): (B, C, H, W), (B,) -> logits (B, num_classes). It takes no condition.

    The way down of a U-Net with its middle, then the mean over all places and a linear layer. As in
    Dhariwal & Nichol 2021, section 4, who pool by attention; here the middle has attended already.
    """

    def __init__(self, config: UnetConfig):
        super().__init__(config, labelled=False)
        assert config.num_classes is not None  # as `Config` has made sure
        width = config.dim * config.dim_mults[-1]
        self.head = nn.Sequential(
            nn.GroupNorm(1, width), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(width, config.num_classes),
        )  # fmt: skip

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        self._check(x, t, None)
        return self.head(self.encode(x, self.embed(t))[0])
