"""Sampling goes before training, where both share a processor: it is short, and its visitor watches
every frame.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

GAP_S = 0.1  # seconds between a sampler's network calls, while a frame is drawn and sent
MAX_PAUSE_S = 1.0  # the longest that a training step waits for samplers

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
