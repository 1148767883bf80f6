"""How much a training run slows down sampling on the same machine.

    python -m benchmarks.beside_training

Times network calls of the shipped model at batch 16, with a frame drawn between calls as on the
page: alone, beside a training run, and beside one without the page's rule that sampling goes
first, in turns. The training run's own speed shows that it still makes progress.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Iterator

import ddpm
from page.server.queues.priority import go_first, go_last

ALONE, BESIDE, UNRULED = "alone", "beside training", "without the rule"


def trajectories(model: ddpm.Checkpoint) -> Iterator[ddpm.Step]:
    while True:
        yield from ddpm.trajectory(model, 16, labels=7, sampler="ddim", steps=200)


def call_times(steps: Iterator[ddpm.Step], seconds: float) -> list[float]:
    """Seconds that each network call takes, over this many seconds."""
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        begin = time.perf_counter()
        step = next(steps)
        times.append(time.perf_counter() - begin)
        ddpm.to_pil(ddpm.make_grid(step.x, 4))
    return times


class Training:
    """A run in a thread, whose steps wait for samplers that go first."""

    def __init__(self, preset: str):
        self.step = 0
        self._stop = threading.Event()
        steps = ddpm.fit(ddpm.PRESETS[preset], *ddpm.fashion_mnist("train"))
        self._thread = threading.Thread(target=self._follow, args=(steps,), daemon=True)
        self._thread.start()
        while not self.step and self._thread.is_alive():
            time.sleep(0.1)

    def _follow(self, steps: Iterator[ddpm.TrainStep]) -> None:
        for step in go_last(steps, self._stop):
            self.step = step.step
            if self._stop.is_set():
                return

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="minute", help="the training run's preset")
    parser.add_argument("--seconds", type=float, default=10, help="length of each measurement")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    model = ddpm.load_checkpoint("fashion_mnist", "cpu")
    call_times(trajectories(model), 2)  # warm up
    times: dict[str, list[float]] = {kind: [] for kind in (ALONE, BESIDE, UNRULED)}
    trained = dict.fromkeys(times, 0)
    for _ in range(args.turns):
        times[ALONE] += call_times(trajectories(model), args.seconds)
        training = Training(args.preset)
        for kind in (BESIDE, UNRULED):
            steps, before = trajectories(model), training.step
            times[kind] += call_times(go_first(steps) if kind == BESIDE else steps, args.seconds)
            trained[kind] += training.step - before
        training.stop()
    print("| | mean call | p95 | times alone | training steps/s |\n|---|---|---|---|---|")
    alone = statistics.mean(times[ALONE])
    for kind, taken in times.items():
        mean = statistics.mean(taken)
        p95 = statistics.quantiles(taken, n=20)[-1]
        pace = trained[kind] / args.seconds / args.turns
        cells = f"{mean * 1e3:.0f} ms", f"{p95 * 1e3:.0f} ms", f"{mean / alone:.2f}", f"{pace:.1f}"
        print("|", kind, "|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
