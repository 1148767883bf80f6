"""What guides the pretrained model best: labels, a classifier or a worse model; how much, and when.

    python -m benchmarks.guides --by labels noisy_classifier fashion_mnist_minute
    ddpm train --preset minute --out runs/minute
    python -m benchmarks.guides --by runs/minute --write minute.safetensors

Several kinds of eyes look at the same pictures: the features of the classifier that `ddpm evaluate`
uses, and its encoders, which never saw a label. Floors are the distances of n test pictures, their
classes in turn, as in what is drawn.

Scales and intervals are tried on seeds of their own. What is best there, by the product of what the
classifier and the autoencoder see above their floors, is then drawn from other seeds, beside what
is best at all times; "contrastive" has no say. --write keeps the first model named in float16, and
it is the written one that is measured.
"""

import argparse
import math
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from ddpm.data import USUAL
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.evaluation.encoders import load_encoders
from ddpm.evaluation.frechet import metric_distance
from ddpm.sampling.bf16 import in_bf16
from devtools import tables
from devtools.drawing import TUNING_SEED, Judge, draw

# scales to try at all times, and by interval of T = 1000
WAYS = {
    "labels": {
        None: (1.3, 1.5, 2),
        (0, 900): (1.5, 2),
        (300, 900): (2,),
        (0, 700): (1.5, 2, 3),
        (0, 500): (2, 3),
    },
    "classifier": {None: (4, 16), (300, 999): (16,)},
    "guide": {None: (1.1, 1.15, 1.2, 1.3, 1.5), (0, 700): (1.3, 1.5), (0, 500): (1.3,)},
}
NAMES = ("classifier", "autoencoder", "contrastive")
Way = tuple[float, tuple[int, int] | None]  # scale and interval
PLAIN: Way = (1.0, None)


class Eyes:
    """The distances of pictures that are shown to all, in the order of `NAMES`."""

    def __init__(self, n: int):
        self.judge, self.n = Judge(), n
        assert USUAL.encoders is not None
        encoders = load_encoders(USUAL.encoders)
        self.metrics = [encoders[name].metric() for name in NAMES[1:]]
        images, labels = fashion_mnist("test")
        each = [torch.nonzero(labels == label).flatten()[: n // 10] for label in range(10)]
        self.floors = self.distances(images[torch.stack(each, 1).flatten()])
        print(f"n = {n}; floors {listed(self.floors)}", flush=True)

    def distances(self, images: Tensor) -> list[float]:
        by_encoders = (metric_distance(images, None, each) for each in self.metrics)
        return [self.judge.distance(images), *by_encoders]

    def product(self, found: list[float]) -> float:
        """By which it is chosen, of what the first two see above their floors."""
        return math.prod(found[k] - self.floors[k] for k in range(2))


def listed(distances: list[float]) -> str:
    return ", ".join(f"{each:.3f}" for each in distances)


def print_head(first: str) -> None:
    tables.head(first, *NAMES, "recall", "labels right", "seconds")


def row(name: str, eyes: Eyes, model: ddpm.Checkpoint | ddpm.Denoiser, **settings) -> list[float]:
    """Draw with these settings. One row of the table, and its distances."""
    begin = time.perf_counter()
    images = draw(model, eyes.n, **settings)
    seconds = time.perf_counter() - begin
    found, figures = eyes.distances(images), eyes.judge.figures(images)
    right = f"{figures['label_accuracy']:.1%}"
    distances = (f"{each:.3f}" for each in found)
    tables.row(name, *distances, f"{figures['recall']:.3f}", right, f"{seconds:.0f}")
    return found


def table(
    model: ddpm.Checkpoint, guide: dict, ways: list[Way], eyes: Eyes, **drawn
) -> dict[Way, float]:
    """Draw in each of these ways. Returns for each the product by which it is chosen."""
    print_head("scale, t")
    products = {}
    for way in ways:
        by = {} if way == PLAIN else guide
        settings = {"guidance": way[0], "interval": way[1], "sampler": "dpm_solver"} | drawn | by
        products[way] = eyes.product(row(said(way), eyes, model, **settings))
    return products


def guided_by(name: str) -> dict:
    """As `ddpm.sample` takes it."""
    if name == "labels":
        return {}
    guide = ddpm.load(name)
    if isinstance(guide, ddpm.NoisyClassifier):
        return {"classifier": guide}
    return {"guide": in_bf16(guide.model)}


def said(way: Way) -> str:
    scale, interval = way
    if way == PLAIN:
        return "plain"
    return f"{scale:g}" + (f", t {interval[0]} to {interval[1]}" if interval else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument(
        "--by", nargs="+", default=["fashion_mnist_minute"],
        help="what guides: labels, a classifier of noisy pictures, or a worse model",
    )  # fmt: skip
    parser.add_argument("--n", type=int, default=2000, help="pictures that are reported")
    parser.add_argument("--tune-n", type=int, default=1000, help="pictures to tune with")
    parser.add_argument("--calls", type=int, default=10, help="of DPM-Solver++")
    parser.add_argument("--seed", type=int, default=0, help="of the first picture that is reported")
    parser.add_argument("--write", type=Path, help="a new file for the first model")
    args = parser.parse_args()

    if args.write:
        first = ddpm.load_checkpoint(args.by[0])
        first.save(args.write, torch.float16)
        args.by[0] = str(args.write)
    loaded = ddpm.load_checkpoint(args.checkpoint)
    model = replace(loaded, model=in_bf16(loaded.model))
    tuning, reporting = Eyes(args.tune_n), Eyes(args.n)
    for name in args.by:
        guide = guided_by(name)
        print(f"\n{name}, n = {tuning.n}, tuned from seed {TUNING_SEED:,} on:\n")
        intervals = WAYS[next(iter(guide), "labels")]
        ways = [(scale, interval) for interval, scales in intervals.items() for scale in scales]
        drawn = {"steps": args.calls, "seed": TUNING_SEED}
        products = table(model, guide, [PLAIN, *ways], tuning, **drawn)
        best = min(ways, key=products.__getitem__)
        throughout = min((way for way in ways if way[1] is None), key=products.__getitem__)
        print(f"\nbest: {said(best)}. n = {reporting.n} from seed {args.seed:,} on, new to all:\n")
        ways = list(dict.fromkeys([PLAIN, best, throughout]))
        table(model, guide, ways, reporting, steps=args.calls, seed=args.seed)


if __name__ == "__main__":
    main()
