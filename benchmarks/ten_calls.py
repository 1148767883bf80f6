"""Where the ten calls of a model should lie.

    python -m benchmarks.ten_calls --checkpoint runs/large --write checkpoints/large.safetensors

The spacing "middle" takes steps even in log-SNR. Here they are bent: closer in the middle, wider at
both ends. How much, where the way ends, and then by how much ε̂ is divided, is searched with seeds
that no other figure uses, by the product of what the classifier and the autoencoder see above their
floors; "contrastive" has no say. A model that has its times keeps them. --write keeps what was
found with the weights, in float16, for `ddpm.sample` to read. Then draws with it, without the
scale, and at the times of "middle", from the same other seeds.
"""

import argparse
import itertools
import math
from dataclasses import replace
from pathlib import Path

import torch

import ddpm
from benchmarks.few_calls import at
from benchmarks.guides import Eyes, listed, print_head, row
from ddpm.sampling.bf16 import in_bf16
from devtools.drawing import TUNING_SEED, draw

CALLS = 10
LOW = -10.8  # log-SNR of the first call, as "middle" has it
HIGHS = (8.0, 7.0, 6.0)  # of the last
BENDS = (0.0, 0.2, 0.3, 0.4, 0.5)  # 0 is even, 1 as close in the middle as can be
SCALES = (1.0, 1.002, 1.004, 1.006, 1.008)


def bent(schedule: ddpm.Schedule, high: float, bend: float) -> list[int]:
    """Ten falling times from log-SNR `LOW` up to `high`."""
    u = torch.linspace(0, 1, CALLS)
    u = u + bend * torch.sin(2 * math.pi * u) / (2 * math.pi)
    return schedule.t_of_log_snr(LOW + (high - LOW) * u).round().long().tolist()


def search(model: ddpm.Checkpoint, eyes: Eyes) -> list[int]:
    """The best of all bends and ends."""
    fast = replace(model, model=in_bf16(model.model))

    def product(way: tuple[float, float]) -> float:
        times = bent(model.schedule, *way)
        found = eyes.distances(draw(at(fast, times), eyes.n, steps=CALLS, seed=TUNING_SEED))
        print(f"  {way}, {times}: {listed(found)}", flush=True)
        return eyes.product(found)

    return bent(model.schedule, *min(itertools.product(HIGHS, BENDS), key=product))


def times_of(model: ddpm.Checkpoint) -> list[int] | None:
    return model.info.get("sampling", {}).get("times", {}).get(str(CALLS))


def scaled(model: ddpm.Checkpoint, scale: float) -> ddpm.Checkpoint:
    own = model.info.get("sampling", {}) | {"eps_scale": scale}
    return replace(model, info=model.info | {"sampling": own})


def best_scale(model: ddpm.Checkpoint, eyes: Eyes) -> float:
    fast = replace(model, model=in_bf16(model.model))

    def product(scale: float) -> float:
        found = eyes.distances(draw(fast, eyes.n, steps=CALLS, seed=TUNING_SEED, eps_scale=scale))
        print(f"  ε̂ / {scale}: {listed(found)}", flush=True)
        return eyes.product(found)

    return min(SCALES, key=product)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist_large")
    parser.add_argument("--write", type=Path, help="a new file for the model with its times")
    about = "pictures for each candidate; much fewer lie below the floors, where no product counts"
    parser.add_argument("--search", type=int, default=1000, help=about)
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[20_000, 30_000])
    args = parser.parse_args()

    model = ddpm.load_checkpoint(args.checkpoint)
    if args.write:
        eyes = Eyes(args.search)
        if not times_of(model):
            print("end and bend, times, and the distances that they get")
            model = at(model, search(model, eyes))
        model = scaled(model, best_scale(model, eyes))
        model.save(args.write, torch.float16)
        model = ddpm.load_checkpoint(args.write)
    eyes = Eyes(args.n)
    print_head("")
    for seed in args.seeds:
        usual = {"steps": CALLS, "seed": seed}
        for name, own in (
            ("middle", {"spacing": "middle"}),
            ("own", {"eps_scale": 1}),
            ("scaled", {}),
        ):
            row(f"{name}, seeds from {seed}", eyes, model, **usual, **own)


if __name__ == "__main__":
    main()
