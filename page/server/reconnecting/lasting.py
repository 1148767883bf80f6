"""Runs that a page finds again after a reload, by a secret that its browser keeps.

The new page has another session. Its listener follows what the run's own one goes on to send, with
nobody there to see it: lines.py lets that last as long as somebody follows, and `LIMITS.lost_s`
longer.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps

import gradio as gr

from page.server.limits import LIMITS
from page.server.reconnecting import lines

POLL_S = 1.0  # between updates of a follower, new or not, so that Gradio can end it
NOTHING = gr.skip()

_runs: dict[tuple[str, str], _Run] = {}  # by kind and secret
_following: list[tuple[str | None, str | None]] = []  # a follower's session, and its run's


class _Run:
    """What a page shows of a run: the newest value of each output."""

    def __init__(self, session: str | None):
        self.session = session
        self.ended: float | None = None  # monotonic seconds
        self.newest: tuple[int, list] = (0, [])  # how many updates there were, and their values
        self._heard_by: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def tell(self, update: tuple) -> None:
        count, before = self.newest
        pairs = zip(before or update, update, strict=True)
        values = [old if new == NOTHING else _copy(new) for old, new in pairs]
        self.newest = (count + 1, values)
        self._notify()

    def end(self) -> None:
        self.ended = time.monotonic()
        self._notify()

    def _notify(self) -> None:
        for loop, news in list(self._heard_by):
            loop.call_soon_threadsafe(news.set)

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """An event that is set when anything is new: the run has a thread, its followers don't."""
        me = (asyncio.get_running_loop(), asyncio.Event())
        self._heard_by.append(me)
        try:
            yield me[1]
        finally:
            self._heard_by.remove(me)


def _copy(value: object) -> object:
    """Gradio takes an update apart when it sends it."""
    return dict(value) if isinstance(value, dict) else value


def lasting(kind: str, listener: Callable[..., Iterator[tuple]]) -> Callable[..., Iterator[tuple]]:
    """This listener, which streams a run to a page, with the run's secret as one more output."""

    @wraps(listener)
    def listen(visit: gr.Request, *values) -> Iterator[tuple]:
        _forget()
        run, secret = _Run(visit.session_hash), secrets.token_hex(16)
        said = secret
        try:
            for update in listener(visit, *values):
                run.tell(update)
                _runs[kind, secret] = run
                yield *update, said
                said = NOTHING
        finally:
            run.end()
            if lines.is_read(visit.session_hash):  # nobody will look for it
                _runs.pop((kind, secret), None)

    return listen


def is_known(kind: str, secret: str) -> bool:
    """Whether there is such a run, at work or ended not long ago."""
    _forget()
    return (kind, secret) in _runs


async def follow(kind: str, visit: gr.Request, secret: str) -> AsyncGenerator[list, None]:
    """The updates of the run with this secret, each with the newest value of every output, without
    the secret; none if there is no such run."""
    run = _runs.get((kind, secret))
    if run is None:
        return
    seen = 0
    with lines.held(run.session), _follows(visit.session_hash, run.session), run.heard() as news:
        while run.ended is None or seen < run.newest[0]:
            news.clear()
            count, values = run.newest
            yield [_copy(value) for value in values]
            seen = count
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), POLL_S)


def sessions(visit: gr.Request) -> list[str | None]:
    """The visit's own session, and those whose runs it follows: they are its runs too."""
    own = visit.session_hash
    return [own, *(of_run for follower, of_run in list(_following) if follower == own)]


@contextmanager
def _follows(session: str | None, of_run: str | None) -> Iterator[None]:
    _following.append((session, of_run))
    try:
        yield
    finally:
        _following.remove((session, of_run))


def _forget() -> None:
    """Drop runs that have ended longer ago than a page may be away."""
    until = time.monotonic() - LIMITS.lost_s
    for key, run in list(_runs.items()):
        if run.ended is not None and run.ended < until:
            _runs.pop(key, None)
