"""Closes connections whose headers don't arrive in time. Uvicorn times only the pause between two
requests, so that a connection that sends one byte, or none, would stay for good."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from page.server.limits import LIMITS


class TimedHeaders(H11Protocol):
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:  # the headers are here
            self._unwatch()
        elif self._timer is None:
            self._timer = self.loop.call_later(LIMITS.header_s, self.timeout_keep_alive_handler)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
