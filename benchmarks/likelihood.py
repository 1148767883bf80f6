"""What a learned variance is worth: bits a dimension of test images, with it and without.

    python -m benchmarks.likelihood

Two small networks see the same images, times and noise in the same order, one with the simple
loss and the variance β̃ of Ho et al. 2020, one with the hybrid loss of Nichol & Dhariwal 2021.
Prints the variational bound of both, and their ratio.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from dataclasses import replace

import torch

import ddpm
from ddpm import checkpoint
from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.data.batches import batches
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float

SMALL = UnetConfig(dim=16, dim_mults=(1, 2), patch=2)


def trained(config: Config) -> ddpm.Denoiser:
    images, labels = fashion_mnist("train")
    state = ddpm.TrainState(checkpoint.build_network(config), config.train)
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    deque(ddpm.train(state, checkpoint.build_schedule(config), feed, config), maxlen=0)
    return checkpoint.as_denoiser(state.averaged(), config).to(state.accelerator.device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--n", type=int, default=200, help="test images")
    parser.add_argument("--T", type=int, default=200)
    args = parser.parse_args()

    pictures, labels = fashion_mnist("test")
    x_start, labels = to_float(pictures[: args.n]), labels[: args.n]
    bits = {}
    for learned in (False, True):
        config = Config(
            replace(SMALL, learned_variance=learned),
            DiffusionConfig(T=args.T),
            TrainConfig(steps=args.steps, ema_decay=0.99),
        )
        begin = time.monotonic()
        model = trained(config)
        taken = time.monotonic() - begin
        device = model.schedule.device
        eps_fn = ddpm.conditioned(model, labels.to(device))
        draw = torch.Generator().manual_seed(0)
        each = ddpm.bits_per_dim(eps_fn, model.schedule, x_start.to(device), generator=draw)
        bits[learned] = each.mean().item()
        error = each.std().item() / len(each) ** 0.5
        name = "learned variance" if learned else "fixed variance"
        print(
            f"{name:17} {bits[learned]:.3f} ± {error:.3f} bits a dimension ({taken:.0f} s)",
            flush=True,
        )
    print(f"ratio {bits[True] / bits[False]:.3f}")


if __name__ == "__main__":
    main()
