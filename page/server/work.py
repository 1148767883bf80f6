"""What this server works on, as its own parts see it: how much, for whom, and that it has to end.

`page/jobs` does the work, and notes it here.
"""

from __future__ import annotations

import threading
from typing import Protocol


class Run(Protocol):
    """A run in the background."""

    session: str | None
    ended: bool
    patience_s: float  # that it goes on without a follower


class Pool(Protocol):
    """Places for runs, and a line before them."""

    def counts(self) -> dict[str, int]:
        """How many are `at_work`, and `waiting`."""
        ...

    def wake(self) -> None:
        """Let those in line look again, since the server ends."""
        ...


closing = threading.Event()  # set on shutdown: each run ends after its current step
runs: set[Run] = set()  # at work, or ended not long ago
pools: dict[str, Pool] = {}


def counts() -> dict[str, dict[str, int]]:
    return {name: pool.counts() for name, pool in pools.items()}


def at_work() -> set[str]:
    """The sessions that have a run."""
    return {run.session for run in runs if run.session and not run.ended}


def unheard(session: str | None) -> None:
    """Nobody has ever listened to this session: its runs end without their followers."""
    for run in runs:
        if run.session == session:
            run.patience_s = 0.0


def close() -> None:
    """End every run: those in line at once, those at work after their current step."""
    closing.set()
    for pool in pools.values():
        pool.wake()
