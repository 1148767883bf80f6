"""A student in one, two and four calls: where its calls lie, and what they draw.

    python -m benchmarks.few_calls --checkpoint runs/student --teacher fashion_mnist \
        --write checkpoints/student.safetensors

Searches the noise levels of the calls, one call after the other, with seeds that no other figure
uses, for the least distance to the autoencoder, which never saw a label; --write keeps them with
the weights, in float16, for `ddpm.sample` to read. Then measures what it wrote: 1, 2 and 4 calls
beside the teacher's own best, in the eyes of benchmarks.guides, and for how many seeds both draw
the same class when they are given no label.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from benchmarks.guides import NAMES, Eyes, listed, print_head, row
from ddpm.evaluation.frechet import Classifier, features_and_logits
from devtools.drawing import TUNING_SEED, draw, in_batches

CALLS = (1, 2, 4)
FIRST = (999, 975, 950, 925)  # candidates for the first call, of T = 1000
LATER = range(50, 900, 50)  # and for the calls after it


def at(model: ddpm.Checkpoint, times: list[int]) -> ddpm.Checkpoint:
    """The model with these times for so many calls."""
    own = model.info.get("sampling", {})
    own = own | {"times": own.get("times", {}) | {str(len(times)): times}}
    return replace(model, info=model.info | {"sampling": own})


def search(student: ddpm.Checkpoint, eyes: Eyes) -> dict[int, list[int]]:
    """The best times found for each number of calls: with one more call, the best place for it
    among those that are there."""

    def distance(times: list[int]) -> float:
        images = draw(at(student, times), eyes.n, steps=len(times), seed=TUNING_SEED)
        found = eyes.distances(images)
        print(f"  {times}: {listed(found)}", flush=True)
        return found[NAMES.index("autoencoder")]

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
        ddpm.to_uint8(model.sample(len(labels), steps=steps, seed=first).cpu())
        for first, labels in in_batches(n)
    ]
    return features_and_logits(torch.cat(drawn), classifier)[1].argmax(1)


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
    if args.write:
        print("times, and the distances that they get")
        chosen = search(student, Eyes(args.search))
        for calls in CALLS:
            student = at(student, chosen[calls])
        student.save(args.write, torch.float16)
        student = ddpm.load_checkpoint(args.write)
    print(f"times: {student.info['sampling'].get('times')}")
    eyes = Eyes(args.n)
    print_head("")
    for seed in range(args.seeds):
        for model, steps in ((teacher, None), *((student, calls) for calls in CALLS)):
            name = f"{steps} calls" if steps else "teacher"
            row(f"{name}, seed {seed}", eyes, model, steps=steps, seed=seed * args.n)
    classifier = eyes.judge.classifier
    theirs = classes(teacher, args.n, classifier, None)
    for calls in CALLS:
        drawn = classes(student, args.n, classifier, calls)
        same = (drawn == theirs).double().mean().item()
        print(f"without labels, {calls} calls draw the teacher's class for {same:.1%} of the seeds")


if __name__ == "__main__":
    main()
