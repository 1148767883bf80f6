"""Does the server still answer? Its port accepts connections even if nothing serves them."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from page.server.limits import LIMITS

BEAT_S = 0.25

_beats = 0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beats on the server's event loop for as long as that runs."""
    task = asyncio.create_task(_beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat() -> None:
    global _beats
    while True:
        _beats += 1
        await asyncio.sleep(BEAT_S)


class Watch:
    """Tells whether the thread of a server is dead, from another thread that asks every second.

    Silence is counted in questions, not read off a clock: a process that was suspended for an hour
    has missed neither questions nor beats.
    """

    def __init__(self, thread: threading.Thread):
        self.thread = thread
        self._seen = self._silent = 0

    def fault(self) -> dict | None:
        """What is wrong, for the log; None while the server lives."""
        if not self.thread.is_alive():
            return {"why": "its thread has ended"}
        self._silent = self._silent + 1 if _beats == self._seen else 0
        self._seen = _beats
        if self._silent < LIMITS.silent_s:
            return None
        frame = sys._current_frames().get(self.thread.ident or 0)
        at = traceback.format_stack(frame)[-1].split("\n")[0].strip() if frame else ""
        return {"why": "its event loop is silent", "silent_s": self._silent, "at": at}
