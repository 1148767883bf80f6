"""How visitors share one machine: a few run at a time, others wait in line, sampling comes before
training.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from page.server import event_log
from page.texts import both

LOOK_S = 1.0  # seconds between two checks of a waiting run: Stop takes no longer
GAP_S = 0.1  # seconds between two network calls of a sampler, while a frame is drawn and sent
PATIENCE_S = 1.0  # the longest pause of a training run before its next step

closing = threading.Event()  # set when the server ends: each run ends after its current step


class Turn:
    """One run's place in a pool."""

    def __init__(self, pool: Pool):
        self.ended = "done"  # for the log; the run sets it if it ends in another way
        self._pool = pool
        self._began: float | None = None

    def waiting(self) -> Iterator[dict]:
        """Yields how many runs are ahead, and the expected wait in seconds, until this one's turn
        has come.
        """
        pool = self._pool
        while ahead := pool.ahead(self):
            yield {"ahead": ahead, "expected": round(pool.usual_s * ahead / pool.places)}
            with pool.moved:
                pool.moved.wait_for(lambda: pool.ahead(self) != ahead, LOOK_S)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since its turn came; 0 while it waits."""
        return time.monotonic() - self._began if self._began else 0.0

    @property
    def is_over(self) -> bool:
        """Whether its time is up, or the server is closing."""
        return closing.is_set() or self.seconds > self._pool.budget_s


class Pool:
    """First come, first served: the first `places` of the line are at work."""

    def __init__(self, places: int, most_waiting: int, budget_s: float, usual_s: float):
        self.places = places
        self.most_waiting = most_waiting
        self.budget_s = budget_s  # the longest that one run may take
        self.usual_s = usual_s  # how long a run takes: a guess, then a running average
        self.moved = threading.Condition()
        self._line: list[Turn] = []

    @contextmanager
    def turn(self, what: str, **asked) -> Iterator[Turn]:
        """A place in the line while the block lasts. gr.Error if the line is full.

        `what` and `asked` are for the log, which gets a line at the end.
        """
        turn = Turn(self)
        with event_log.entry(what, **asked) as line:
            with self.moved:
                if len(self._line) >= self.places + self.most_waiting:
                    raise gr.Error(both("pool_full").format(waiting=self.most_waiting))
                self._line.append(turn)
            try:
                yield turn
                line["ended"] = turn.ended
            finally:
                line["at_work_s"] = round(turn.seconds, 3)
                with self.moved:
                    self._line.remove(turn)
                    if turn.seconds:
                        self.usual_s += (turn.seconds - self.usual_s) / 4
                    self.moved.notify_all()

    def ahead(self, turn: Turn) -> int:
        """How many runs must end before it is this one's turn."""
        with self.moved:
            return max(0, self._line.index(turn) - self.places + 1)

    def counts(self) -> dict:
        n = len(self._line)
        return {"at_work": min(n, self.places), "waiting": max(0, n - self.places)}


# On two cores, a thousand steps of DDPM for 16 pictures stay within the budget
SAMPLING = Pool(places=2, most_waiting=30, budget_s=120.0, usual_s=3.0)
TRAINING = Pool(places=2, most_waiting=30, budget_s=1800.0, usual_s=120.0)
BOTH = (SAMPLING, TRAINING)

_calls = 0  # network calls that samplers are making now
_last_call = -GAP_S  # when the last one ended
_lock = threading.Lock()


@contextmanager
def _network_call() -> Iterator[None]:
    global _calls, _last_call
    with _lock:
        _calls += 1
    try:
        yield
    finally:
        with _lock:
            _calls -= 1
            _last_call = time.monotonic()


def go_first(steps: Iterator) -> Iterator:
    """A sampler's steps. Training waits while one of them is computed, and shortly after it."""
    while True:
        with _network_call():
            step = next(steps, None)
        if step is None:
            return
        yield step


def go_last(steps: Iterator, stop: threading.Event) -> Iterator:
    """A training run's steps, each as soon as nobody samples, after `PATIENCE_S`, or once `stop`
    is set, whichever comes first. The caller's own work between two steps is not held back.
    """
    while True:
        until = time.monotonic() + PATIENCE_S
        while _sampling() and time.monotonic() < until and not stop.wait(0.02):
            pass
        step = next(steps, None)
        if step is None:
            return
        yield step


def _sampling() -> bool:
    return _calls > 0 or time.monotonic() - _last_call < GAP_S
