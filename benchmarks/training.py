"""Images per second in training: ours and other libraries', our data path and the notebook's.

    python -m benchmarks.training               # tables, with the ratio of each row to ours
    python -m benchmarks.training --precision no
    python -m benchmarks.training --memory 60   # memory of a training process over an hour

The networks have about as many parameters as the preset "base". A step is forward, backward,
clipping and the optimizer, and for ours also the averaged weights and the log's figures. The
notebook's data path is its transform of each picture; benchmarks.speedrun times its network. As the
machine may be busy, everything is timed in turns in one run, and medians are printed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

import datasets
import psutil
import torch
from denoising_diffusion_pytorch import GaussianDiffusion
from diffusers import DDPMScheduler
from PIL import Image
from torch import Tensor, nn
from torchvision import transforms

import ddpm
from ddpm.data.batches import batches
from ddpm.training.loop import make_accelerator
from devtools import ROOT
from devtools.networks import diffusers_unet, lucidrains_unet, parameters, plain_step
from devtools.notebook_unet import BATCH as NOTEBOOK_BATCH
from devtools.timing import medians

SAMPLE_S = 0.5  # between memory readings


def rows(images: Tensor, labels: Tensor) -> dict[str, Callable[[], None]]:
    config, bf16 = ddpm.PRESETS["base"], make_accelerator().mixed_precision == "bf16"
    size, batch = parameters(ddpm.Unet(config.unet)), config.train.batch_size
    unet, lucid = diffusers_unet(size), lucidrains_unet(size)
    print(f"ours {size:,} parameters, diffusers {parameters(unet):,}, lucidrains "
          f"{parameters(lucid):,}; batches of {batch}, bf16: {bf16}")  # fmt: skip
    scheduler = DDPMScheduler(config.diffusion.T)
    gaussian = GaussianDiffusion(lucid, image_size=28, timesteps=config.diffusion.T)

    def with_diffusers(x: Tensor) -> Tensor:
        noise, t = torch.randn_like(x), torch.randint(0, config.diffusion.T, (len(x),))
        return nn.functional.mse_loss(unet(scheduler.add_noise(x, noise, t), t).sample, noise)

    def theirs(network: nn.Module, loss_of: Callable[[Tensor], Tensor]) -> Callable[[], None]:
        """A step as in both libraries' own training scripts."""
        adamw = torch.optim.AdamW(network.parameters(), lr=1e-4)
        feed = batches(images, None, batch)
        return plain_step(network, loss_of, feed, adamw, bf16=bf16, clip_norm=1.0)

    ours = ddpm.fit(config, images, labels)
    return {
        "ours": lambda: next(ours),
        "diffusers, UNet2DModel": theirs(unet, with_diffusers),
        # it takes pictures in [0, 1]
        "denoising-diffusion-pytorch": theirs(lucid, lambda x: gaussian((x + 1) / 2)),
    }


def notebooks_data(images: Tensor) -> Callable[[], None]:
    """An endless supply of the notebook's batches: a transform of each picture, in a DataLoader."""
    transform = transforms.Compose(
        [
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Lambda(lambda t: (t * 2) - 1),
        ]
    )

    def transform_all(examples: dict) -> dict:
        return {"pixel_values": [transform(image.convert("L")) for image in examples["image"]]}

    pictures = [Image.fromarray(image[0].numpy()) for image in images]
    features = datasets.Features({"image": datasets.Image()})
    columns = datasets.Dataset.from_dict({"image": pictures}, features=features)
    loader = torch.utils.data.DataLoader(
        columns.with_transform(transform_all), batch_size=NOTEBOOK_BATCH, shuffle=True
    )
    feed = iter(loader)

    def step() -> None:
        nonlocal feed
        if next(feed, None) is None:
            feed = iter(loader)

    return step


def table(taken: dict[str, float], batch: int) -> None:
    base = taken["ours"]
    for name, seconds in taken.items():
        print(f"  {name:28} {batch / seconds:9.0f} images/s, {seconds * 1e3:8.2f} ms per batch, "
              f"{seconds / base:6.2f}x ours")  # fmt: skip


def memory(minutes: float) -> None:
    """Resident memory of `python -m ddpm train` with the preset "base"."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "ddpm", "train", "--steps", "1000000", "--out", out]
        job = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            begin, seen = time.monotonic(), []
            while time.monotonic() - begin < minutes * 60 and job.poll() is None:
                seen.append(psutil.Process(job.pid).memory_info().rss / 2**30)
                time.sleep(SAMPLE_S)
        finally:
            job.terminate()
            job.wait()
    print("maximum within each tenth of the time")
    tenth = -(-len(seen) // 10)
    for k in range(0, len(seen), tenth):
        print(f"  {k * SAMPLE_S / 60:5.1f} minutes: {max(seen[k : k + tenth]):6.3f} GiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--precision", choices=["no", "bf16"], help="default: the CPU's best")
    parser.add_argument("--memory", type=float, metavar="MINUTES", help="measure memory instead")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the CPU's figures
    if args.precision:
        os.environ["ACCELERATE_MIXED_PRECISION"] = args.precision
    if args.memory:
        return memory(args.memory)
    images, labels = ddpm.fashion_mnist("train", source="shipped")
    taken = medians(rows(images, labels), args.repeats)
    table(taken, ddpm.PRESETS["base"].train.batch_size)
    print(f"\ndata alone, batches of {NOTEBOOK_BATCH}")
    feed = batches(images, labels, NOTEBOOK_BATCH)
    both = {"ours": lambda: next(feed), "the notebook's": notebooks_data(images)}
    table(medians(both, args.repeats), NOTEBOOK_BATCH)


if __name__ == "__main__":
    main()
