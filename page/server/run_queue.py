"""How visitors share one machine: a few run at a time, others wait their turn, training goes last.

What is kept here is who is in line, and nothing that a visitor chooses.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from page.server import event_log
from page.texts import both

LOOK_S = 1.0  # seconds after which one who waits looks again: Stop takes no longer
GAP_S = 0.1  # between two network calls of one run, while its frame is drawn and sent
PATIENCE_S = 1.0  # training never pauses for longer at a stretch, so that it crawls on

closing = threading.Event()  # the server ends, and with it each run after the step under way


class Turn:
    """One run's place in a pool."""

    def __init__(self, pool: Pool):
        self.ended = "done"  # for the log: what its run says if it ends otherwise
        self._pool = pool
        self._began: float | None = None

    def waiting(self) -> Iterator[dict]:
        """How many runs must end first, and in how many seconds that is expected; ends when it
        is this one's turn.
        """
        pool = self._pool
        while ahead := pool.ahead(self):
            yield {"ahead": ahead, "expected": round(pool.usual_s * ahead / pool.places)}
            with pool.moved:
                pool.moved.wait_for(lambda: pool.ahead(self) != ahead, LOOK_S)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it was this one's turn."""
        return time.monotonic() - self._began if self._began else 0.0

    @property
    def is_over(self) -> bool:
        """Whether it has had its time, or nobody has any more."""
        return closing.is_set() or self.seconds > self._pool.budget_s


class Pool:
    """First come, first served: the first `places` of the line are at work."""

    def __init__(self, places: int, most_waiting: int, budget_s: float, usual_s: float):
        self.places = places
        self.most_waiting = most_waiting
        self.budget_s = budget_s  # of one run
        self.usual_s = usual_s  # that a run takes: a first guess, then learned
        self.moved = threading.Condition()
        self._line: list[Turn] = []

    @contextmanager
    def turn(self, what: str, **asked) -> Iterator[Turn]:
        """A place in the line while the block lasts. gr.Error if the line is full.

        The log gets a line at the end: `what` ran, what was `asked` of it, how it ended.
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
        """How many runs must end before this one's turn."""
        with self.moved:
            return max(0, self._line.index(turn) - self.places + 1)

    def counts(self) -> dict:
        n = len(self._line)
        return {"at_work": min(n, self.places), "waiting": max(0, n - self.places)}


# A thousand steps of DDPM for 16 pictures fit into the budget on two cores
SAMPLING = Pool(places=2, most_waiting=30, budget_s=120.0, usual_s=3.0)
TRAINING = Pool(places=2, most_waiting=30, budget_s=1800.0, usual_s=120.0)
BOTH = (SAMPLING, TRAINING)

_calls = 0  # network calls of samplers under way
_last_call = -GAP_S  # when one ended
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
    """A sampler's steps: while one of them is computed, and shortly after it, training waits."""
    while True:
        with _network_call():
            step = next(steps, None)
        if step is None:
            return
        yield step


def go_last(steps: Iterator, stop: threading.Event) -> Iterator:
    """A training run's steps, each when nobody samples; but none waits long, nor once `stop` is
    set. What it draws in between counts as part of a step.
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
