"""How long 16 and 64 pictures take, from noise to the last frame: ours beside others.

    python -m benchmarks.speed            # a table, and the ratio of each row to ours

All networks but the notebook's have the parameter count of the shipped one. Everything is timed
in turns in one run, and medians are printed: the machine may be busy. Last, what a step costs
outside the network, beside diffusers' schedulers.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial

import torch
from denoising_diffusion_pytorch import GaussianDiffusion
from denoising_diffusion_pytorch import Unet as LucidUnet
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    UNet2DModel,
)
from torch import Tensor, nn

import ddpm
from ddpm.sampling import openvino as backend
from ddpm.training.loop import make_accelerator
from devtools import ROOT

PLAIN = "ours"
NOTEBOOK_CALLS = 200  # the notebook samples with all its T


class InBf16(nn.Module):
    """A network that computes in bfloat16 what may be: as benchmarks/samplers.py measures it."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.num_classes = network.num_classes
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return self.network(x, t, labels).float()


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def nearest(make: Callable[[int], nn.Module], widths: range, count: int) -> nn.Module:
    """The network of one of these widths whose parameter count is nearest."""
    networks = [make(width) for width in widths]
    return min(networks, key=lambda network: abs(parameters(network) - count)).eval()


def diffusers_unet(width: int) -> nn.Module:
    return UNet2DModel(
        sample_size=28,
        in_channels=1,
        out_channels=1,
        block_out_channels=(width, 2 * width, 4 * width),
        down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        norm_num_groups=4,
    )


def lucid_unet(width: int) -> nn.Module:
    return LucidUnet(dim=width, dim_mults=(1, 2, 4), channels=1, flash_attn=False)


@torch.no_grad()
def with_diffusers(network: nn.Module, scheduler, count: int, calls: int) -> None:
    """What DDPMPipeline does, without its conversion to pictures."""
    scheduler.set_timesteps(calls)
    x = torch.randn(count, 1, 28, 28)
    for t in scheduler.timesteps:
        x = scheduler.step(network(x, t).sample, t, x).prev_sample


def with_ours(model: ddpm.Denoiser, sampler: str, count: int, calls: int) -> None:
    spacing = ddpm.samplers.BEST_SPACING[sampler]
    times = ddpm.spaced_timesteps(model.schedule, calls, spacing)
    eps_fn = ddpm.conditioned(model, torch.arange(count) % 10)
    x = torch.randn(count, 1, 28, 28)
    deque(ddpm.SAMPLERS[sampler](eps_fn, model.schedule, x, times), maxlen=1)


def notebooks_way(count: int, calls: int) -> Callable[[], None]:
    """Its U-Net in float32, one ancestral step after the other."""
    network = ddpm.Unet(28, (1, 2, 4), block="convnext").eval()
    print(f"notebook: {parameters(network):,} parameters")
    model = ddpm.Denoiser(network, ddpm.Schedule.named("linear", NOTEBOOK_CALLS), "eps")
    times = list(range(NOTEBOOK_CALLS))[::-1][:calls]
    x = torch.randn(count, 1, 28, 28)
    return lambda: deque(ddpm.ddpm(model, model.schedule, x, times), maxlen=1)


def medians(rows: dict[str, Callable[[], None]], repeats: int) -> dict[str, float]:
    """Seconds of each, all in turns, after one round to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(repeats + 1):
        for name, run in rows.items():
            begin = time.perf_counter()
            run()
            if turn:
                taken[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def pictures(models: dict[str, ddpm.Denoiser], count: int, repeats: int) -> None:
    """The table of whole runs."""
    size = parameters(models[PLAIN].network)
    theirs = nearest(diffusers_unet, range(8, 64, 4), size)
    lucid = nearest(lucid_unet, range(8, 48, 4), size)
    print(f"\nours {size:,}, diffusers {parameters(theirs):,}, lucidrains {parameters(lucid):,}")
    ddim = GaussianDiffusion(lucid, image_size=28, timesteps=1000, sampling_timesteps=10)
    part = NOTEBOOK_CALLS // 20
    rows = {
        f"notebook, {NOTEBOOK_CALLS} calls": notebooks_way(count, part),
        **{
            f"{name}, DPM-Solver++, {calls} calls": partial(
                with_ours, model, "dpm_solver", count, calls
            )
            for name, model in models.items()
            for calls in (10, 5)
        },
        "diffusers, DPM-Solver++, 10 calls": lambda: with_diffusers(
            theirs, DPMSolverMultistepScheduler(), count, 10
        ),
        "diffusers, DDPM, 10 calls": lambda: with_diffusers(theirs, DDPMScheduler(), count, 10),
        "denoising-diffusion-pytorch, DDIM, 10 calls": lambda: ddim.sample(batch_size=count),
    }
    seconds = medians(rows, repeats)
    notebook = next(iter(rows))
    seconds[notebook] *= NOTEBOOK_CALLS / part  # only a twentieth of its calls were timed
    base = seconds[f"{PLAIN}, DPM-Solver++, 10 calls"]
    print(f"{count} pictures, from noise to the last frame")
    for name, taken in seconds.items():
        to_notebook = seconds[notebook] / taken
        print(f"  {name:45} {taken:8.3f} s  {taken / base:6.2f}x ours, {to_notebook:5.0f}x faster")


def steps_alone(count: int = 16, calls: int = 200) -> None:
    """Microseconds of a step when the network costs nothing, beside diffusers' step."""
    schedule = ddpm.Schedule.named("linear", 1000)
    times = ddpm.spaced_timesteps(schedule, calls)
    x, eps = torch.randn(count, 1, 28, 28), torch.randn(count, 1, 28, 28)
    draw = torch.Generator().manual_seed(0)

    def ours(sampler: str) -> Callable[[], None]:
        run = ddpm.SAMPLERS[sampler]
        return lambda: deque(run(lambda x, t: eps, schedule, x, times, generator=draw), maxlen=1)

    def theirs(scheduler, **options) -> Callable[[], None]:
        @torch.no_grad()
        def run() -> None:
            scheduler.set_timesteps(calls)
            state = x
            for t in scheduler.timesteps:
                state = scheduler.step(eps, t, state, **options).prev_sample

        return run

    pairs = {
        "ddpm": ("DDPMScheduler", theirs(DDPMScheduler(), generator=draw)),
        "ddim": ("DDIMScheduler", theirs(DDIMScheduler())),
        "dpm_solver": ("DPMSolverMultistepScheduler", theirs(DPMSolverMultistepScheduler())),
    }
    print(f"\na step outside the network, {count} pictures")
    for name, (their_name, run) in pairs.items():
        taken = medians({"ours": ours(name), "theirs": run}, repeats=9)
        mine, other = (taken[key] / calls * 1e6 for key in ("ours", "theirs"))
        print(f"  {name:11} {mine:6.0f} µs, {their_name} {other:6.0f} µs, ratio {mine / other:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default=ROOT / "checkpoints/fashion_mnist.safetensors")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    loaded = ddpm.load_checkpoint(args.checkpoint, "cpu")
    models = {PLAIN: loaded.model}
    fast = backend.compiled(loaded.model)
    if fast is not loaded.model:
        models["ours, by OpenVINO"] = fast
    if make_accelerator().mixed_precision == "bf16":
        network = InBf16(ddpm.load_checkpoint(args.checkpoint, "cpu").model.network)
        models["ours, in bf16"] = ddpm.Denoiser(network, loaded.schedule, loaded.model.objective)
    steps_alone()
    for count in (16, 64):
        pictures(models, count, args.repeats)


if __name__ == "__main__":
    main()
