"""The processes that open visitors' pictures, and who may use them next.

Two at most, for which the addresses take turns: nobody waits for longer than one picture may take.
"""

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
from page.server.visitors.shares import by_turns, network_of

WORKERS = 2
RECYCLED = 200  # pictures after which a worker is replaced
BUSY = 4  # seconds of any kind that a picture may take for each of work
PATIENCE_S = 30.0  # the longest wait in line
GRACE_S = 0.5  # beyond a picture's time, until the pool kills a worker that has not died by itself
STUCK_S = 60.0  # beyond a picture's time, until the pool itself is given up; workers have to start
READERS = ("Png", "Jpeg", "Mpo", "WebP", "Gif", "Bmp", "Tiff")
PRELOADED = ["pebble.pool.process", "PIL.ImageOps", *(f"PIL.{name}ImagePlugin" for name in READERS)]


# ------------------------------------------------------------------ who is next


@dataclass(eq=False)
class Turn:
    """A picture's place in line, then at work."""

    address: str
    begins: threading.Event = field(default_factory=threading.Event)


class Line:
    """The waiting pictures, in the order of `by_turns`."""

    def __init__(self, places: int):
        self.places = places
        self._lock = threading.Lock()
        self._waiting: list[Turn] = []  # in order of arrival
        self._at_work: list[Turn] = []
        self._served: dict[str, float] = {}  # each address's last turn, while any work

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """A place for the duration of the block. Raises Unacceptable after PATIENCE_S."""
        turn = Turn(network_of(address))
        with self._lock:
            self._waiting.append(turn)
            self._admit()
        try:
            if not turn.begins.wait(PATIENCE_S):
                raise Unacceptable("busy")
            yield
        finally:
            with self._lock:
                (self._waiting if turn in self._waiting else self._at_work).remove(turn)
                self._admit()

    def _admit(self) -> None:
        while self._waiting and len(self._at_work) < self.places:
            turn = by_turns(self._waiting, self._at_work, self._served)[0]
            self._waiting.remove(turn)
            self._at_work.append(turn)
            self._served[turn.address] = time.monotonic()
            turn.begins.set()
        if not self._at_work:
            self._served.clear()


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


def open_picture(path: Path, address: str) -> Image.Image:
    """What picture_worker.open_picture makes of the file. Raises Unacceptable."""
    with _line.place(address):
        answer = _try(path, LIMITS.picture_s, BUSY * LIMITS.picture_s)
    if isinstance(answer, str):
        raise Unacceptable(answer)
    return Image.frombytes(*answer)


def _try(path: Path, cpu_s: float, wall_s: float) -> picture_worker.Picture | str:
    """The answer of a worker."""
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
            return _WHY_DIED.get(-error.exitcode, "damaged")
        except TimeoutError:
            if not future.done():
                stop()
            return "slow"
    return "busy"
