"""Other libraries' networks at the size of ours, and a plain training step, for comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def diffusers_unet(count: int) -> nn.Module:
    """diffusers' UNet2DModel for 28 × 28 grey pixels, with about `count` parameters."""
    from diffusers import UNet2DModel

    def make(width: int) -> nn.Module:
        return UNet2DModel(
            sample_size=28,
            in_channels=1,
            out_channels=1,
            block_out_channels=(width, 2 * width, 4 * width),
            down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
            norm_num_groups=4,
        )

    return _nearest(make, range(8, 64, 4), count)


def lucidrains_unet(count: int) -> nn.Module:
    """denoising-diffusion-pytorch's Unet for grey pixels, with about `count` parameters."""
    from denoising_diffusion_pytorch import Unet

    def make(width: int) -> nn.Module:
        return Unet(dim=width, dim_mults=(1, 2, 4), channels=1, flash_attn=False)

    return _nearest(make, range(8, 48, 4), count)


def _nearest(make: Callable[[int], nn.Module], widths: range, count: int) -> nn.Module:
    """The network of one of these widths whose parameter count is nearest."""

    def off(width: int) -> int:
        with torch.device("meta"):  # to count, no weights are drawn
            return abs(parameters(make(width)) - count)

    return make(min(widths, key=off)).eval()


@torch.no_grad()
def sample_with_diffusers(network: nn.Module, scheduler, count: int, calls: int) -> None:
    """As DDPMPipeline samples, without its conversion to pictures."""
    device = next(network.parameters()).device
    scheduler.set_timesteps(calls, device=device)
    x = torch.randn(count, 1, 28, 28, device=device)
    for t in scheduler.timesteps:
        x = scheduler.step(network(x, t).sample, t, x).prev_sample


def plain_step(
    network: nn.Module,
    loss_of: Callable[[Tensor], Tensor],
    feed: Iterator[tuple[Tensor, Tensor | None]],
    optimizer: torch.optim.Optimizer,
    *,
    bf16: bool = False,
    clip_norm: float | None = None,
) -> Callable[[], None]:
    """A training step as in a short script: minimises loss_of(x) for the next batch (x, labels)."""
    network.train()
    device = next(network.parameters()).device

    def step() -> None:
        x = next(feed)[0].to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            loss = loss_of(x)
        loss.backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
        optimizer.step()
        optimizer.zero_grad()
        loss.item()

    return step
