"""How much sooner than the notebook: its recipe and a preset of ours, timed in one run.

    python -m ddpm train --preset notebook --out runs/notebook  # the recipe itself, once: hours
    python -m benchmarks.speedrun --recipe runs/notebook/model.safetensors

With --label-dropout 1 --ema-decay 0 the recipe has neither labels nor averaged weights, like the
notebook's.

The notebook's recipe takes as long as its 2,345 steps: one of them, in float32 as it stands
there, is timed 20 times, and the median multiplied out. The preset is trained from random
weights to its end, once for each seed, right after that step, and a thousand pictures of each are
measured, as are the recipe's own if --recipe says where its trained model lies.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator

import ddpm
from benchmarks.samplers import draw
from ddpm import checkpoint
from ddpm.config import PRESETS, Config
from ddpm.data.batches import batches
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.evaluation.frechet import evaluate, load_classifier
from ddpm.training.accelerate_patches import new_accelerator, reset_state
from ddpm.training.loop import make_accelerator
from devtools import ROOT

TIMED = 20
# How pictures are drawn for the figures: sampler, spacing, calls; and with which guidance, at
# which t. Where all is noise, strong guidance costs variety.
WAY = ("dpm_solver", "middle", 10)
GUIDANCES = ((1.0, (0, 999)), (2.0, (0, 999)), (3.0, (0, 900)))


def run(config: Config, accelerator: Accelerator | None = None):
    """A run's state, and its steps."""
    images, labels = fashion_mnist("train")
    state = ddpm.TrainState(checkpoint.build_network(config), config.train, accelerator)
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    return state, ddpm.train(state, checkpoint.build_schedule(config), feed, config)


def notebook_seconds() -> float:
    """The whole recipe's time, from its step's."""
    recipe = PRESETS["notebook"]
    reset_state()  # a process has one precision
    _, steps = run(recipe, new_accelerator(mixed_precision="no"))
    next(steps)  # the first one allocates
    times = [time.perf_counter()]
    for _ in itertools.islice(steps, TIMED):
        times.append(time.perf_counter())
    step = statistics.median(b - a for a, b in itertools.pairwise(times))
    whole = step * recipe.train.steps
    print(f"notebook: {step:.2f} s a step, times {recipe.train.steps} is {whole:,.0f} s")
    return whole


def figures(name: str, model: ddpm.Denoiser, n: int, guidances: tuple = GUIDANCES) -> None:
    classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
    real, held_out = fashion_mnist("train")[0], fashion_mnist("test")[0]
    for guidance, interval in guidances:
        images = draw(model, *WAY, n, guidance=guidance, interval=interval)
        measured = evaluate(images, torch.arange(n) % 10, real, held_out, classifier)
        way = f"{WAY[0]} {WAY[2]} calls, guidance {guidance:g} at t in {interval}"
        print(f"{name}, {way}: {json.dumps(measured)}", flush=True)


def train_and_measure(name: str, config: Config, notebook: float, n: int) -> None:
    reset_state()
    accelerator = make_accelerator()
    state, steps = run(config, accelerator)
    begin = time.perf_counter()
    deque(steps, maxlen=0)
    taken = time.perf_counter() - begin
    precision = accelerator.mixed_precision
    print(f"{name}, precision {precision}: {taken:.1f} s, 1/{notebook / taken:.0f} of that")
    model = checkpoint.as_denoiser(state.averaged(), config).to(accelerator.device)
    figures(name, model, n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="minute", choices=PRESETS)
    parser.add_argument("--recipe", type=Path, help="the trained model of the preset notebook")
    parser.add_argument("--steps", type=int, help="other than the preset's")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--n", type=int, default=1000)
    args = parser.parse_args()

    config = PRESETS[args.preset]
    steps = args.steps or config.train.steps
    for seed in range(args.seeds):
        notebook = notebook_seconds()
        config = replace(config, train=replace(config.train, steps=steps, seed=seed))
        train_and_measure(f"{args.preset}, seed {seed}", config, notebook, args.n)
    if args.recipe:
        recipe = ddpm.load_checkpoint(args.recipe)
        without_labels = recipe.config.train.label_dropout == 1
        ways = ((0.0, None),) if without_labels else GUIDANCES
        figures("notebook", recipe.model, args.n, ways)


if __name__ == "__main__":
    main()
