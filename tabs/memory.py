"""What keeps the memory of a server flat that runs for weeks."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

from gradio.blocks import Block
from gradio.state_holder import SessionState

M_ARENA_MAX, ARENAS = -8, 2  # see mallopt(3): parts of the memory, each with a lock


def spare() -> None:
    """By itself, glibc gives each of up to a hundred threads memory of its own to waste."""
    if mallopt := _of_glibc("mallopt"):
        mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """What visits have freed goes back to the system: by itself, glibc keeps it."""
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def _of_glibc(name: str) -> Callable | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


_set = SessionState.__setitem__


def _keep_number(state: SessionState, key: int, value: object) -> None:
    """Gradio makes a component anew at each update of a visit, and under a new number: what every
    one of them showed, the film of each run, would stay as long as the visit's session."""
    if isinstance(value, Block):
        value._id = key
    _set(state, key, value)


SessionState.__setitem__ = _keep_number
