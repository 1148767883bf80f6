"""A student in one, two and four calls: where its calls lie, and what they draw.

    python -m benchmarks.few_calls --checkpoint runs/student --teacher fashion_mnist \
        --write checkpoints/student.safetensors

A student knows the times at which its teacher was asked on the paths that it learned from, and is
asked at no others. Which of them is searched with seeds that no other figure uses, for the least
product of what both encoders, which never saw a label, see above their floors, unless its file
names them; then, in the same way, a temperature, which x_T is multiplied by, and a contrast, which
the picture is: what a student draws in few calls is still a little of a mean, pale and of fewer
kinds. --write keeps all with the weights, in float16, for `ddpm.sample` to read. Then measures what
it wrote: 1, 2 and 4 calls beside the teacher's own best, in the eyes of benchmarks.guides, and for
how many seeds both draw the same class when they are given no label.
"""

import argparse
import itertools
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

import ddpm
from benchmarks.guides import Eyes, listed, print_head, row
from ddpm.evaluation.frechet import Classifier, features_and_logits
from ddpm.sampling.bf16 import in_bf16
from ddpm.sampling.sample import begin
from devtools.drawing import TUNING_SEED, draw, in_batches

CALLS = (1, 2, 4)
CHOSEN = ("times", "temperature", "contrast")  # of each number of calls, in `info["sampling"]`
TEMPERATURES = (1.0, 1.02)
CONTRASTS = (1.0, 1.005, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06)
SEEN = -4.0  # log-SNR of the earliest call after the first: before, there is no picture to see


def at(
    model: ddpm.Checkpoint, times: list[int], temperature: float = 1.0, contrast: float = 1.0
) -> ddpm.Checkpoint:
    """The model with these times, this temperature and this contrast for so many calls."""
    own, calls = model.info.get("sampling", {}), str(len(times))
    for name, found in zip(CHOSEN, (times, temperature, contrast), strict=True):
        own = own | {name: own.get(name, {}) | {calls: found}}
    return replace(model, info=model.info | {"sampling": own})


def search(student: ddpm.Checkpoint, teacher: ddpm.Checkpoint, eyes: Eyes) -> ddpm.Checkpoint:
    """The student with its own or the best times, and what is best at them, for each of CALLS."""
    fast, schedule = replace(student, model=in_bf16(student.model)), student.schedule
    assert student.config.distill is not None
    known = begin(teacher, 1, steps=student.config.distill.calls).timesteps
    later = [t for t in known if schedule.log_snr[t] > SEEN]

    def distance(times: list[int], at_them: tuple[float, float] = (1.0, 1.0)) -> float:
        images = draw(at(fast, times, *at_them), eyes.n, steps=len(times), seed=TUNING_SEED)
        found = eyes.distances(images)
        print(f"  {times}, temperature and contrast {at_them}: {listed(found)}", flush=True)
        return math.prod(found[k] - eyes.floors[k] for k in (1, 2))

    named = student.info.get("sampling", {}).get("times", {})
    for calls in CALLS:
        tried = itertools.combinations(later, calls - 1)
        times = named.get(str(calls)) or min(([schedule.T - 1, *e] for e in tried), key=distance)
        ways = itertools.product(TEMPERATURES, CONTRASTS)
        student = at(student, times, *min(ways, key=partial(distance, times)))
    return student


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
        print("what is tried, and the distances that it gets")
        student = search(student, teacher, Eyes(args.search))
        student.save(args.write, torch.float16)
        student = ddpm.load_checkpoint(args.write)
    print({name: student.info["sampling"].get(name) for name in CHOSEN})
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
