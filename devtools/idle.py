"""Who gets the cores while times are measured: the servers, this program, and everything else.

Everything else is what the machine computed and these didn't: processes of any priority, those that
have ended in the meantime, the kernel, and what a virtual machine's host took away.
"""

import ctypes
import os
import re
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE_S = 300.0
QUIET_S = 3.0  # of next to nothing else, before the cores count as idle
QUIET = 0.05  # of a core: what a resting machine does
LEAST, SHOWN = 0.01, 5  # cores and how many of what else ran, to be named
NOT_BUSY = {"idle", "iowait", "guest", "guest_nice"}  # guests are in user and nice as well
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
THIS, REST = "this program", "the rest"


@dataclass(frozen=True)
class Process:
    parent: int
    name: str
    own_s: float  # of a processor, since it began
    ended_s: float  # of its children that have ended, and of theirs


@dataclass(frozen=True)
class Reading:
    at: float
    busy_s: float  # all cores
    processes: dict[int, Process]


@dataclass(frozen=True)
class Shares:
    """How many cores each kept busy."""

    ours: dict[str, float]
    everything_else: float
    named: dict[str, float]  # parts of it, the largest first

    def __str__(self) -> str:
        parts = self.ours | {"everything else": self.everything_else}
        named = f" ({_listed(self.named)})" if self.named else ""
        return f"{_listed(parts)}{named}, of {psutil.cpu_count()}"


def _listed(cores: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {each:.2f}" for name, each in cores.items())


def read() -> Reading:
    processes = {}
    asked = ["ppid", "name", "cmdline", "cpu_times"]
    for each in psutil.process_iter(asked):
        parent, name, command, times = map(each.info.get, asked)
        if times:  # some systems hide those of other users
            ended_s = times.children_user + times.children_system
            spent = times.user + times.system, ended_s
            processes[each.pid] = Process(parent, _first_words(command) or name, *spent)
    times = psutil.cpu_times()._asdict()
    busy_s = sum(seconds for what, seconds in times.items() if what not in NOT_BUSY)
    return Reading(time.monotonic(), busy_s, processes)


def _first_words(command: list[str] | None) -> str:
    """Without folders, as in "python -m pytest"."""
    words = re.split(r"[\s|]+", " ".join(command or []))  # a bar would end a table's cell
    return " ".join(Path(word).name for word in words[:3])[:40]


def shares(before: Reading, after: Reading, servers: Mapping[str, int]) -> Shares:
    """Between two readings. `servers`, by name, are the numbers of processes that live throughout.
    What they started counts as theirs, whatever else this program started as its own."""
    roots = {os.getpid(): THIS} | {number: name for name, number in servers.items()}
    ours, others = dict.fromkeys([*servers, THIS], 0.0), Counter()
    for sign, reading in ((-1, before), (1, after)):
        for number, process in reading.processes.items():
            if group := _root(number, reading.processes, roots):
                ours[group] += sign * (process.own_s + process.ended_s)
            elif number in after.processes:
                others[after.processes[number].name] += sign * process.own_s
    seconds = after.at - before.at
    ours = {name: spent / seconds for name, spent in ours.items()}
    named = {name: spent / seconds for name, spent in others.most_common(SHOWN)}
    named = {name: cores for name, cores in named.items() if cores >= LEAST}
    most = (after.busy_s - before.busy_s) / seconds - sum(ours.values())
    everything_else = max(most, sum(named.values()))
    if (rest := everything_else - sum(named.values())) >= LEAST:
        named[REST] = rest
    return Shares(ours, everything_else, named)


def _root(number: int, processes: Mapping[int, Process], roots: Mapping[int, str]) -> str | None:
    """The name of the nearest of `roots` among a process and its ancestors."""
    while number and number in processes:
        if number in roots:
            return roots[number]
        number = processes[number].parent
    return None


def wait(patience_s: float | None, servers: Mapping[str, int] = {}) -> None:
    """Return once nothing else uses the cores, or at the end of patience, and print which; at once
    if patience is None."""
    if patience_s is None:
        return
    begin = before = read()
    while True:
        time.sleep(QUIET_S)
        after = read()
        found, waited_s = shares(before, after, servers), after.at - begin.at
        if found.everything_else < QUIET:
            return print(f"Idle: nothing else used the cores after {waited_s:.0f} s.\n", flush=True)
        if waited_s >= patience_s:
            return print(f"NOT IDLE after {waited_s:.0f} s of waiting: {found}.\n", flush=True)
        if before is begin:
            print(f"Waiting up to {patience_s:.0f} s for the cores: {found}.", file=sys.stderr)
        before = after


def add_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--idle",
        type=float,
        nargs="?",
        const=PATIENCE_S,
        metavar="SECONDS",
        help=f"first wait until nothing else uses the cores, at most so long ({PATIENCE_S:.0f})",
    )


@contextmanager
def watched(patience_s: float | None, servers: Mapping[str, int] = {}) -> Iterator[None]:
    """Measure in this block: `wait`s before it, and prints afterwards who kept the cores busy."""
    wait(patience_s, servers)
    if sys.platform == "linux":
        # Lighthouse kills its browser, whose processes would be init's: they become this program's
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = read()
    yield
    print(f"\ncores kept busy: {shares(before, read(), servers)}", flush=True)
