"""Two ways to make a network draw what it is asked for: by a classifier, and without one.

    python -m benchmarks.guidance --n 5000
    python -m benchmarks.guidance --n 1000 --scales 1 4

The same checkpoint throughout. For classifier guidance its labels stay hidden: the network is
unconditional, and the classifier alone knows what was asked for. For classifier-free guidance it
sees them. Each row has the same seeds and labels: Fréchet distance, precision, recall, the share
of pictures in which another classifier, which never saw noise, finds the label, and the seconds.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor
from tqdm import tqdm

import ddpm
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.evaluation.frechet import evaluate, load_classifier
from ddpm.sampling.samplers import BEST_SPACING
from devtools import ROOT
from devtools.drawing import BATCH

SCALES = (1.0, 2.0, 4.0, 8.0, 16.0)
FREE_SCALES = (1.0, 1.5, 2.0, 3.0, 4.0)

# (x, labels, one generator for each picture) -> the last step's pictures
Draw = Callable[[Tensor, Tensor, list], Tensor]


def by_eps(model: ddpm.Checkpoint, classifier, scale: float, calls: int) -> Draw:
    """ε̂ = ε - √(1-ᾱ) scale ∇ log p(label | x_t), in the best sampler of few calls."""
    schedule = model.schedule
    times = ddpm.spaced_timesteps(schedule, calls, BEST_SPACING["dpm_solver"])

    def draw(x: Tensor, labels: Tensor, seeds: list) -> Tensor:
        eps_fn = ddpm.classifier_guided(model.model, classifier, schedule, labels, scale)
        return last(ddpm.dpm_solver(eps_fn, schedule, x, times))

    return draw


def by_mean(model: ddpm.Checkpoint, classifier, scale: float, calls: int) -> Draw:
    """Algorithm 1: the mean of each ancestral step moves by scale Σ ∇ log p(label | x_t)."""
    schedule = model.schedule
    times = ddpm.spaced_timesteps(schedule, calls, BEST_SPACING["ddpm"])

    def draw(x: Tensor, labels: Tensor, seeds: list) -> Tensor:
        shift = ddpm.label_gradient(classifier, labels, scale)
        steps = ddpm.ddpm(model.model, schedule, x, times, mean_shift=shift, generator=seeds)
        return last(steps)

    return draw


def classifier_free(model: ddpm.Checkpoint, scale: float, calls: int) -> Draw:
    schedule = model.schedule
    times = ddpm.spaced_timesteps(schedule, calls, BEST_SPACING["dpm_solver"])

    def draw(x: Tensor, labels: Tensor, seeds: list) -> Tensor:
        eps_fn = ddpm.conditioned(model.model, labels, scale)
        return last(ddpm.dpm_solver(eps_fn, schedule, x, times))

    return draw


def last(steps) -> Tensor:
    (step,) = deque(steps, maxlen=1)
    return step.x


def measure(name: str, draw: Draw, args: argparse.Namespace, model, data: tuple) -> None:
    """One row of the table."""
    wanted, drawn = torch.arange(args.n) % 10, []
    device, begin = model.schedule.device, time.perf_counter()
    for first in tqdm(range(0, args.n, BATCH), leave=False):
        labels = wanted[first : first + BATCH]
        seeds = ddpm.generators(len(labels), args.seed + first)
        x = ddpm.randn_like(torch.empty(len(labels), *model.model.network.shape), seeds)
        drawn.append(ddpm.to_uint8(draw(x.to(device), labels.to(device), seeds).cpu()))
    seconds = time.perf_counter() - begin
    found = evaluate(torch.cat(drawn), wanted, *data)
    keys = ("frechet_distance", "precision", "recall", "label_accuracy")
    figures = " | ".join(f"{found[key]:.3f}" for key in keys)
    print(f"| {name} | {figures} | {seconds:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--classifier", default="noisy_classifier", help="that guides")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--calls", type=int, default=10, help="of DPM-Solver++")
    parser.add_argument("--shift-calls", type=int, default=50, help="of ddpm with mean_shift=")
    parser.add_argument("--scales", type=float, nargs="+", default=SCALES)
    parser.add_argument("--free-scales", type=float, nargs="+", default=FREE_SCALES)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    model = ddpm.load_checkpoint(args.checkpoint)
    knows_noise = ddpm.NoisyClassifier.load(args.classifier, model.schedule.device)
    classifier = ddpm.retimed(knows_noise, knows_noise.schedule, model.schedule)
    real, held_out = fashion_mnist("train")[0], fashion_mnist("test")[0]
    data = real, held_out, load_classifier(ROOT / "checkpoints/classifier.safetensors")
    floor = ddpm.frechet_distance(held_out[: args.n], real[: args.n], data[2])
    print(f"n = {args.n}, floor {floor:.3f}")
    print("| | Fréchet distance | precision | recall | label accuracy | seconds |")
    print("|---|---|---|---|---|---|")
    rows = {"labels hidden, no guidance": by_eps(model, classifier, 0.0, args.calls)}
    for scale in args.scales:
        rows[f"classifier, scale {scale:g}"] = by_eps(model, classifier, scale, args.calls)
    for scale in args.scales:
        name = f"classifier, mean shifted, scale {scale:g}, {args.shift_calls} calls of `ddpm`"
        rows[name] = by_mean(model, classifier, scale, args.shift_calls)
    for scale in args.free_scales:
        rows[f"classifier-free, scale {scale:g}"] = classifier_free(model, scale, args.calls)
    for name, draw in rows.items():
        measure(name, draw, args, model, data)


if __name__ == "__main__":
    main()
