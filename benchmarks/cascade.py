"""A cascade's noise between its stages, and the cascade beside a single network.

    python -m benchmarks.cascade --checkpoint runs/cascade --write checkpoints/cascade.safetensors
    python -m benchmarks.cascade --n 5000 --thumbnail docs/cascade.png

First the table of aug, the steps of noise on the small pictures: for those that the first stage
draws, and for real ones, the bound that a perfect first stage would reach. Its seeds are those of
no other figure; --write keeps the best aug with the weights, in float16, for `Cascade.sample`.
Then, with the usual seeds: aug 0, the best, and a single network with as many calls as take the
same seconds. Last, ten garments from each of ten real thumbnails at every aug; --thumbnail draws
one's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

import ddpm
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.diffusion.augmentation import shrink
from ddpm.evaluation.frechet import evaluate, load_classifier
from devtools import ROOT
from devtools.drawing import BATCH, draw

SWEEP_SEED = 1_000_000  # of the table of aug; figures of other programs have seeds from 0 on
AUGS = (0, 25, 50, 100, 150, 200, 300, 400, 600)
PICTURES, TURNS = 16, 5  # for timing
COLUMNS = ("frechet_distance", "precision", "recall", "label_accuracy")


def in_batches(n: int, one: Callable[[int, Tensor], Tensor]) -> Tensor:
    """(n, …) from one(first, labels), whose pictures first, first + 1, … show the ten classes."""
    parts = []
    for first in tqdm(range(0, n, BATCH), leave=False):
        parts.append(one(first, torch.arange(first, min(n, first + BATCH)) % 10).cpu())
    return torch.cat(parts)


def enlarged(cascade: ddpm.Cascade, low: Tensor, labels: Tensor, aug: int, seed: int) -> Tensor:
    """Small pictures (n, C, 14, 14) by the second stage: uint8 (n, C, 28, 28)."""

    def one(first: int, _: Tensor) -> Tensor:
        here = slice(first, first + BATCH)
        return cascade.enlarge(low[here], labels=labels[here], aug=aug, seed=seed + first)

    return ddpm.to_uint8(in_batches(len(low), one))


def blown_up(low: Tensor) -> Tensor:
    """Small pictures as uint8 (n, C, 28, 28) without a network, to measure the first stage by."""
    return ddpm.to_uint8(torch.nn.functional.interpolate(low, scale_factor=2.0, mode="bilinear"))


def row(name: str, found: dict, *more: str) -> None:
    figures = [f"{found[key]:.3f}" for key in COLUMNS]
    print("| " + " | ".join([name, *figures, *more]) + " |", flush=True)


def sweep(cascade: ddpm.Cascade, n: int, augs: list[int], data: tuple) -> dict[int, float]:
    """The table of aug, and the distance of the whole cascade at each."""
    real, held_out, classifier = data
    wanted = torch.arange(n) % 10
    low = in_batches(n, lambda first, labels: ddpm.sample(
        cascade.base, len(labels), labels=labels, seed=SWEEP_SEED + first))  # fmt: skip
    test, test_labels = fashion_mnist("test")
    real_low = shrink(to_float(test[:n]))
    print("| aug | Fréchet distance | precision | recall | label accuracy | from real ones |")
    print("|---|---|---|---|---|---|")
    distances = {}
    for aug in augs:
        drawn = enlarged(cascade, low, wanted, aug, SWEEP_SEED)
        found = evaluate(drawn, wanted, real, held_out, classifier)
        bound = enlarged(cascade, real_low, test_labels[:n], aug, SWEEP_SEED)
        bound = ddpm.frechet_distance(bound, real[:n], classifier)
        distances[aug] = float(found["frechet_distance"])
        row(f"{aug}", found, f"{bound:.3f}")
    small_real = blown_up(shrink(to_float(real[:n])))
    first = ddpm.frechet_distance(blown_up(low), small_real, classifier)
    floor = ddpm.frechet_distance(blown_up(real_low), small_real, classifier)
    print(f"the first stage alone, its pictures blown up: {first:.3f} (floor {floor:.3f})")
    return distances


def seconds_of(runs: list[Callable[[], object]]) -> list[float]:
    """Median seconds of each, timed in turns."""
    taken: list[list[float]] = [[] for _ in runs]
    for turn in range(TURNS + 1):
        for run, times in zip(runs, taken, strict=True):
            begin = time.perf_counter()
            run()
            if turn:  # the first warms up
                times.append(time.perf_counter() - begin)
    return [statistics.median(times) for times in taken]


def compare(cascade: ddpm.Cascade, single: ddpm.Checkpoint, best: int, n: int, data: tuple) -> None:
    """The cascade at aug 0 and at its best beside a single network at equal seconds."""
    wanted = torch.arange(n) % 10
    both, ten = seconds_of([
        lambda: cascade.sample(PICTURES, labels=7, aug=best),
        lambda: ddpm.sample(single, PICTURES, labels=7, steps=10),
    ])  # fmt: skip
    calls = max(1, round(10 * both / ten))
    print(f"seconds for {PICTURES} pictures: cascade {both:.3f}, single network {ten:.3f}")
    print("| | Fréchet distance | precision | recall | label accuracy |")
    print("|---|---|---|---|---|")
    found = {}
    for aug in (0, best):
        drawn = in_batches(
            n,
            lambda first, labels, aug=aug: cascade.sample(
                len(labels), labels=labels, aug=aug, seed=first
            ),
        )
        found[aug] = evaluate(ddpm.to_uint8(drawn), wanted, *data)
        row(f"cascade, aug {aug}", found[aug])
    for steps in sorted({10, calls}):
        drawn = draw(single, n, steps=steps)
        row(f"single network, {steps} calls", evaluate(drawn, wanted, *data))
    ratio = found[best]["frechet_distance"] / found[0]["frechet_distance"]
    print(f"best aug / aug 0: {ratio:.2f}; {calls} calls of the single network take as long")


def thumbnails(cascade: ddpm.Cascade, augs: list[int], path: Path | None) -> None:
    """Ten garments from each of ten real thumbnails: how far their own thumbnails are from it, and
    from one another."""
    images, labels = fashion_mnist("test")
    chosen = torch.stack([(labels == c).nonzero()[0, 0] for c in range(10)])
    low = shrink(to_float(images[chosen]))
    print("| aug | thumbnails off by (rms) | garments of a thumbnail differ by (rms) |")
    print("|---|---|---|")
    lines = [torch.nn.functional.interpolate(low, scale_factor=2.0)]
    for aug in augs:
        many = cascade.enlarge(
            low.repeat_interleave(10, 0), labels=labels[chosen].repeat_interleave(10, 0), aug=aug
        ).cpu()
        off = (shrink(many) - low.repeat_interleave(10, 0)).square().mean().sqrt()
        apart = many.unflatten(0, (10, 10)).std(1).square().mean().sqrt()
        print(f"| {aug} | {off:.3f} | {apart:.3f} |", flush=True)
        lines.append(many[70:80])  # of the sneaker
    if path:
        ddpm.to_pil(ddpm.make_grid(torch.cat(lines), nrow=10)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="cascade", help="as `Cascade.load`")
    parser.add_argument("--single", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--search", type=int, default=2000, help="pictures for the table of aug")
    parser.add_argument("--augs", type=int, nargs="+", default=AUGS)
    parser.add_argument("--write", type=Path, help="a new file for the cascade with its best aug")
    parser.add_argument("--thumbnail", type=Path, help="a picture: row k has the k-th aug")
    args = parser.parse_args()

    cascade, single = ddpm.Cascade.load(args.checkpoint), ddpm.load_checkpoint(args.single)
    classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
    data = fashion_mnist("train")[0], fashion_mnist("test")[0], classifier
    print(f"n = {args.search}")
    distances = sweep(cascade, args.search, list(args.augs), data)
    best = min(distances, key=lambda aug: distances[aug])
    cascade = replace(cascade, info=cascade.info | {"aug": best})
    if args.write:
        cascade.save(args.write, torch.float16)
        cascade = ddpm.Cascade.load(args.write)
    print(f"\nn = {args.n}")
    compare(cascade, single, best, args.n, data)
    print()
    thumbnails(cascade, list(args.augs), args.thumbnail)


if __name__ == "__main__":
    main()
