"""How much sooner than the notebook: its recipe and a preset of ours, timed in one run.

    python benchmarks/speedrun.py                    # the preset "minute"
    python benchmarks/speedrun.py --preset notebook  # the recipe itself, for its figures: hours

The notebook's recipe takes as long as its 2,345 steps: one of them, in float32 as it stands
there, is timed 20 times, and the median multiplied out. The preset is trained from random
weights to its end, and a thousand of its pictures are measured.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import time
from collections import deque
from pathlib import Path

import torch
from accelerate import Accelerator

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from samplers import draw

import ddpm
from ddpm import checkpoint
from ddpm.config import PRESETS, Config
from ddpm.data import batches, fashion_mnist
from ddpm.evaluation import evaluate, load_classifier

TIMED = 20


def run(config: Config, accelerator: Accelerator | None = None):
    """A run's state, and its steps."""
    images, labels = fashion_mnist("train")
    state = ddpm.TrainState(checkpoint.build_network(config), config.train, accelerator)
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    return state, ddpm.train(state, checkpoint.build_schedule(config), feed, config)


def notebook_seconds() -> float:
    """The whole recipe's time, from its step's."""
    recipe = PRESETS["notebook"]
    _, steps = run(recipe, Accelerator(mixed_precision="no"))
    next(steps)  # the first one allocates
    times = [time.perf_counter()]
    for _ in itertools.islice(steps, TIMED):
        times.append(time.perf_counter())
    step = statistics.median(b - a for a, b in itertools.pairwise(times))
    whole = step * recipe.train.steps
    print(f"notebook: {step:.2f} s a step, times {recipe.train.steps} is {whole:,.0f} s")
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="minute", choices=PRESETS)
    parser.add_argument("--n", type=int, default=1000)
    args = parser.parse_args()

    notebook = notebook_seconds()
    config = PRESETS[args.preset]
    state, steps = run(config)
    begin = time.perf_counter()
    deque(steps, maxlen=0)
    taken = time.perf_counter() - begin
    print(f"{args.preset}: {taken:.1f} s, {notebook / taken:.0f} times sooner than that")

    model = checkpoint.as_denoiser(state.averaged(), config).to(state.accelerator.device)
    classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
    real, held_out = fashion_mnist("train")[0], fashion_mnist("test")[0]
    for guidance in (1.0, 2.0):
        images = draw(model, "dpm_solver", "middle", 10, args.n, guidance=guidance)
        figures = evaluate(images, torch.arange(args.n) % 10, real, held_out, classifier)
        print(f"guidance {guidance}: {json.dumps(figures)}", flush=True)


if __name__ == "__main__":
    main()
