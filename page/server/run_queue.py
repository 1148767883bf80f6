"""Share one machine among visitors: a few runs at a time, the others in line, and sampling before
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

POLL_S = 1.0  # seconds between checks of a waiting run, so the longest that Stop takes
GAP_S = 0.1  # seconds between a sampler's network calls, while a frame is drawn and sent
MAX_PAUSE_S = 1.0  # the longest that a training step waits for samplers

closing = threading.Event()  # set on shutdown: each run ends after its current step


class Closing(gr.Error):
    """For a run that was in line when the server shut down."""

    def __init__(self):
        super().__init__(both("server_closing"), print_exception=False)


class Turn:
    """One run's place in a pool."""

    def __init__(self, pool: Pool):
        self.ended = "done"  # for the log; the run sets it if it ends otherwise
        self._pool = pool
        self._began: float | None = None

    def waiting(self) -> Iterator[dict]:
        """Wait for this run's turn, yielding the number of runs ahead and the expected wait in
        seconds.

        Raises Closing as soon as the server shuts down, even if a place has just come free.
        """
        pool = self._pool
        while (ahead := pool.ahead(self)) and not closing.is_set():
            yield {"ahead": ahead, "expected": round(pool.typical_s * ahead / pool.places)}
            with pool.moved:
                pool.moved.wait_for(lambda: closing.is_set() or pool.ahead(self) != ahead, POLL_S)
        if closing.is_set():
            raise Closing
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since its turn began; 0 while it waits."""
        return time.monotonic() - self._began if self._began else 0.0

    @property
    def is_over(self) -> bool:
        """Whether its time is up or the server is shutting down."""
        return closing.is_set() or self.seconds > self._pool.budget_s


class Pool:
    """First come, first served: the first `places` runs in line are at work."""

    def __init__(self, places: int, max_waiting: int, budget_s: float, typical_s: float):
        self.places = places
        self.max_waiting = max_waiting
        self.budget_s = budget_s  # time limit of one run
        self.typical_s = typical_s  # duration of a run: a guess, then a running average
        self.moved = threading.Condition()
        self._line: list[Turn] = []

    @contextmanager
    def turn(self, what: str, **asked) -> Iterator[Turn]:
        """A place in line for the duration of the block. gr.Error if the line is full.

        `what` and `asked` go into the log when the block ends.
        """
        turn = Turn(self)
        with event_log.entry(what, **asked) as line:
            with self.moved:
                if len(self._line) >= self.places + self.max_waiting:
                    raise gr.Error(both("pool_full").format(waiting=self.max_waiting))
                self._line.append(turn)
            try:
                yield turn
                line["ended"] = turn.ended
            finally:
                line["at_work_s"] = round(turn.seconds, 3)
                with self.moved:
                    self._line.remove(turn)
                    if turn.seconds:
                        self.typical_s += (turn.seconds - self.typical_s) / 4
                    self.moved.notify_all()

    def ahead(self, turn: Turn) -> int:
        """How many runs must end before this one's turn."""
        with self.moved:
            return max(0, self._line.index(turn) - self.places + 1)

    def counts(self) -> dict:
        n = len(self._line)
        return {"at_work": min(n, self.places), "waiting": max(0, n - self.places)}


# On two cores, a thousand steps of DDPM for 16 pictures stay within the budget
SAMPLING = Pool(places=2, max_waiting=30, budget_s=120.0, typical_s=3.0)
TRAINING = Pool(places=2, max_waiting=30, budget_s=1800.0, typical_s=120.0)
BOTH = (SAMPLING, TRAINING)


def close() -> None:
    """End every run: those in line at once, those at work after their current step."""
    closing.set()
    for pool in BOTH:
        with pool.moved:
            pool.moved.notify_all()


_calls = 0  # sampler network calls in progress
_last_call = -GAP_S  # when the latest one ended
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
    """A sampler's steps. Training pauses during each one, and for `GAP_S` after it."""
    while True:
        with _network_call():
            step = next(steps, None)
        if step is None:
            return
        yield step


def go_last(steps: Iterator, stop: threading.Event) -> Iterator:
    """A training run's steps, each delayed until nobody is sampling, for at most `MAX_PAUSE_S`, or
    until `stop` is set. The caller's own work between steps is not delayed.
    """
    while True:
        until = time.monotonic() + MAX_PAUSE_S
        while _sampling() and time.monotonic() < until and not stop.wait(0.02):
            pass
        step = next(steps, None)
        if step is None:
            return
        yield step


def _sampling() -> bool:
    return _calls > 0 or time.monotonic() - _last_call < GAP_S
