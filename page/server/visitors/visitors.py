"""Who is here: the sessions that the server remembers, their addresses, and their open pages.

Everything runs in the server's event loop, so nothing is locked.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.texts import both

SHARE = 4  # one address may have a quarter of all remembered sessions: 500
PAGE = re.compile(r"/heartbeat/([^/]+)$")
STREAM = re.compile(r"/queue/data$")
CALL = re.compile(r"/call/(?:v2/)?[^/]+/([^/]+)$")  # the result of an event, by its id


class Memory(Protocol):
    """What the server keeps of sessions."""

    def in_use(self) -> set[str]:
        """Sessions with events in line or at work."""
        ...

    def worth(self, session: str) -> int:
        """0: it never did anything. 1: what it did can be lost. 2: a visitor's work."""
        ...

    def session_of(self, event: str) -> str | None: ...

    def forget(self, session: str) -> None: ...


@dataclass
class Session:
    address: str
    used: float  # monotonic seconds
    heard: float = float("-inf")  # when it last opened a stream


class Visitors:
    def __init__(self, memory: Memory | None = None):
        self.memory = memory
        self.sessions: dict[str, Session] = {}  # the longest unused first
        self._at_address: Counter[str] = Counter()
        self.pages: Counter[str] = Counter()  # open pages of each session
        self.streams: Counter[str] = Counter()  # open streams of messages
        self._new: Counter[str] = Counter()  # sessions of each address in this minute
        self._unheard: Counter[str] = Counter()  # runs that nobody listened to, likewise
        self._minute = 0

    def admit(self, name: str, address: str) -> None:
        """Remember this session, unless it is known. Raises Refused, and then keeps nothing."""
        if session := self.sessions.pop(name, None):
            session.used = time.monotonic()
            self.sessions[name] = session  # the last one
            return
        self._begin_minute()
        if self._new[address] >= LIMITS.sessions_a_minute:
            raise Refused(429, both("sessions_many"))
        self._make_room(address)
        self._new[address] += 1
        self._at_address[address] += 1
        self.sessions[name] = Session(address, time.monotonic())

    def _begin_minute(self) -> None:
        if self._minute != (minute := int(time.monotonic() // 60)):
            self._minute = minute
            self._new.clear()
            self._unheard.clear()

    def _make_room(self, address: str) -> None:
        """Forget the least of all sessions if there are too many, or of this address's."""
        full = len(self.sessions) >= LIMITS.sessions
        if not full and self._at_address[address] < LIMITS.sessions // SHARE:
            return
        if self.memory is None:
            raise Refused(429, both("sessions_full"))
        least = self._least(self.memory, None if full else address)
        if least is None:
            raise Refused(429, both("sessions_full"))
        self._at_address[self.sessions.pop(least).address] -= 1
        self.memory.forget(least)

    def _least(self, memory: Memory, address: str | None) -> str | None:
        """Of all idle sessions, or of this address's: the longest unused that never did anything,
        or the longest unused without a visitor's work."""
        in_use = memory.in_use() | self.pages.keys() | self.streams.keys()
        second = None
        for name, session in self.sessions.items():
            if name not in in_use and address in (None, session.address):
                worth = memory.worth(name)
                if worth == 0:
                    return name
                second = second or (name if worth == 1 else None)
        return second

    def unheard(self, address: str) -> None:
        """Nobody has listened to a run from this address."""
        self._begin_minute()
        self._unheard[address] += 1

    def is_listener(self, name: str, address: str) -> bool:
        """Whether somebody will listen to this session's next run, as far as one can know: where
        many runs were not listened to, only if somebody does already."""
        self._begin_minute()
        return self._unheard[address] < LIMITS.unheard_a_minute or self.streams[name] > 0

    def is_heard(self, name: str, since: float) -> bool:
        """Whether anybody has listened to this session since then (monotonic seconds)."""
        session = self.sessions.get(name)
        return self.streams[name] > 0 or (session is not None and session.heard >= since)

    def listen(self, name: str) -> None:
        if name in self.sessions:
            self.sessions[name].heard = time.monotonic()

    def counts(self) -> dict:
        addresses = {session.address for session in self.sessions.values()}
        return {
            "sessions": len(self.sessions),
            "addresses": len(addresses),
            "pages": self.pages.total(),
        }


VISITORS = Visitors()


class Presence:
    """Middleware that counts each session's open pages and streams."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
        elif page := PAGE.search(path):
            await self._counted(VISITORS.pages, page[1], scope, receive, send)
        elif name := self._listener(path, scope):
            VISITORS.listen(name)
            await self._counted(VISITORS.streams, name, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    @staticmethod
    def _listener(path: str, scope: Scope) -> str | None:
        if STREAM.search(path):
            asked = parse_qs(scope["query_string"].decode("latin-1"))
            return asked.get("session_hash", [None])[-1]
        if (call := CALL.search(path)) and VISITORS.memory:
            return VISITORS.memory.session_of(call[1])
        return None

    async def _counted(
        self, open_now: Counter[str], name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        open_now[name] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            open_now[name] -= 1
            if not open_now[name]:
                del open_now[name]
