"""What a training run costs those who sample: a network call alone, and beside training.

    python -m benchmarks.beside_training

Times calls of the shipped model at batch 16, as the page makes them, in turns: alone, beside a
run of the Train tab, and beside it without the rule that sampling goes first. The run's own pace
shows that it crawls on.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from unittest.mock import patch

import ddpm
from page.compute import models
from page.server import run_queue
from page.tabs.generate.request import Request, trajectory
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe

ASKED = Request(label=7, count=16, sampler="ddim", steps=200, schedule="cosine", guidance=1, seed=0)


def call_times(seconds: float) -> list[float]:
    """Of each network call, while frames are drawn in between as on the page."""
    _, run = trajectory(models.shipped(), ASKED)
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        begin = time.perf_counter()
        step = next(run)
        times.append(time.perf_counter() - begin)
        ddpm.to_pil(ddpm.make_grid(step.x, 4))
        if step.i + 1 == ASKED.steps:
            _, run = trajectory(models.shipped(), ASKED)
    return times


class Run:
    """A run of the Train tab, in a thread as on the page."""

    def __init__(self, preset: str):
        self.step = 0
        visitor = SimpleNamespace(session_hash="benchmark")
        updates = training.run(visitor, Recipe.of(preset), "fashion", None)
        self.stop = lambda: training.ask_to_stop(visitor)
        self.thread = threading.Thread(target=self._follow, args=(updates,), daemon=True)
        self.thread.start()
        while not self.step:
            time.sleep(0.1)

    def _follow(self, updates: Iterator[tuple]) -> None:
        for report, _ in updates:
            self.step = (report or {}).get("step", self.step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="minute", help="of the training run")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    call_times(2)  # warm up
    kinds = ("alone", "beside training", "without the rule")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    steps = dict.fromkeys(kinds, 0)
    for _ in range(args.turns):
        times["alone"] += call_times(args.seconds)
        run = Run(args.preset)
        for kind in kinds[1:]:
            before = run.step
            with patch.object(
                run_queue,
                "_sampling",
                (lambda: False) if "without" in kind else run_queue._sampling,
            ):
                times[kind] += call_times(args.seconds)
            steps[kind] += run.step - before
        run.stop()
        run.thread.join()
    print("| | mean call | p95 | times alone | training steps/s |\n|---|---|---|---|---|")
    alone = statistics.mean(times["alone"])
    for kind in kinds:
        mean = statistics.mean(times[kind])
        p95 = statistics.quantiles(times[kind], n=20)[-1]
        pace = steps[kind] / args.seconds / args.turns
        cells = f"{mean * 1e3:.0f} ms", f"{p95 * 1e3:.0f} ms", f"{mean / alone:.2f}", f"{pace:.1f}"
        print("|", kind, "|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
