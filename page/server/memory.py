"""glibc's allocator, set for a process of many threads that runs for weeks. See mallopt(3)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1
SETTINGS = {
    M_ARENA_MAX: 2,  # pools of memory; the default is eight per core, each with its own waste
    M_MMAP_THRESHOLD: 4 << 20,  # bytes: blocks from this size go back to the system when freed
    M_TRIM_THRESHOLD: 64 << 20,  # keep this much free, so a network's next step needn't ask again
}


def configure() -> None:
    """Waste less, and give large blocks back: glibc's defaults keep tens of megabytes of every
    picture that was decoded."""
    if mallopt := _from_glibc("mallopt"):
        for setting, value in SETTINGS.items():
            mallopt(setting, value)


def trim() -> None:
    """Give back to the system what visits have freed."""
    if malloc_trim := _from_glibc("malloc_trim"):
        malloc_trim(0)


def _from_glibc(name: str) -> Callable | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
