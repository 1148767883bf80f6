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

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.diffusion.augmentation import shrink
from devtools.drawing import BATCH, COLUMNS, TUNING_SEED, Judge, cells, draw, in_batches
from devtools.tables import head, row
from devtools.timing import medians

AUGS = (0, 25, 50, 100, 150, 200, 300, 400, 600, 800)
PICTURES, TURNS = 16, 5  # for timing


def enlarged(cascade: ddpm.Cascade, low: Tensor, labels: Tensor, aug: int) -> Tensor:
    """Small pictures (n, C, 14, 14) by the second stage: uint8 (n, C, 28, 28)."""
    drawn = []
    for first, _ in in_batches(len(low)):
        here, seed = slice(first, first + BATCH), TUNING_SEED + first
        drawn.append(cascade.enlarge(low[here], labels=labels[here], aug=aug, seed=seed).cpu())
    return ddpm.to_uint8(torch.cat(drawn))


def blown_up(low: Tensor) -> Tensor:
    """Small pictures as uint8 (n, C, 28, 28) without a network, to measure the first stage by."""
    return ddpm.to_uint8(torch.nn.functional.interpolate(low, scale_factor=2.0, mode="bilinear"))


def sweep(cascade: ddpm.Cascade, n: int, judge: Judge) -> dict[int, float]:
    """The table of aug, and the distance of the whole cascade at each."""
    low = torch.cat([
        ddpm.sample(cascade.base, len(labels), labels=labels, seed=TUNING_SEED + first).cpu()
        for first, labels in in_batches(n)
    ])  # fmt: skip
    test, test_labels = fashion_mnist("test")
    real_low = shrink(to_float(test[:n]))
    head("aug", *COLUMNS, "from real ones")
    distances = {}
    for aug in AUGS:
        found = judge.figures(enlarged(cascade, low, torch.arange(n) % 10, aug))
        bound = judge.distance(enlarged(cascade, real_low, test_labels[:n], aug))
        distances[aug] = float(found["frechet_distance"])
        row(aug, *cells(found), f"{bound:.3f}")
    small_real = blown_up(shrink(to_float(judge.real[:n])))
    first, floor = (
        ddpm.frechet_distance(blown_up(each), small_real, judge.classifier)
        for each in (low, real_low)
    )
    print(f"the first stage alone, its pictures blown up: {first:.3f} (floor {floor:.3f})")
    return distances


def compare(
    cascade: ddpm.Cascade, single: ddpm.Checkpoint, best: int, n: int, judge: Judge
) -> None:
    """The cascade at aug 0 and at its best beside a single network at equal seconds."""
    ways = {
        "cascade": lambda: cascade.sample(PICTURES, labels=7, aug=best),
        "single network": lambda: single.sample(PICTURES, labels=7, steps=10),
    }
    both, ten = medians(ways, TURNS).values()
    calls = max(1, round(10 * both / ten))
    print(f"seconds for {PICTURES} pictures: cascade {both:.3f}, single network {ten:.3f}")
    head("", *COLUMNS)
    found = {}
    for aug in (0, best):
        found[aug] = judge.figures(draw(cascade, n, aug=aug))
        row(f"cascade, aug {aug}", *cells(found[aug]))
    for steps in sorted({10, calls}):
        figures = judge.figures(draw(single, n, steps=steps))
        row(f"single network, {steps} calls", *cells(figures))
    ratio = found[best]["frechet_distance"] / found[0]["frechet_distance"]
    print(f"best aug / aug 0: {ratio:.2f}; {calls} calls of the single network take as long")


def thumbnails(cascade: ddpm.Cascade, path: Path | None) -> None:
    """Ten garments from each of ten real thumbnails: how far their own thumbnails are from it, and
    from one another."""
    images, labels = fashion_mnist("test")
    chosen = torch.stack([(labels == c).nonzero()[0, 0] for c in range(10)])
    low = shrink(to_float(images[chosen]))
    ten_of_each, wanted = (each.repeat_interleave(10, 0) for each in (low, labels[chosen]))
    head("aug", "thumbnails off by (rms)", "garments of a thumbnail differ by (rms)")
    lines = [torch.nn.functional.interpolate(low, scale_factor=2.0)]
    for aug in AUGS:
        many = cascade.enlarge(ten_of_each, labels=wanted, aug=aug).cpu()
        off = (shrink(many) - ten_of_each).square().mean().sqrt()
        apart = many.unflatten(0, (10, 10)).std(1).square().mean().sqrt()
        row(aug, f"{off:.3f}", f"{apart:.3f}")
        lines.append(many[70:80])  # of the sneaker
    if path:
        ddpm.to_pil(ddpm.make_grid(torch.cat(lines), nrow=10)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="cascade", help="as `Cascade.load`")
    parser.add_argument("--single", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--search", type=int, default=2000, help="pictures for the table of aug")
    parser.add_argument("--write", type=Path, help="a new file for the cascade with its best aug")
    parser.add_argument("--thumbnail", type=Path, help="a picture: row k has the k-th aug")
    args = parser.parse_args()

    cascade, single = ddpm.Cascade.load(args.checkpoint), ddpm.load_checkpoint(args.single)
    judge = Judge()
    print(f"n = {args.search}")
    distances = sweep(cascade, args.search, judge)
    best = min(distances, key=distances.__getitem__)
    cascade = replace(cascade, info=cascade.info | {"aug": best})
    if args.write:
        cascade.save(args.write, torch.float16)
        cascade = ddpm.Cascade.load(args.write)
    print(f"\nn = {args.n}")
    compare(cascade, single, best, args.n, judge)
    print()
    thumbnails(cascade, args.thumbnail)


if __name__ == "__main__":
    main()
