"""The heads of requests: parsed in C, and given up if they don't arrive in time or don't end.

Uvicorn times only the pause between two requests, so that a connection that sends one byte, or
none, would stay for good; and with this parser it keeps all headers and trailers that come.
"""

import asyncio
from types import FunctionType

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ddpm.patching import expect
from page.server.limits import LIMITS

MOST = 64_000  # bytes of a head; what is shorter is the gate's to refuse


class Heads(HttpToolsProtocol):
    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _received = 0  # bytes since it began

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._received += len(data)
        self._watch()
        if self._in_head and self._received > MOST and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._in_head, self._received = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # trailers come here too, and nobody reads them
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def _watch(self) -> None:
        if not self._in_head:
            self._unwatch()
        elif self._timer is None:
            self._timer = self.loop.call_later(LIMITS.header_s, self.timeout_keep_alive_handler)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


for name in (*vars(Heads), "send_400_response", "timeout_keep_alive_handler"):
    if not name.startswith("_"):  # uvicorn's own, replaced and called
        expect(HttpToolsProtocol, name, FunctionType)
