"""Two ways to make a network draw what it is asked for: by a classifier, and without one.

    python -m benchmarks.guidance --n 5000
    python -m benchmarks.guidance --n 1000 --scales 1 4 --shift-scales --free-scales 2

The same checkpoint throughout. For classifier guidance its labels stay hidden: the network is
unconditional, and the classifier alone knows what was asked for. For classifier-free guidance it
sees them. Each row has the same seeds and labels: Fréchet distance, precision, recall, the share
of pictures in which another classifier, which never saw noise, finds the label, and the seconds.

First it says how often the guiding classifier is right about noisy test images. --write keeps that
classifier in float16, and measures what was written.
"""

import argparse
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.sampling.samplers import BEST_SPACING
from ddpm.systems.run import noise_of
from devtools.drawing import BATCH, COLUMNS, Judge, cells, draw, in_batches
from devtools.tables import head, row

SCALES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
FREE_SCALES = (1.0, 1.5, 2.0, 3.0, 4.0)
TIMES = (0, 200, 400, 600, 800, 999)  # of T = 1000


def shifted(
    model: ddpm.Checkpoint, n: int, classifier, scale: float, calls: int, seed: int
) -> Tensor:
    """Images as of `draw`, by algorithm 1: the mean of each ancestral step moves by
    scale Σ ∇ log p(label | x_t)."""
    schedule, drawn = model.schedule, []
    times = ddpm.spaced_timesteps(schedule, calls, BEST_SPACING["ddpm"])
    known = ddpm.retimed(classifier, classifier.schedule, schedule)
    for first, labels in in_batches(n):
        labels = labels.to(schedule.device)
        seeds = ddpm.generators(len(labels), seed + first)
        x, shift = noise_of(model.model, seeds), ddpm.label_gradient(known, labels, scale)
        steps = ddpm.ddpm(model.model, schedule, x, times, mean_shift=shift, generator=seeds)
        (last,) = deque(steps, maxlen=1)
        drawn.append(ddpm.to_uint8(last.x.cpu()))
    return torch.cat(drawn)


def measure(name: str, make: Callable[[], Tensor], judge: Judge) -> None:
    """One row of the table, of the images that `make` makes: labels 0 … 9 in turn."""
    begin = time.perf_counter()
    images = make()
    seconds = time.perf_counter() - begin
    row(name, *cells(judge.figures(images)), f"{seconds:.0f}")


@torch.no_grad()
def accuracy(classifier: ddpm.NoisyClassifier, n: int, t: int) -> float:
    """How often it is right about the first n test images, noised to t."""
    images, labels = fashion_mnist("test")
    device, right = classifier.schedule.device, 0
    for first, _ in in_batches(n):
        x = to_float(images[first : min(first + BATCH, n)])
        noise = ddpm.randn_like(x, ddpm.generators(len(x), first))
        times = torch.full((len(x),), t, device=device)
        x_t = ddpm.q_sample(classifier.schedule, x.to(device), times, noise.to(device))
        found = classifier(x_t, times).argmax(1).cpu()
        right += int((found == labels[first : first + len(x)]).sum())
    return right / n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--classifier", default="noisy_classifier", help="that guides")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--calls", type=int, default=10, help="of DPM-Solver++")
    parser.add_argument("--shift-calls", type=int, default=50, help="of ddpm with mean_shift=")
    parser.add_argument("--scales", type=float, nargs="*", default=SCALES)
    parser.add_argument("--shift-scales", type=float, nargs="*", default=SCALES[1:])
    parser.add_argument("--free-scales", type=float, nargs="*", default=FREE_SCALES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="a new file for the classifier")
    args = parser.parse_args()

    model = ddpm.load_checkpoint(args.checkpoint)
    classifier = ddpm.NoisyClassifier.load(args.classifier, model.schedule.device)
    if args.write:
        network = classifier.network.half()
        ddpm.save_checkpoint(args.write, network, classifier.config, **classifier.info)
        classifier = ddpm.NoisyClassifier.load(args.write, model.schedule.device)
    right = ", ".join(f"{accuracy(classifier, args.n, t):.1%} at t = {t}" for t in TIMES)
    print(f"the classifier is right about {right}")
    judge = Judge()
    print(f"n = {args.n}, floor {judge.floor(args.n):.3f}")
    head("", *COLUMNS, "seconds")
    best = {"sampler": "dpm_solver", "steps": args.calls}  # of few calls
    plain = partial(draw, model, args.n, seed=args.seed, **best)
    for scale in args.scales:
        make = partial(plain, classifier=classifier, guidance=scale)
        measure(f"classifier, scale {scale:g}", make, judge)
    way = {"calls": args.shift_calls, "seed": args.seed}
    for scale in args.shift_scales:
        make = partial(shifted, model, args.n, classifier, scale, **way)
        measure(f"classifier, mean shifted, scale {scale:g}, {args.shift_calls} calls", make, judge)
    for scale in args.free_scales:
        measure(f"classifier-free, scale {scale:g}", partial(plain, guidance=scale), judge)


if __name__ == "__main__":
    main()
