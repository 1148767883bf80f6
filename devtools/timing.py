"""Times several things in turns, so that a busy machine slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import torch

from devtools.tables import head, row

Name = TypeVar("Name")
Found = TypeVar("Found")


def in_turns(runs: Mapping[Name, Callable[[], Found]], repeats: int) -> dict[Name, list[Found]]:
    """What each returns, by name, after one round to warm up."""
    found: dict[Name, list[Found]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            each = run()
            if turn:
                found[name].append(each)
    return found


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def medians(runs: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each run, by name, after one round to warm up."""
    taken = in_turns({name: partial(_seconds, run) for name, run in runs.items()}, repeats)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def versions_table(taken: dict[str, dict[str, list[float]]]) -> None:
    """Prints one row per action, with each version's median and the ratio to this version.

    taken[version][action] are seconds; this version comes first.
    """
    first, *others = taken
    head("", *taken, *(["ratio"] if others else []))
    for action in taken[first]:
        seconds = [statistics.median(actions[action]) for actions in taken.values()]
        cells = action, *(f"{one:.2f} s" for one in seconds)
        row(*cells, *(f"{seconds[0] / other:.2f}" for other in seconds[1:]))
