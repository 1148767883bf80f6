"""How late the page is while it computes: one visitor trains, one samples, one changes settings.

    python -m benchmarks.beside_training
    python -m benchmarks.beside_training --other ../before    # another checkout, in turns

Each version serves for a while, alone on the machine, in turns: networks in workers, in the page's
own process, and the other checkout. /health is answered by the event loop itself, so its time is
how late the loop is. Trained steps and samplings show that neither starves.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
from collections import defaultdict
from pathlib import Path

from benchmarks.room import Room
from devtools import ROOT, idle
from devtools.gauges import Gauges
from devtools.server import App, running_app

STEP = re.compile(rb'"step"\]?[,:] ?(\d+)')  # whole, or as what has changed
BREAK_S = 0.2  # between two settings, and two samplings


class Busy:
    """What one turn of a version showed."""

    def __init__(self, app: App, seconds: float):
        self.room, self.gauges = Room(app.url, [], seconds), Gauges(app)
        self.steps: list[int] = []

    async def measure(self) -> None:
        training = asyncio.create_task(self._train())
        while not self.steps:
            await asyncio.sleep(0.1)
            if training.done():
                training.result()
        self.steps.clear()
        tasks = [self.gauges.watch(), self._again(self.room.sample)]
        tasks += [self._again(self.room.change_noise)]
        others = [asyncio.create_task(task) for task in tasks]
        await asyncio.sleep(self.room.seconds)
        for task in (training, *others):
            task.cancel()
        await asyncio.gather(training, *others, return_exceptions=True)

    async def _train(self) -> None:
        async for _, report in self.room.visitor().run("show_run", {"train-steps": 20_000}):
            self.steps += map(int, STEP.findall(report))

    async def _again(self, act) -> None:
        visitor = self.room.visitor()
        while True:
            await act(visitor)
            await asyncio.sleep(BREAK_S)


def milliseconds(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return f"{1e3 * cuts[9]:.0f}, {1e3 * cuts[18]:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30, help="of each turn")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    idle.add_argument(parser)
    args = parser.parse_args()
    versions = {"workers": (ROOT, "workers"), "local": (ROOT, "local")}
    if args.other:
        versions["the other"] = args.other.resolve(), "workers"
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    idle.wait(args.idle)
    for name, (root, compute) in [*versions.items()] * args.turns:
        with running_app(root, DDPM_COMPUTE=compute) as app:
            busy = Busy(app, args.seconds)
            asyncio.run(busy.measure())
        found = times[name]
        found["/health"] += busy.gauges.waits_s
        for action, took in busy.room.times.items():
            found[action] += took
        found["steps"] += [(max(busy.steps, default=0) - min(busy.steps, default=0)) / args.seconds]
    actions = ["/health", "a changed setting on the Noise tab", "first frame", "sample of 16"]
    print(f"\n| ms: p50, p95 | {' | '.join(actions)} | samplings | training steps/s |")
    print("|---" * (len(actions) + 3) + "|")
    for name, found in times.items():
        cells = [milliseconds(found[action]) for action in actions]
        cells += [str(len(found["sample of 16"])), f"{statistics.mean(found['steps']):.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
