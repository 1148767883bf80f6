"""Runs that go on in the background, each with the newest of what it shows, for pages to follow.

A run is a generator. Gradio would close it as soon as nobody listens to its session, so a thread of
its own drives it. The page that began it follows it, and so does whichever page knows its secret:
the same one after its connection was lost, or another after a reload. A follower gets the newest
value of each output, then what is new: one who reads slowly misses what is newer by then.
`LIMITS.lost_s` after the last one has gone, or has stopped to read, the run ends.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing, suppress
from contextvars import copy_context
from functools import wraps

import gradio as gr

from page.server import event_log
from page.server.limits import LIMITS
from page.server.visitors.visitors import VISITORS
from page.server.work import runs
from page.texts import Refusal

THREADS = 256  # one for every run at work or in line
LOOK_S = 0.1  # between looks whether a follower has read what it was sent
ENDED = 30  # runs that are kept after their end, for pages that have not seen it
SECRET = re.compile(r"[0-9a-f]{32}")
NOTHING = gr.skip()

Updates = Generator[tuple, None, None]  # of every output, or NOTHING

_threads = ThreadPoolExecutor(THREADS, "run")
_known: dict[tuple[str, str], Job] = {}  # by kind and secret, which a page makes up


class Job:
    """A run. Used in the server's event loop alone, except for its thread."""

    def __init__(self, session: str | None, key: tuple[str, str] | None):
        self.session = session
        self.followers: list[str | None] = []  # their sessions
        self.ended = False
        self.patience_s = LIMITS.lost_s if key else 0.0  # a program doesn't come back
        self._key = key
        self._error: Exception | None = None
        self._count = 0  # of the updates
        self._newest: list[tuple[object, int]] = []  # for each output, and which update brought it
        self._news = asyncio.Event()  # replaced by the next one when it is set
        self._left = time.monotonic()  # when the last follower left
        self._alone = threading.Event()  # for too long

    def begin(self, updates: Updates) -> None:
        loop, context = asyncio.get_running_loop(), copy_context()  # where gr.Warning looks
        runs.add(self)
        if self._key:
            _known[self._key] = self
        _threads.submit(context.run, self._drive, updates, loop)

    def _drive(self, updates: Updates, loop: asyncio.AbstractEventLoop) -> None:
        error = None
        try:
            with closing(updates):
                for update in updates:
                    if self._alone.is_set():
                        break
                    loop.call_soon_threadsafe(self._tell, update)
        except Exception as caught:
            error = caught
        with suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(self._end, error)

    def _tell(self, update: tuple) -> None:
        self._count += 1
        pairs = zip(self._newest or [(NOTHING, 0)] * len(update), update, strict=True)
        self._newest = [old if new == NOTHING else (new, self._count) for old, new in pairs]
        self._notify()

    def _end(self, error: Exception | None) -> None:
        self.ended, self._error = True, error
        if error and self.followers:
            self._forget()  # they say so
        for job in [job for job in _known.values() if job.ended][:-ENDED]:
            job._forget()
            if not job.followers:  # what it showed would stay in memory until it gives up
                job._newest, job._count = [], 0
        self._notify()

    def _notify(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def follow(
        self, session: str | None, repeats: bool = False
    ) -> AsyncGenerator[list, None]:
        """The newest value of each output, then the values of those that have a new one, or of all
        if it `repeats`. Raises what ended the run, if it failed."""
        if self._count and not self.ended:
            away = 0.0 if self.followers else time.monotonic() - self._left
            event_log.write("line_found", away_s=round(away, 3))
        self.followers.append(session)
        seen = 0
        try:
            while True:
                news = self._news
                if seen < self._count:
                    await self._catch_up(session)
                if seen < self._count:
                    since, seen = -1 if repeats else seen, self._count
                    yield [_copy(v) if when > since else NOTHING for v, when in self._newest]
                elif self.ended:
                    break
                else:
                    await news.wait()
            if self._error:
                raise self._error
        finally:
            self.followers.remove(session)
            if not self.followers:
                self._left = time.monotonic()
                asyncio.get_running_loop().call_later(self.patience_s, self._give_up, self._left)

    async def _catch_up(self, session: str | None) -> None:
        """Wait until a follower has read what it was sent. Refusal for one that doesn't, and alone
        with it the run ends."""
        try:
            for _ in VISITORS.until_read(session):
                await asyncio.sleep(LOOK_S)
        except Refusal:
            if self.followers == [session]:
                self.patience_s = 0.0
            raise

    def _give_up(self, left: float) -> None:
        if self.followers or self._left != left:
            return
        if not self.ended:
            self._alone.set()
            if self.patience_s:
                event_log.write("line_lost")
        self._forget()

    def _forget(self) -> None:
        runs.discard(self)
        if self._key and _known.get(self._key) is self:
            del _known[self._key]


def _copy(value: object) -> object:
    """Gradio takes an update apart when it sends it."""
    return dict(value) if isinstance(value, dict) else value


def job(kind: str, listener: Callable) -> Callable[..., AsyncGenerator[list, None]]:
    """This listener, which streams a run to a page, as one that begins a job and follows it. It
    takes one more argument, the last: the run's secret, unless it was no page that began it."""

    @wraps(listener, assigned=("__name__", "__doc__"))  # its arguments are others
    async def listen(visit: gr.Request, *values) -> AsyncGenerator[list, None]:
        *values, secret = values
        is_secret = isinstance(secret, str) and SECRET.fullmatch(secret)
        begun = Job(visit.session_hash, (kind, secret) if is_secret else None)
        begun.begin(listener(visit, *values))
        async with aclosing(begun.follow(visit.session_hash)) as updates:
            async for update in updates:
                yield update

    del listen.__wrapped__
    return listen


def find(kind: str, secret: str) -> Job | None:
    """The run of this kind with this secret, at work or ended not long ago."""
    return _known.get((kind, secret))


def sessions(visit: gr.Request) -> list[str | None]:
    """The visit's own session, and those whose runs it follows: they are its runs too."""
    own = visit.session_hash
    followed = (job for job in list(runs) if isinstance(job, Job) and own in job.followers)
    return [own, *(job.session for job in followed)]
