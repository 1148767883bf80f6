"""Times several things in turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch


def medians(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each run, by name, after one round to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if turn:
                taken[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def versions_table(taken: dict[str, dict[str, list[float]]]) -> str:
    """Markdown: one row per action, with each version's median and the ratio to this version.

    taken[version][action] are seconds; this version comes first.
    """
    first, *others = taken
    head = ["", *taken, *(["ratio"] if others else [])]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for action in taken[first]:
        seconds = [statistics.median(actions[action]) for actions in taken.values()]
        cells = [action, *(f"{one:.2f} s" for one in seconds)]
        cells += [f"{seconds[0] / other:.2f}" for other in seconds[1:]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
