"""Streams of messages that outlast their connection: a page that was cut off finds what it began.

Gradio ends the runs of a session as soon as nobody listens to it. So the server itself listens, for
each page, and passes on what it hears. A page whose connection is lost asks again, from the byte on
that it lacks (page/scripts/line.js); only when `LIMITS.lost_s` have passed without it does Gradio
learn that it has gone. A page that hangs up by itself, as Gradio's does when the browser begins to
leave it, and then asks for its next stream gets the rest of the one that goes on. Programs say
nothing of lines in their requests: nobody waits for them.
"""

from __future__ import annotations

import asyncio
import re
import time
from bisect import bisect
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.server import event_log
from page.server.limits import LIMITS
from page.server.visitors.visitors import STREAM
from page.texts import both

LINE = re.compile(r"next|again")
COUNT = re.compile(r"\d{1,12}", re.ASCII)
LAST = b'"close_stream"'  # in the last message of a stream, after which its page hangs up
MOST = 64_000_000  # bytes that are kept of all lines together
PIECE = 64_000  # bytes that are sent at once
CHECK_S = 1.0  # between looks whether another page still follows a line's run


@dataclass(frozen=True)
class Asked:
    session: str
    again: bool  # the page's connection was lost; otherwise it asks for its next stream
    received: int  # bytes of all its streams


class Line:
    """A session's messages, of which the bytes from `first` to `end` are kept. Used in the server's
    event loop alone, except for `held`."""

    def __init__(self, app: ASGIApp, asked: Asked, scope: Scope):
        self.session = asked.session
        self.first = self.end = asked.received
        self.held: set[object] = set()  # others that want what runs to go on
        self._chunks: deque[tuple[int, bytes]] = deque()  # where each begins
        self._head: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Event()  # replaced by the next one when it is set
        self.gone = asyncio.Event()  # as far as Gradio knows
        self._said_all = False
        self._reader: object | None = None  # the newest connection, while it lasts
        self._lost = time.monotonic()
        self._task = asyncio.create_task(self._listen(app, scope))
        self._task.add_done_callback(self._ended)

    @property
    def is_read(self) -> bool:
        return self._reader is not None

    def is_over(self, received: int) -> bool:
        """Whether Gradio has said all, and the page has received so much. Gradio's task may need
        a moment to end."""
        return (self._said_all or self._task.done()) and received == self.end

    def give_way(self) -> None:
        """There is another line: Gradio learns that nobody listens to this one."""
        if not self._said_all:
            self.gone.set()

    async def _listen(self, app: ASGIApp, scope: Scope) -> None:
        request: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if request:
                return request.pop()
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._head.set_result(message)
            elif body := message.get("body"):
                self._chunks.append((self.end, body))
                self.end += len(body)
                self._said_all = LAST in body[:200]
                KEPT.add(self, len(body))
            self._tell()

        await app(scope, receive, send)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # its reader raises it; without one, nobody needs it
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def forget_chunk(self) -> int:
        """Drop the oldest one, and return its size."""
        size = len(self._chunks.popleft()[1])
        self.first += size
        return size

    async def read(self, at: int, receive: Receive, send: Send) -> None:
        """Send what follows the byte `at` until Gradio has said all, the client leaves, or it comes
        back over another connection, since this one may hang."""
        leaving = asyncio.ensure_future(_left(receive))
        self._found(leaving)
        begun = False
        try:
            while self._reader is leaving and not leaving.done():
                news = self._news
                if self._head.done() and not begun:
                    await send(self._head.result())
                    begun = True
                elif self.first <= at < self.end:
                    body = self._after(at)
                    at += len(body)
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                elif at < self.first:
                    return  # too slow: the unfinished answer says that something is missing
                elif self._task.done():
                    await self._task
                    break
                else:
                    waiting = asyncio.ensure_future(news.wait())
                    await asyncio.wait([leaving, waiting], return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
            if begun:
                await send({"type": "http.response.body"})
        finally:
            leaving.cancel()
            if self._reader is leaving:
                self._reader = None
                self._lost = time.monotonic()
                asyncio.get_running_loop().call_later(LIMITS.lost_s, self._give_up, self._lost)

    def _after(self, at: int) -> bytes:
        """A piece of what follows the byte `at`: any number of connections may ask for all of it
        and read none."""
        begin, chunk = self._chunks[bisect(self._chunks, at, key=itemgetter(0)) - 1]
        return chunk[at - begin : at - begin + PIECE]

    def _found(self, reader: object) -> None:
        if self._head.done() and not self._task.done():
            away = 0.0 if self._reader else time.monotonic() - self._lost
            event_log.write("line_found", away_s=round(away, 3))
        self._reader = reader
        self._tell()

    def _give_up(self, lost: float) -> None:
        if self._reader is not None or self._lost != lost:
            return  # it was found
        if not self._task.done():
            if self.held:
                asyncio.get_running_loop().call_later(CHECK_S, self._give_up, lost)
                return
            event_log.write("line_lost")
        self.gone.set()
        if LINES.get(self.session) is self:
            del LINES[self.session]


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Kept:
    """All lines' chunks, the oldest first: none is kept for longer than a page may be away."""

    def __init__(self):
        self._chunks: deque[tuple[float, Line]] = deque()
        self.bytes = 0

    def add(self, line: Line, size: int) -> None:
        now = time.monotonic()
        self._chunks.append((now, line))
        self.bytes += size
        while self.bytes > MOST or self._chunks[0][0] < now - LIMITS.lost_s:
            _, oldest = self._chunks.popleft()
            self.bytes -= oldest.forget_chunk()


KEPT = _Kept()
LINES: dict[str, Line] = {}  # the newest of each session


class Lines:
    """Middleware, outside of what counts the streams: a line that is lost still counts."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        if asked is None:
            await self._app(scope, receive, send)
            return
        line = LINES.get(asked.session)
        if line and not line.first <= asked.received <= line.end:
            line = None
        if not asked.again and (line is None or line.is_over(asked.received)):
            line = self._new(asked, scope)
        if line is None:
            gone = JSONResponse({"detail": both("line_gone")}, 410)
            await gone(scope, receive, send)
        else:
            await line.read(asked.received, receive, send)

    def _new(self, asked: Asked, scope: Scope) -> Line:
        if before := LINES.get(asked.session):
            before.give_way()
        line = LINES[asked.session] = Line(self._app, asked, scope)
        return line


def _asked(scope: Scope) -> Asked | None:
    """None unless a page asks for its stream."""
    if scope["type"] != "http" or not STREAM.search(scope["path"]):
        return None
    query = parse_qs(scope["query_string"].decode("latin-1"))
    session, line, received = (
        query.get(name, [""])[-1] for name in ("session_hash", "line", "received")
    )
    if not (session and LINE.fullmatch(line) and COUNT.fullmatch(received)):
        return None
    return Asked(session, line == "again", int(received))


@contextmanager
def held(session: str | None) -> Iterator[None]:
    """What this session has begun goes on for as long as the block, though its page has gone.
    From any thread."""
    line = LINES.get(session or "")
    me = object()
    if line:
        line.held.add(me)
    try:
        yield
    finally:
        if line:
            line.held.discard(me)


def is_read(session: str | None) -> bool:
    """Whether the page of this session is connected, as far as the server knows."""
    line = LINES.get(session or "")
    return line is not None and line.is_read
