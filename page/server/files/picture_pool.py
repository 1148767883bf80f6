"""The processes that open visitors' pictures, and who may use them next.

Two at most. A picture gets half a second, enough for nearly all; one that needs more waits for a
second try, and only one of these is at work at a time, so that an honest picture finds a place.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pebble import ProcessExpired, ProcessPool
from PIL import Image

from page.server.files import picture_worker
from page.server.files.picture_checks import Unacceptable
from page.server.limits import LIMITS

WORKERS = 2
RECYCLED = 200  # pictures after which a worker is replaced
QUICK_S = 0.5  # seconds of work; a photograph of 12 megapixels takes 0.1, the slowest honest 0.4
SLOW_S = 0.3
PATIENCE_S = 30.0  # the longest wait in line
FORGOTTEN_S = 10.0  # half-life of what a visitor's pictures cost
GRACE_S = 0.5  # beyond a picture's time, until the pool kills a worker that has not died by itself
STUCK_S = 60.0  # beyond a picture's time, until the pool itself is given up; workers have to start
READERS = ("Png", "Jpeg", "Mpo", "WebP", "Gif", "Bmp", "Tiff")
PRELOADED = ["pebble.pool.process", "PIL.ImageOps", *(f"PIL.{name}ImagePlugin" for name in READERS)]


# ------------------------------------------------------------------ who is next


@dataclass(eq=False)
class Turn:
    """A picture's place in line, then at work."""

    sender: tuple[str, ...]  # names from the most general: address, session
    again: bool  # a second try
    cost: float = 0.0  # seconds of work, known when it ends
    begins: threading.Event = field(default_factory=threading.Event)


class Line:
    """The waiting pictures. The next is of the address, then the session, with the least work
    lately. Of second tries, and of senders whose pictures were slow lately, one is at work at a
    time: the other place is for all the others.
    """

    def __init__(self, places: int):
        self.places = places
        self._lock = threading.Lock()
        self._waiting: list[Turn] = []
        self._at_work: list[Turn] = []
        self._slow: Turn | None = None  # the one at work
        self._spent: dict[str, tuple[float, float, float]] = {}  # see _lately

    @contextmanager
    def place(self, sender: tuple[str, ...], again: bool = False) -> Iterator[Turn]:
        """A place for the duration of the block. Raises Unacceptable after PATIENCE_S."""
        turn = Turn(sender, again)
        with self._lock:
            self._waiting.append(turn)
            self._admit()
        try:
            if not turn.begins.wait(PATIENCE_S):
                raise Unacceptable("busy")
            yield turn
        finally:
            with self._lock:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                else:
                    self._at_work.remove(turn)
                    self._slow = None if self._slow is turn else self._slow
                    self._spend(turn)
                self._admit()

    def _admit(self) -> None:
        now = time.monotonic()
        while len(self._at_work) < self.places:
            can = [turn for turn in self._waiting if not (self._slow and self._is_slow(turn, now))]
            if not can:
                return
            turn = min(can, key=lambda turn: self._rank(turn, now))  # the first of equals
            if self._is_slow(turn, now):
                self._slow = turn
            self._waiting.remove(turn)
            self._at_work.append(turn)
            turn.begins.set()

    def _is_slow(self, turn: Turn, now: float) -> bool:
        return turn.again or any(self._lately(name, now)[1] > SLOW_S for name in turn.sender)

    def _rank(self, turn: Turn, now: float) -> list[float]:
        """For address and session, seconds of work lately, and one for each picture at work."""
        at_work = [name for other in self._at_work for name in other.sender]
        return [self._lately(name, now)[0] + at_work.count(name) for name in turn.sender]

    def _lately(self, name: str, now: float) -> tuple[float, float]:
        """Seconds of work, of all pictures and of the slowest, halved every FORGOTTEN_S."""
        total, slowest, when = self._spent.get(name, (0.0, 0.0, now))
        left = 0.5 ** ((now - when) / FORGOTTEN_S)
        return total * left, slowest * left

    def _spend(self, turn: Turn) -> None:
        now = time.monotonic()
        for name in turn.sender:
            total, slowest = self._lately(name, now)
            self._spent[name] = (total + turn.cost, max(slowest, turn.cost), now)
        if len(self._spent) > 1000:
            self._spent = {k: v for k, v in self._spent.items() if self._lately(k, now)[0] > 0.01}


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
    with _line.place(sender) as turn:
        begin = time.monotonic()
        answer, turn.cost = _try(path, QUICK_S, LIMITS.picture_s)
        left = LIMITS.picture_s - (time.monotonic() - begin)
    if answer == "slow" and left > 0:
        with _line.place(sender, again=True) as turn:
            answer, turn.cost = _try(path, left, left)
    if isinstance(answer, str):
        raise Unacceptable(answer)
    return Image.frombytes(*answer)


def _try(path: Path, cpu_s: float, wall_s: float) -> tuple[picture_worker.Picture | str, float]:
    """The answer of a worker, and what it cost in seconds of work."""
    for _ in range(2):
        try:
            future = start().schedule(
                picture_worker.open_picture,
                args=[str(path), cpu_s, wall_s],
                timeout=wall_s + GRACE_S,
            )
            return future.result(wall_s + STUCK_S)
        except RuntimeError:  # a worker died between two pictures, and the pool with it
            continue
        except ProcessExpired as error:
            return _WHY_DIED.get(-error.exitcode, "damaged"), cpu_s
        except TimeoutError:
            if not future.done():
                stop()
            return "slow", cpu_s
    return "busy", 0.0
