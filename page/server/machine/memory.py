"""Tune the memory of a many-threaded process that runs for weeks: glibc's allocator, see
mallopt(3), and Python's collector of garbage."""

import ctypes
import gc
import sys
from collections.abc import Callable

M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1
SETTINGS = {
    M_ARENA_MAX: 2,  # memory pools; the default is eight per core, each with its own waste
    M_MMAP_THRESHOLD: 4 << 20,  # bytes; blocks of this size go back to the OS when freed
    M_TRIM_THRESHOLD: 64 << 20,  # bytes kept free so that the next step needn't ask the OS again
}
# Collections of the middle generation to each full one. With Python's 10, a busy server makes a
# full one every other second, and each stops the event loop for 0.1 to 0.25 s.
FULL_EVERY = 1000


def configure() -> None:
    """Reduce waste and return large blocks: by default, glibc keeps tens of megabytes of every
    decoded picture."""
    if mallopt := _from_glibc("mallopt"):
        for setting, value in SETTINGS.items():
            mallopt(setting, value)


def freeze() -> None:
    """What is there for good is never garbage. To look at its 350,000 objects, again and again
    among many requests, would stop the event loop for 0.2 to 0.4 s each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], FULL_EVERY)
    gc.enable()  # was off during the start, which would look at them too


def trim() -> None:
    """Return freed memory to the OS."""
    if malloc_trim := _from_glibc("malloc_trim"):
        malloc_trim(0)


def _from_glibc(name: str) -> Callable | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
