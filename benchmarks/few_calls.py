"""A student in one, two and four calls: where its calls lie, and what they draw.

    python -m benchmarks.few_calls --checkpoint runs/student --teacher fashion_mnist \
        --write checkpoints/fashion_mnist_few.safetensors

Searches the noise levels of the calls, one call after the other, with seeds that no other figure
uses; --write keeps them with the weights, in float16, for `ddpm.sample` to read. Then measures what
it wrote: 1, 2 and 4 calls beside the teacher's own best, and for how many seeds both draw the same
class when they are given no label. "other" is the distance in features of quite another kind: of
the image encoder of `UnClip`, which learned from captions. The search takes the times whose
two distances have the least product, so that neither is made small at the other's cost.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.evaluation.encoders import Encoder
from ddpm.evaluation.frechet import (
    Classifier,
    evaluate,
    features_and_logits,
    load_classifier,
    metric_distance,
)
from ddpm.networks.clip import EMBEDDING
from devtools import ROOT
from devtools.drawing import BATCH, draw

SWEEP_SEED = 1_000_000  # of the search; figures have seeds from 0 on
CALLS = (1, 2, 4)
FIRST = (999, 975, 950, 925)  # candidates for the first call, of T = 1000
LATER = range(50, 900, 50)  # and for the calls after it


def at(student: ddpm.Checkpoint, times: list[int]) -> ddpm.Checkpoint:
    """The student with these times for so many calls."""
    known = student.info["sampling"].get("times", {}) | {str(len(times)): times}
    own = student.info["sampling"] | {"times": known}
    return replace(student, info=student.info | {"sampling": own})


def other_distance(images: Tensor, real: Tensor, embeddings: Encoder) -> float:
    return metric_distance(images, real, embeddings.metric())


def search(
    student: ddpm.Checkpoint, real: Tensor, classifier: Classifier, embeddings: Encoder
) -> dict[int, list[int]]:
    """The best times found for each number of calls, with as many pictures as real ones: with one
    more call, the best place for it among those that are there."""

    def distance(times: list[int]) -> float:
        images = draw(at(student, times), len(real), steps=len(times), seed=SWEEP_SEED)
        found = ddpm.frechet_distance(images, real, classifier)
        other = other_distance(images, real, embeddings)
        print(f"  {times}: {found:.3f}, other {other:.3f}", flush=True)
        return found * other

    T = student.schedule.T
    best = min(([t * T // 1000] for t in FIRST), key=distance)
    chosen = {1: best}
    for calls in range(2, max(CALLS) + 1):
        later = {t * T // 1000 for t in LATER} - {*best}
        tried = [sorted([*best, t], reverse=True) for t in later if t < best[0]]
        chosen[calls] = best = min(tried, key=distance)
    return chosen


def classes(model: ddpm.Checkpoint, n: int, classifier: Classifier, steps: int | None) -> Tensor:
    """What the classifier sees in n pictures drawn without labels, (n,)."""
    drawn = [
        ddpm.to_uint8(ddpm.sample(model, min(BATCH, n - k), steps=steps, seed=k).cpu())
        for k in range(0, n, BATCH)
    ]
    return features_and_logits(torch.cat(drawn), classifier)[1].argmax(1)


def report(
    name: str,
    model: ddpm.Checkpoint,
    args: argparse.Namespace,
    data: tuple,
    embeddings: Encoder,
    steps: int | None,
) -> None:
    """One row of the table: the mean of the seeds, and each seed's distance."""
    wanted, real = torch.arange(args.n) % 10, data[0][: args.n]
    found = []
    for seed in range(args.seeds):
        images = draw(model, args.n, steps=steps, seed=seed * args.n)
        other = other_distance(images, real, embeddings)
        found.append(evaluate(images, wanted, *data) | {"other": other})
    each = " / ".join(f"{row['frechet_distance']:.3f}" for row in found)
    keys = ("frechet_distance", "precision", "recall", "label_accuracy", "other")
    means = " | ".join(f"{statistics.mean(row[key] for row in found):.3f}" for key in keys)
    print(f"| {name} | {means} | {each} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist_few", help="the student")
    parser.add_argument("--teacher", default="fashion_mnist")
    parser.add_argument("--write", type=Path, help="a new file for the student with its times")
    parser.add_argument("--search", type=int, default=2000, help="pictures for each candidate")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()

    student, teacher = ddpm.load_checkpoint(args.checkpoint), ddpm.load_checkpoint(args.teacher)
    classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
    embeddings = Encoder(ddpm.UnClip.load(device="cpu").pair.image, EMBEDDING)
    real, held_out = fashion_mnist("train")[0], fashion_mnist("test")[0]
    if args.write:
        print("times, and the distances that they get")
        chosen = search(student, real[: args.search], classifier, embeddings)
        for calls in CALLS:
            student = at(student, chosen[calls])
        network = student.model.network.half()
        ddpm.save_checkpoint(args.write, network, student.config, **student.info)
        student = ddpm.load_checkpoint(args.write)
    print(f"times: {student.info['sampling'].get('times')}")
    print("| | Fréchet distance | precision | recall | label accuracy | other | each seed |")
    print("|---|---|---|---|---|---|---|")
    data = real, held_out, classifier
    floor = ddpm.frechet_distance(held_out[: args.n], real[: args.n], classifier)
    other = other_distance(held_out[: args.n], real[: args.n], embeddings)
    print(f"| real test images | {floor:.3f} | | | | {other:.3f} | |")
    report("teacher", teacher, args, data, embeddings, None)
    for calls in CALLS:
        report(f"{calls} calls", student, args, data, embeddings, calls)
    theirs = classes(teacher, args.n, classifier, None)
    for calls in CALLS:
        same = (classes(student, args.n, classifier, calls) == theirs).double().mean().item()
        print(f"without labels, {calls} calls draw the teacher's class for {same:.1%} of the seeds")


if __name__ == "__main__":
    main()
