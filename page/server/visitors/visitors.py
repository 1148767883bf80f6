"""Who is here: the sessions that the server remembers, their addresses, and their open pages.

Everything runs in the server's event loop, so nothing is locked.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.server import work
from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.server.visitors.shares import network_of
from page.texts import Refusal, both

UNREAD = 50  # messages that wait to be read: to more, no run adds any
SHARE = 4  # one account may have a quarter of all remembered sessions: 500
PAGE = re.compile(r"/heartbeat/([^/]+)$")
STREAM = re.compile(r"/queue/data$")
CALL = re.compile(r"/call/(?:v2/)?[^/]+/([^/]+)$")  # the result of an event, by its id


class Memory:
    """What the server keeps of sessions: nothing, before it has a page (gradio_sessions.py)."""

    def in_use(self) -> set[str]:
        """Sessions with events in line or at work."""
        return set()

    def worth(self, session: str) -> int:
        """0: it never did anything. 1: what it did can be lost. 2: a visitor's work."""
        return 0

    def session_of(self, event: str) -> str | None: ...

    def unread(self, session: str) -> int:
        """How many messages wait for it."""
        return 0

    def forget(self, session: str) -> None: ...

    def forget_messages(self, session: str) -> None: ...


@dataclass
class Session:
    address: str
    used: float  # monotonic seconds
    heard: float = float("-inf")  # when it last opened a stream


class Visitors:
    def __init__(self, memory: Memory | None = None):
        self.memory = memory or Memory()
        self.sessions: dict[str, Session] = {}  # the longest unused first
        self.pages: Counter[str] = Counter()  # open pages of each session
        self.streams: dict[str, set[asyncio.Task]] = {}  # open streams of messages
        self._new: Counter[str] = Counter()  # sessions of each account in this minute
        self._unheard: Counter[str] = Counter()  # runs that nobody listened to, likewise
        self._minute = 0

    def is_behind(self, name: str | None) -> bool:
        """Whether it doesn't read what it is sent: its line is slow, or it means harm."""
        return bool(name) and self.memory.unread(name) > UNREAD

    def until_read(self, name: str | None) -> Iterator[None]:
        """To go through with pauses, while it is behind and the server goes on. Refusal if that
        takes as long as for one that has gone."""
        begun = time.monotonic()
        while self.is_behind(name) and not work.closing.is_set():
            if time.monotonic() - begun > LIMITS.lost_s:
                raise Refusal("event_unheard")
            yield

    def admit(self, name: str, address: str) -> None:
        """Remember this session, unless it is known. Raises Refused, and then keeps nothing."""
        if session := self.sessions.pop(name, None):
            session.used = time.monotonic()
            self.sessions[name] = session  # the last one
            return
        self._begin_minute()
        account = network_of(address)
        if self._new[account] >= LIMITS.sessions_a_minute:
            raise Refused(429, both("sessions_many"))
        self._make_room(account)
        self._new[account] += 1
        self.sessions[name] = Session(address, time.monotonic())

    def _begin_minute(self) -> None:
        if self._minute != (minute := int(time.monotonic() // 60)):
            self._minute = minute
            self._new.clear()
            self._unheard.clear()

    def _make_room(self, account: str) -> None:
        """Forget the least of all sessions if there are too many, or of this account's."""
        have = Counter(network_of(session.address) for session in self.sessions.values())
        full = len(self.sessions) >= LIMITS.sessions
        if not full and have[account] < LIMITS.sessions // SHARE:
            return
        least = self._least(account, have, full)
        if least is None:
            raise Refused(429, both("sessions_full"))
        del self.sessions[least]
        self.memory.forget(least)

    def _least(self, account: str, have: Counter[str], full: bool) -> str | None:
        """Of all idle sessions, or of this account's: the longest unused that never did anything,
        or the longest unused without a visitor's work. An open page alone keeps no place from
        others of its account, nor, if it has the most, from those who have fewer."""
        if idle := self._idle(None if full else account, self.pages.keys()):
            return idle
        if not full:
            return self._idle(account)
        ((most, count),) = have.most_common(1)
        return self._idle(most) if count > have[account] + 1 else None

    def _idle(self, account: str | None, kept: Collection[str] = ()) -> str | None:
        in_use = {*self.memory.in_use(), *self.streams, *kept}
        second = None
        for name, session in self.sessions.items():
            if name not in in_use and account in (None, network_of(session.address)):
                worth = self.memory.worth(name)
                if worth == 0:
                    return name
                second = second or (name if worth == 1 else None)
        return second

    def unheard(self, address: str) -> None:
        """Nobody has listened to a run from this address."""
        self._begin_minute()
        self._unheard[network_of(address)] += 1

    def is_listener(self, name: str, address: str) -> bool:
        """Whether somebody will listen to this session's next run, as far as one can know: where
        many runs were not listened to, only if somebody does already."""
        self._begin_minute()
        return self._unheard[network_of(address)] < LIMITS.unheard_a_minute or name in self.streams

    def is_heard(self, name: str, since: float) -> bool:
        """Whether anybody has listened to this session since then (monotonic seconds)."""
        session = self.sessions.get(name)
        return name in self.streams or (session is not None and session.heard >= since)

    async def stream(
        self, name: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """A stream of messages that `app` answers with, until `hang_up`."""
        begun = False
        if name in self.sessions:
            self.sessions[name].heard = time.monotonic()

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        task = asyncio.ensure_future(app(scope, receive, noted))
        self.streams.setdefault(name, set()).add(task)
        try:
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()  # raises what it raised
            elif begun:
                await send({"type": "http.response.body", "body": b""})
            else:  # without an answer, the server would call it its own fault
                await _gone().answer(scope["path"])(scope, receive, send)
        finally:
            task.cancel()
            self.streams[name].discard(task)
            if not self.streams[name]:
                del self.streams[name]

    async def hang_up(self, name: str) -> bool:
        """End the session's streams, which may hang, and with them what it waits for. Whether it
        is known."""
        if tasks := list(self.streams.get(name, ())):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        self.memory.forget_messages(name)
        return name in self.sessions

    def counts(self) -> dict:
        sessions, pages = self.sessions.values(), self.pages.total()
        addresses = len({session.address for session in sessions})
        return {"sessions": len(sessions), "addresses": addresses, "pages": pages}


VISITORS = Visitors()


class Presence:
    """Middleware that counts each session's open pages and streams."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        if is_get and (page := PAGE.search(path)):
            VISITORS.pages[page[1]] += 1
            try:
                await self.app(scope, receive, send)
            finally:
                VISITORS.pages[page[1]] -= 1
                VISITORS.pages += Counter()  # without those that have none
        elif is_get and (name := self._listener(path, scope)):
            await VISITORS.stream(name, self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    @staticmethod
    def _listener(path: str, scope: Scope) -> str | None:
        if STREAM.search(path):
            asked = parse_qs(scope["query_string"].decode("latin-1"))
            return asked.get("session_hash", [None])[-1]
        return VISITORS.memory.session_of(call[1]) if (call := CALL.search(path)) else None


async def hang_up(request: Request) -> Response:
    """What a page asks for when it is back after its connection was lost."""
    session = (await request.json()).get("session_hash")
    if await VISITORS.hang_up(str(session)):
        return Response(status_code=204)
    raise _gone()


def _gone() -> Refused:
    return Refused(410, both("line_gone"))
