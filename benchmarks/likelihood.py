"""How much a learned variance helps: bits per dimension of test images, with and without it.

    python -m benchmarks.likelihood

Two small networks see the same images, times and noise in the same order, one with the simple
loss and the variance β̃ of Ho et al. 2020, one with the hybrid loss of Nichol & Dhariwal 2021.
Prints the variational bound of both, and their ratio.
"""

import argparse
import time
from collections import deque
from dataclasses import replace

import torch

import ddpm
from ddpm.data.images import to_float

SMALL = ddpm.UnetConfig(dim=16, dim_mults=(1, 2), patch=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--n", type=int, default=200, help="test images")
    parser.add_argument("--T", type=int, default=200)
    args = parser.parse_args()

    training = ddpm.fashion_mnist("train")
    pictures, labels = ddpm.fashion_mnist("test")
    x_start, labels = to_float(pictures[: args.n]), labels[: args.n]
    bits = {}
    for learned in (False, True):
        config = ddpm.Config(
            replace(SMALL, learned_variance=learned),
            ddpm.DiffusionConfig(T=args.T),
            ddpm.TrainConfig(steps=args.steps, ema_decay=0.99),
        )
        begin = time.monotonic()
        (last,) = deque(ddpm.fit(config, *training), maxlen=1)
        taken = time.monotonic() - begin
        schedule = last.model.schedule
        eps_fn = ddpm.classifier_free_guided(last.model, labels.to(schedule.device))
        draw = torch.Generator().manual_seed(0)
        each = ddpm.bits_per_dim(eps_fn, schedule, x_start.to(schedule.device), generator=draw)
        bits[learned] = each.mean().item()
        error = each.std().item() / len(each) ** 0.5
        name = "learned variance" if learned else "fixed variance"
        found = f"{bits[learned]:.3f} ± {error:.3f} bits per dimension"
        print(f"{name:17} {found} ({taken:.0f} s)", flush=True)
    print(f"ratio {bits[True] / bits[False]:.3f}")


if __name__ == "__main__":
    main()
