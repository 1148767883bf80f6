"""The processes that open visitors' pictures, and who may use them next.

Two at most. A picture gets a second, enough for nearly all; one that needs more waits for a second
try, and only one of these is at work at a time, so that an honest picture always finds a place.
"""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pebble import ProcessExpired, ProcessPool
from PIL import Image

from page.server import picture_worker
from page.server.limits import LIMITS
from page.server.picture_checks import Unacceptable

WORKERS = 2
RECYCLED = 200  # pictures after which a worker is replaced
QUICK_S = 1.0  # of work; a photograph of 12 megapixels takes 0.1
PATIENCE_S = 30.0  # the longest wait in line
FORGOTTEN_S = 10.0  # half-life of what a visitor's pictures cost
GRACE_S = 0.5  # beyond a picture's time, until the pool kills a worker that has not died by itself
STUCK_S = 60.0  # beyond a picture's time, until the pool itself is given up; workers have to start
PRELOADED = [f"PIL.{name}ImagePlugin" for name in ("Png", "Jpeg", "Mpo", "WebP", "Gif", "Bmp")]


# ------------------------------------------------------------------ who is next


class Ticket(NamedTuple):
    number: int
    sender: tuple[str, ...]
    again: bool


class Line:
    """The waiting pictures. The next is of the address, then the session, with the least work
    lately."""

    def __init__(self, places: int):
        self.places = places
        self._moved = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[Ticket] = []
        self._at_work: list[Ticket] = []
        self._spent: dict[str, tuple[float, float]] = {}  # name: seconds, and when they ended

    @contextmanager
    def place(self, sender: tuple[str, ...], again: bool = False) -> Iterator[None]:
        """A place for the duration of the block. Raises Unacceptable after PATIENCE_S.

        `sender`: names from the most general, as address and session. `again`: a second try.
        """
        ticket = Ticket(next(self._numbers), sender, again)
        with self._moved:
            self._waiting.append(ticket)
            try:
                if not self._moved.wait_for(lambda: self._next() is ticket, PATIENCE_S):
                    raise Unacceptable("busy")
                self._at_work.append(ticket)
            finally:
                self._waiting.remove(ticket)
                self._moved.notify_all()
        begin = time.monotonic()
        try:
            yield
        finally:
            with self._moved:
                self._at_work.remove(ticket)
                self._spend(sender, time.monotonic() - begin)
                self._moved.notify_all()

    def _next(self) -> Ticket | None:
        if len(self._at_work) >= self.places:
            return None
        one_again = any(ticket.again for ticket in self._at_work)
        can = [ticket for ticket in self._waiting if not (ticket.again and one_again)]
        now = time.monotonic()  # one for all, or the last to be compared would seem the cheapest
        return min(can, key=lambda ticket: self._rank(ticket, now), default=None)

    def _rank(self, ticket: Ticket, now: float) -> tuple:
        """For address and session, seconds of work lately, and one for each picture at work."""
        at_work = [name for other in self._at_work for name in other.sender]
        costs = (self._lately(name, now) + at_work.count(name) for name in ticket.sender)
        return *costs, ticket.number

    def _lately(self, name: str, now: float) -> float:
        seconds, when = self._spent.get(name, (0.0, 0.0))
        return seconds * 0.5 ** ((now - when) / FORGOTTEN_S)

    def _spend(self, sender: tuple[str, ...], seconds: float) -> None:
        now = time.monotonic()
        for name in sender:
            self._spent[name] = (self._lately(name, now) + seconds, now)
        if len(self._spent) > 1000:
            self._spent = {k: v for k, v in self._spent.items() if self._lately(k, now) > 0.01}


_line = Line(WORKERS)

# ------------------------------------------------------------------ the processes

_WHY_DIED = {  # by signal
    getattr(signal, "SIGALRM", 0): "slow",
    getattr(signal, "SIGPROF", 0): "slow",
    getattr(signal, "SIGKILL", 0): "memory",  # by the system, when it has no more
}
_pool: ProcessPool | None = None
_lock = threading.Lock()


def start() -> ProcessPool:
    """The pool, its workers started."""
    global _pool
    with _lock:
        if _pool is None or not _pool.active:
            if sys.platform == "win32":
                context = multiprocessing.get_context("spawn")
            else:
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(PRELOADED)
            _pool = ProcessPool(
                max_workers=WORKERS,
                max_tasks=RECYCLED,
                initializer=picture_worker.start,
                initargs=[LIMITS.picture_bytes],
                context=context,
            )
            _pool.active  # noqa: B018  starts them
        return _pool


def stop() -> None:
    """End the workers, whatever they do."""
    global _pool
    with _lock:
        if _pool is not None:
            _pool.stop()
            _pool.join()
            _pool = None


def open_picture(path: Path, sender: tuple[str, ...]) -> Image.Image:
    """What picture_worker.open_picture makes of the file. Raises Unacceptable."""
    with _line.place(sender):
        begin = time.monotonic()
        try:
            return _try(path, QUICK_S, LIMITS.picture_s)
        except Unacceptable as error:
            left = LIMITS.picture_s - (time.monotonic() - begin)
            if error.why != "slow" or left <= 0:
                raise
    with _line.place(sender, again=True):
        return _try(path, left, left)


def _try(path: Path, cpu_s: float, wall_s: float) -> Image.Image:
    for _ in range(2):
        try:
            answer = _answer([str(path), cpu_s, wall_s], wall_s)
        except RuntimeError:  # a worker died between two pictures, and the pool with it
            continue
        if isinstance(answer, str):
            raise Unacceptable(answer)
        return Image.frombytes(*answer)
    raise Unacceptable("busy")


def _answer(arguments: list, wall_s: float) -> picture_worker.Picture | str:
    future = start().schedule(picture_worker.open_picture, args=arguments, timeout=wall_s + GRACE_S)
    try:
        return future.result(wall_s + STUCK_S)
    except ProcessExpired as error:
        return _WHY_DIED.get(-error.exitcode, "damaged")
    except TimeoutError:
        if not future.done():
            stop()
        return "slow"
