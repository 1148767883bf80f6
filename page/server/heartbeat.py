"""Does the server still answer? Its port accepts connections even if nothing serves them."""

import asyncio
import sys
import threading
import traceback
from contextlib import suppress

from page.server.limits import LIMITS

_loop: asyncio.AbstractEventLoop


def begin() -> None:
    """To be called on the server's event loop."""
    global _loop
    _loop = asyncio.get_running_loop()


class Watch:
    """Tells whether the thread of a server is dead, from another thread that asks every second.

    Silence is counted in questions, not read off a clock: a process that was suspended for an hour
    has missed neither questions nor answers.
    """

    def __init__(self, thread: threading.Thread):
        self._thread = thread
        self._asked = self._answered = 0

    def fault(self) -> dict | None:
        """What is wrong, for the log; None while the server lives."""
        if not self._thread.is_alive():
            return {"why": "its thread has ended"}
        silent = self._asked - self._answered
        if silent < LIMITS.silent_s:
            self._asked += 1
            with suppress(RuntimeError):  # it is just ending
                _loop.call_soon_threadsafe(setattr, self, "_answered", self._asked)
            return None
        frame = sys._current_frames().get(self._thread.ident or 0)
        at = traceback.format_stack(frame)[-1].split("\n")[0].strip() if frame else ""
        return {"why": "its event loop is silent", "silent_s": silent, "at": at}
