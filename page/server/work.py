"""What this server works on, as its own parts see it: how much, for whom, and that it has to end.

`page/jobs` does the work, and notes it here.
"""

import threading
from typing import Any

closing = threading.Event()  # set on shutdown: each run ends after its current step
runs: set[Any] = set()  # of page/jobs/job.py: at work, or ended not long ago
pools: dict[str, Any] = {}  # of page/jobs/run_queue.py: places for runs, and a line before them


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
