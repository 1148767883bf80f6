"""The network: a U-Net that takes a noisy image and its time. It knows nothing of schedules.

Shapes: B images, C channels, H × W pixels.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.attention import Attention
from ddpm.networks.blocks import Downsample, Parts, Upsample
from ddpm.networks.network import Given, Network, as_condition
from ddpm.networks.time_embedding import time_mlp

Layer = Callable[[Tensor], Tensor]


class Encoder(Network):
    """The half of a U-Net that goes down, with its middle: see `Unet`. `labelled` says whether it
    is given labels."""

    of_pixels = ("init_conv",)

    def __init__(self, config: UnetConfig, labelled: bool):
        super().__init__()
        self.config = config
        self.shape, self.num_classes = config.shape, config.num_classes
        dim, channels, patch = config.dim, config.channels, config.patch
        self.stride = patch * 2 ** (len(config.dim_mults) - 1)
        parts, time_dim = Parts(config), dim * 4

        self.patchify = nn.PixelUnshuffle(patch)
        self.init_conv = nn.Conv2d(channels * patch**2, dim, 7, padding=3)
        self.time_mlp = time_mlp(dim, time_dim)
        # one row more than classes: the label "none" of classifier-free guidance
        classes = config.num_classes if labelled else None
        self.label_emb = None if classes is None else nn.Embedding(classes + 1, time_dim)
        self.downs = nn.ModuleList()
        for i, (dim_in, dim_out) in parts.levels:
            down = Downsample(dim_out) if i < parts.last else nn.Identity()
            self.downs.append(parts.stage(dim_in, dim_out, i, down))
        self.mid_block1 = parts.block(parts.dims[-1], parts.dims[-1])
        self.mid_attn = parts.attend(Attention, parts.dims[-1])
        self.mid_block2 = parts.block(parts.dims[-1], parts.dims[-1])

    def embed(self, t: Tensor, labels: Tensor | None = None) -> Tensor:
        """Times (B,) and labels (B,) to what scales and shifts in every block: (B, 4 dim)."""
        time_emb = self.time_mlp(t)
        if self.label_emb is None:
            return time_emb
        if labels is None:
            labels = torch.full((len(t),), self.label_emb.num_embeddings - 1, device=t.device)
        if labels.is_floating_point():
            # no matrix product: autocast would round a weight of 1
            embeddings = self.label_emb.weight[: labels.shape[1]]
            return time_emb + (labels[:, :, None] * embeddings).sum(1)
        return time_emb + self.label_emb(labels)

    def encode(
        self, x: Tensor, time_emb: Tensor, mid_layer: Layer | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """The features in the middle, and those that a decoder's skips take, highest first.
        `mid_layer` is one more residual layer in the middle, at the lowest resolution."""
        x = self.init_conv(self.patchify(x))
        skips = [x]
        for stage in self.downs:
            block1, block2, attn, downsample = stage.children()
            x = attn(block2(block1(x, time_emb), time_emb))
            skips.append(x)
            x = downsample(x)
        x = self.mid_block1(x, time_emb)
        x = self.mid_attn(x)
        return self.mid_block2(x if mid_layer is None else mid_layer(x), time_emb), skips

    def _check(self, x: Tensor, t: Tensor, labels: Tensor | None) -> None:
        if t.shape != x.shape[:1]:
            raise ValueError(f"t must be ({len(x)},), a time for each image, not {tuple(t.shape)}")
        if x.ndim != 4 or x.shape[1] != self.config.channels:
            raise ValueError(f"x must be (B, {self.config.channels}, H, W), not {tuple(x.shape)}")
        if x.shape[2] % self.stride or x.shape[3] % self.stride:
            raise ValueError(
                "height and width of this network's images must be divisible by "
                f"{self.stride}, not {x.shape[2]} x {x.shape[3]}"
            )
        if labels is None:
            return
        if self.label_emb is None:
            raise ValueError("this network was built without labels (num_classes=None)")
        if labels.is_floating_point():
            classes = self.label_emb.num_embeddings - 1
            if labels.ndim != 2 or labels.shape[1] not in (classes, classes + 1):
                raise ValueError(
                    f"weights of labels must be ({len(x)}, {classes}), not {tuple(labels.shape)}"
                )


class Unet(Encoder):
    """forward(x, t, labels=None): (B, C, H, W), (B,), (B,) -> (B, C, H, W), or (B, 2C, H, W) with
    `learned_variance`, whose half then follows the prediction. Labels may stand in a `Condition`.

    The image enters and leaves as patch × patch pixels a place (Hoogeboom et al. 2023, section
    3.3): full resolution is where a network costs most and learns least. Level i works at 1/2^i
    of the patches' resolution with dim · dim_mults[i] channels; H and W must be divisible by
    patch · 2^(levels-1). With `num_classes`, labels are 0 … num_classes-1, and num_classes
    itself, or labels=None, means "no label". Float labels (B, num_classes) weight the classes'
    embeddings; one column more weights "no label". Softmax attention is in the middle, with
    `attention` "lowest" also beside it, where the resolution is the same, and with "all" linear
    attention above as well.
    """

    of_pixels = ("init_conv", "final_conv")

    def __init__(self, config: UnetConfig):
        super().__init__(config, labelled=True)
        dim, patch, parts = config.dim, config.patch, Parts(config)
        self.unpatchify = nn.PixelShuffle(patch)
        self.ups = nn.ModuleList()
        for i, (dim_in, dim_out) in reversed(parts.levels):
            up = Upsample(dim_in) if i > 0 else nn.Identity()
            self.ups.append(parts.stage(dim_out * 2, dim_in, i, up))
        self.final_block = parts.block(dim * 2, dim)
        out_channels = 2 * config.channels if config.learned_variance else config.channels
        self.final_conv = nn.Conv2d(dim, out_channels * patch**2, 1)

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        """What the network predicts for x (B, C, H, W) at times t (B,); `condition` are labels, or
        has them. ValueError for other shapes."""
        labels = as_condition(condition).labels
        self._check(x, t, labels)
        return self.denoise(x, self.embed(t, labels))

    def denoise(self, x: Tensor, time_emb: Tensor, mid_layer: Layer | None = None) -> Tensor:
        """Down, through the middle, and up again past the skips: x (B, C, H, W) with `time_emb` (B,
        4 dim) of `embed`; `mid_layer` as for `encode`."""
        x, skips = self.encode(x, time_emb, mid_layer)
        for stage in self.ups:
            block1, block2, attn, upsample = stage.children()
            x = torch.cat((x, skips.pop()), dim=1)
            x = upsample(attn(block2(block1(x, time_emb), time_emb)))
        x = self.final_block(torch.cat((x, skips.pop()), dim=1), time_emb)
        assert not skips  # every skip was used
        return self.unpatchify(self.final_conv(x))
