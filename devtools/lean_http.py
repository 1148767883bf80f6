"""HTTP/1.1 on bare sockets, for crowds: httpx takes longer than many of the server's answers."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from devtools.visitors import Refused

ANSWER_S = 120.0  # within which an answer has begun
IDLE_S = 3.0  # the server closes idle connections after five seconds

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Http:
    """Requests to one host, from `source` among this machine's addresses, over connections that
    are kept, with its cookies."""

    def __init__(self, url: str, source: str | None = None, headers: Mapping[str, str] = {}):
        self._host = url.removeprefix("http://")
        self._source = None if source is None else (source, 0)
        self._headers = [f"{name}: {value}" for name, value in headers.items()]
        self._idle: list[tuple[float, Connection]] = []
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
        """The answer's body, compressed if the server compresses it. Refused if it is none."""
        connection = await self._send(method, path, body, kind)
        status, headers = await self._head(connection[0])
        if status == 204:  # without a body
            answer = b""
        elif "content-length" in headers:
            answer = await connection[0].readexactly(int(headers["content-length"]))
        else:
            answer = b"".join([piece async for piece in _chunks(connection[0])])
        self._idle.append((time.monotonic(), connection))
        if status >= 400:
            raise Refused(f"{status} {_why(answer) or path}")
        return answer

    async def json(self, path: str, body: object = None) -> Any:
        """What is answered, as JSON; with a body, to a POST of it."""
        sent = b"" if body is None else json.dumps(body).encode()
        answer = await self.ask("POST" if sent else "GET", path, sent, "application/json")
        return json.loads(plain(answer))

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an answer, as they arrive."""
        connection = await self._send("GET", path)
        try:
            status, _ = await self._head(connection[0])
            if status != 200:
                raise Refused(f"{status} {path}")
            yield _chunks(connection[0])
        finally:
            connection[1].close()

    async def close(self) -> None:
        for _, (_, writer) in self._idle:
            writer.close()
        self._idle.clear()

    async def _send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Connection:
        connection = self._kept() or await asyncio.open_connection(
            *self._host.split(":"), local_addr=self._source
        )
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Accept-Encoding: gzip"]
        lines += self._headers
        if self.cookies:
            lines.append("Cookie: " + "; ".join(map("=".join, self.cookies.items())))
        if body:
            lines += [f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
        connection[1].write("\r\n".join([*lines, "", ""]).encode() + body)
        await connection[1].drain()
        return connection

    def _kept(self) -> Connection | None:
        while self._idle:
            since, connection = self._idle.pop()
            if time.monotonic() - since < IDLE_S and not connection[0].at_eof():
                return connection
            connection[1].close()
        return None

    async def _head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_S)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if cookie := headers.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return int(first.split()[1]), headers


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The pieces of a body in chunks."""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)


def plain(answer: bytes) -> bytes:
    """An answer that may have been compressed."""
    return gzip.decompress(answer) if answer.startswith(b"\x1f\x8b") else answer


def _why(answer: bytes) -> str | None:
    with suppress(ValueError, AttributeError):
        return json.loads(plain(answer)).get("detail")
    return None


async def messages(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of a stream of events."""
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:]
