"""What keeps the memory of a server flat that runs for weeks."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace

from gradio.blocks import Block, Blocks
from gradio.state_holder import SessionState
from gradio.utils import LRUCache

# See mallopt(3). Parts of the memory, each with a lock; what is so large goes back at once; and so
# much may stay for the next step of a network, which else would have to ask the system for it anew.
M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1
SETTINGS = {M_ARENA_MAX: 2, M_MMAP_THRESHOLD: 4 << 20, M_TRIM_THRESHOLD: 64 << 20}


def spare() -> None:
    """By itself, glibc gives each of up to a hundred threads memory of its own to waste, and keeps
    tens of megabytes of every picture that was unpacked."""
    if mallopt := _of_glibc("mallopt"):
        for setting, value in SETTINGS.items():
            mallopt(setting, value)


def bound(page: Blocks) -> None:
    """By itself, Gradio never forgets a session that asked for something once; messages for it
    are kept of the last 2,000."""
    most = page._queue.pending_messages_per_session.max_size
    page._queue.pending_event_ids_session = LRUCache(most)


def forget_gone(page: Blocks) -> None:
    """Nor the name of a file that others deleted."""
    for names in page.temp_file_sets:
        for name in list(names):
            if not os.path.exists(name):
                names.discard(name)


def give_back() -> None:
    """What visits have freed goes back to the system: by itself, glibc keeps it."""
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def _of_glibc(name: str) -> Callable | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


_init, _set = SessionState.__init__, SessionState.__setitem__


def _begin(state: SessionState, page: Blocks) -> None:
    """Gradio writes down what every component of every visit shows, films included, for links that
    open a page as it was: this page has none, and a visit would cost 0.2 MB before it did anything.
    """
    _init(state, SimpleNamespace(default_config=page.default_config, blocks={}))


def _keep_number(state: SessionState, key: int, value: object) -> None:
    """Gradio makes a component anew at each update of a visit, and under a new number: all of them
    would stay as long as the visit's session."""
    if isinstance(value, Block):
        value._id = key
    _set(state, key, value)
    state.config_values.clear()


def _write_nothing_down(state: SessionState, *what: object) -> None: ...


SessionState.__init__ = _begin
SessionState.__setitem__ = _keep_number
SessionState._update_config = _write_nothing_down
SessionState._update_value_in_config = _write_nothing_down
