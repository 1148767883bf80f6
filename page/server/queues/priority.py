"""The event loop goes before sampling, and sampling before training, where all share a processor.

The loop is one thread among many that compute, and everybody waits for it: it loads pages and sends
frames. A sampling is short, and its visitor watches every frame.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from page.server import heartbeat
from page.server.queues import run_queue

LATE_S = 0.05  # of the event loop, until others leave it the processor
MAX_WAIT_S = 0.2  # the longest that a sampler's network call waits for it
GAP_S = 0.1  # seconds between a sampler's network calls, while a frame is drawn and sent
MAX_PAUSE_S = 1.0  # the longest that a training step waits for both, or, if that is more,
MOST_SHARES = 9  # for so many who wait for samplings, each as long as the step before took
LOOK_S = 0.02

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
        until = time.monotonic() + MAX_WAIT_S
        while _loop_is_late() and time.monotonic() < until:
            time.sleep(LOOK_S)
        with _network_call():
            step = next(steps, None)
        if step is None:
            return
        yield step


def go_last(steps: Iterator, stop: threading.Event) -> Iterator:
    """A training run's steps, each delayed until nobody is sampling and the event loop is in time,
    or until `stop` is set, but not for ever: beside those who wait for samplings a training gets
    one visitor's share of the time, a tenth at least. The caller's own work between steps is not
    delayed.
    """
    step_s = 0.0
    while True:
        shares = min(run_queue.SAMPLING.counts()["waiting"], MOST_SHARES)
        until = time.monotonic() + max(MAX_PAUSE_S, shares * step_s)
        while (_sampling() or _loop_is_late()) and time.monotonic() < until:
            if stop.wait(LOOK_S):
                break
        begin = time.monotonic()
        step = next(steps, None)
        if step is None:
            return
        step_s = time.monotonic() - begin
        yield step


def _sampling() -> bool:
    return _calls > 0 or time.monotonic() - _last_call < GAP_S


def _loop_is_late() -> bool:
    return heartbeat.late_s() > LATE_S
