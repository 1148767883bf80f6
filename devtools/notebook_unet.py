"""The U-Net of The Annotated Diffusion Model as that notebook builds it for Fashion-MNIST.

A yardstick, not part of the core: claims about "the notebook" are measured on this network. It
keeps the defects that `ddpm.Unet` repairs: of the three skips that its encoder makes, the decoder
uses two and never reads the one at full resolution, and the last block gets no time embedding.
"""

import torch
from einops import rearrange
from torch import Tensor, nn

SIZE = 28  # height and width of an image; the notebook also uses it as the width in channels
DIM, DIM_MULTS, CHANNELS = SIZE, (1, 2, 4), 1
T, BATCH, STEPS = 200, 128, 2345  # its noise levels, images per step, and steps in five epochs
LEARNING_RATE = 1e-3
HEADS, DIM_HEAD = 4, 32


class TimeEmbedding(nn.Module):
    """Times (B,) to (B, time_dim): sines and cosines, then two layers."""

    def __init__(self, dim: int, time_dim: int):
        super().__init__()
        frequencies = 10_000 ** -torch.linspace(0, 1, dim // 2)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.mlp = nn.Sequential(nn.Linear(dim, time_dim), nn.GELU(), nn.Linear(time_dim, time_dim))

    def forward(self, time: Tensor) -> Tensor:
        angles = time[:, None] * self.frequencies
        return self.mlp(torch.cat([angles.sin(), angles.cos()], dim=1))


class ConvNextBlock(nn.Module):
    def __init__(self, dim: int, dim_out: int, time_dim: int | None):
        super().__init__()
        self.time = None if time_dim is None else nn.Sequential(nn.GELU(), nn.Linear(time_dim, dim))
        self.depthwise = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.body = nn.Sequential(
            nn.GroupNorm(1, dim),
            nn.Conv2d(dim, 2 * dim_out, 3, padding=1),
            nn.GELU(),
            nn.GroupNorm(1, 2 * dim_out),
            nn.Conv2d(2 * dim_out, dim_out, 3, padding=1),
        )
        self.shortcut = nn.Identity() if dim == dim_out else nn.Conv2d(dim, dim_out, 1)

    def forward(self, x: Tensor, time: Tensor | None = None) -> Tensor:
        h = self.depthwise(x)
        if self.time is not None:
            h = h + self.time(time)[:, :, None, None]
        return self.body(h) + self.shortcut(x)


class Attention(nn.Module):
    """x plus attention over the normalised x: softmax over all pixels, or linear in their number.

    Shapes: B images, h heads of d channels, n pixels.
    """

    def __init__(self, dim: int, *, linear: bool):
        super().__init__()
        self.linear = linear
        self.norm = nn.GroupNorm(1, dim)
        self.to_qkv = nn.Conv2d(dim, 3 * HEADS * DIM_HEAD, 1, bias=False)
        out = nn.Conv2d(HEADS * DIM_HEAD, dim, 1)
        self.to_out = nn.Sequential(out, nn.GroupNorm(1, dim)) if linear else out

    def forward(self, x: Tensor) -> Tensor:
        parts = self.to_qkv(self.norm(x)).chunk(3, dim=1)
        q, k, v = (rearrange(part, "b (h d) y x -> b h d (y x)", h=HEADS) for part in parts)
        if self.linear:
            q, k = q.softmax(dim=2) * DIM_HEAD**-0.5, k.softmax(dim=3)
            context = torch.einsum("bhdn,bhen->bhde", k, v)
            out = torch.einsum("bhde,bhdn->bhen", context, q)
        else:
            weights = torch.einsum("bhdi,bhdj->bhij", q * DIM_HEAD**-0.5, k).softmax(dim=3)
            out = torch.einsum("bhij,bhdj->bhdi", weights, v)
        out = rearrange(out, "b h d (y x) -> b (h d) y x", y=x.shape[2])
        return x + self.to_out(out)


class Stage(nn.Module):
    """Two blocks and linear attention at one resolution, and the resampling to the next."""

    def __init__(self, dim: int, dim_out: int, time_dim: int, resample: nn.Module):
        super().__init__()
        self.block1 = ConvNextBlock(dim, dim_out, time_dim)
        self.block2 = ConvNextBlock(dim_out, dim_out, time_dim)
        self.attention = Attention(dim_out, linear=True)
        self.resample = resample

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """The state before `resample`."""
        return self.attention(self.block2(self.block1(x, time), time))


class NotebookUnet(nn.Module):
    """forward(x, t): (B, 1, 28, 28), (B,) -> (B, 1, 28, 28), an estimate of ε.

    `ddpm.sample` accepts it inside a `Denoiser`; it takes no labels.
    """

    shape = (CHANNELS, SIZE, SIZE)
    num_classes = None

    def __init__(self):
        super().__init__()
        time_dim = 4 * DIM
        widths = [DIM // 3 * 2, *(DIM * mult for mult in DIM_MULTS)]
        self.time = TimeEmbedding(DIM, time_dim)
        self.init_conv = nn.Conv2d(CHANNELS, widths[0], 7, padding=3)
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level in range(len(DIM_MULTS)):
            dim, dim_out = widths[level : level + 2]
            lowest = level == len(DIM_MULTS) - 1
            down = nn.Identity() if lowest else nn.Conv2d(dim_out, dim_out, 4, 2, 1)
            self.downs.append(Stage(dim, dim_out, time_dim, down))
        self.mid_block1 = ConvNextBlock(widths[-1], widths[-1], time_dim)
        self.mid_attention = Attention(widths[-1], linear=False)
        self.mid_block2 = ConvNextBlock(widths[-1], widths[-1], time_dim)
        for level in range(len(DIM_MULTS) - 1, 0, -1):  # one stage fewer than there are skips
            dim, dim_out = widths[level : level + 2]
            up = nn.ConvTranspose2d(dim, dim, 4, 2, 1)
            self.ups.append(Stage(2 * dim_out, dim, time_dim, up))
        self.final_block = ConvNextBlock(DIM, DIM, None)
        self.final_conv = nn.Conv2d(DIM, CHANNELS, 1)

    def forward(self, x: Tensor, t: Tensor, labels: None = None) -> Tensor:
        time = self.time(t)
        x = self.init_conv(x)
        skips = []
        for stage in self.downs:
            x = stage(x, time)
            skips.append(x)
            x = stage.resample(x)
        x = self.mid_block2(self.mid_attention(self.mid_block1(x, time)), time)
        for stage in self.ups:
            x = stage(torch.cat([x, skips.pop()], dim=1), time)
            x = stage.resample(x)
        return self.final_conv(self.final_block(x))
