"""Other libraries' networks at the size of ours, and plain training steps, for comparison."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import torch
from torch import Tensor, nn

import ddpm
from ddpm.data.batches import batches
from ddpm.training.state import make_accelerator


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
def sample_with_diffusers(network: nn.Module, scheduler, count: int, calls: int) -> Tensor:
    """As DDPMPipeline samples, without its conversion to pictures."""
    device = next(network.parameters()).device
    scheduler.set_timesteps(calls, device=device)
    x = torch.randn(count, 1, 28, 28, device=device)
    for t in scheduler.timesteps:
        x = scheduler.step(network(x, t).sample, t, x).prev_sample
    return x.cpu()


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


def training_steps(
    config: ddpm.Config, images: Tensor, labels: Tensor
) -> dict[str, Callable[[], object]]:
    """A step of our training, and of those of the libraries that are installed, as in their own
    scripts, by name. For ours also the averaged weights and the log's figures are part of it."""
    accelerator, T = make_accelerator(), config.diffusion.T
    bf16, size = accelerator.mixed_precision == "bf16", parameters(ddpm.Unet(config.unet))
    batch = config.train.batch_size
    print(f"ours: {size:,} parameters, batches of {batch}, bf16: {bf16}")
    ours = ddpm.fit(config, images, labels)
    steps: dict[str, Callable[[], object]] = {"ours": lambda: next(ours)}

    def add(name: str, network: nn.Module, loss_of: Callable[[Tensor], Tensor]) -> None:
        print(f"{name}: {parameters(network):,} parameters")
        adamw = torch.optim.AdamW(network.to(accelerator.device).parameters(), lr=1e-4)
        feed = batches(images, None, batch)
        steps[name] = plain_step(network, loss_of, feed, adamw, bf16=bf16, clip_norm=1.0)

    if find_spec("diffusers"):
        from diffusers import DDPMScheduler

        unet, scheduler = diffusers_unet(size), DDPMScheduler(T)

        def with_diffusers(x: Tensor) -> Tensor:
            noise, t = torch.randn_like(x), torch.randint(0, T, (len(x),), device=x.device)
            return nn.functional.mse_loss(unet(scheduler.add_noise(x, noise, t), t).sample, noise)

        add("diffusers", unet, with_diffusers)
    if find_spec("denoising_diffusion_pytorch"):
        from denoising_diffusion_pytorch import GaussianDiffusion

        gaussian = GaussianDiffusion(lucidrains_unet(size), image_size=28, timesteps=T)
        # it takes pictures in [0, 1]
        add("denoising-diffusion-pytorch", gaussian, lambda x: gaussian((x + 1) / 2))
    return steps
