"""A visitor who costs little, for crowds: HTTP/1.1 on bare sockets, and answers left as bytes.

What a browser sends to the page, this sends: `devtools.visitors` says it in JSON and with httpx,
which take longer than many of the server's answers.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devtools.page_events import Event
from devtools.visitors import Refused

IDLE_S = 3.0  # the server closes idle connections after five seconds
AT_ONCE = 6  # requests, as in a browser
MESSAGE = re.compile(rb'"msg": ?"(\w+)"')
RESULT = re.compile(rb'"path": ?"([^"]+\.(?:gif|safetensors))"')

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Http:
    """Requests to one host, over connections that are kept, with its cookies."""

    def __init__(self, url: str):
        self._host = url.removeprefix("http://")
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
            raise Refused(_why(answer) or f"{status} {path}")
        return answer

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
        connection = self._kept() or await asyncio.open_connection(*self._host.split(":"))
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", "Accept-Encoding: gzip"]
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
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
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


def _why(answer: bytes) -> str | None:
    with suppress(ValueError, AttributeError):
        return json.loads(answer).get("detail")
    return None


class LeanVisitor:
    """One open page. `events` are the page's, which one visitor can read for all; `assets` what a
    browser loads with it, for each of the servers behind an address."""

    def __init__(self, url: str, assets: Sequence[list[str]], events: Mapping[str, Event]):
        self.session = secrets.token_hex(5)
        self.http = Http(url)
        self.assets = assets
        self.events = events
        self.results: dict[str, str] = {}  # path of the last result file, by event
        self.loaded = False
        self._heartbeat: asyncio.Task | None = None

    async def load(self) -> None:
        """Load the page and its assets, and keep it open."""
        await self.http.ask("GET", "/")
        assets = self.assets[int(self.http.cookies.get("server", 1)) - 1]
        at_once = asyncio.Semaphore(AT_ONCE)

        async def get(path: str) -> None:
            async with at_once:
                await self.http.ask("GET", path)

        await asyncio.gather(*map(get, assets))
        self._heartbeat = asyncio.create_task(self._keep_open())
        self.loaded = True

    async def _keep_open(self) -> None:
        async with self.http.stream(f"/gradio_api/heartbeat/{self.session}") as beats:
            async for _ in beats:
                pass

    async def close(self) -> None:
        if self._heartbeat:
            self._heartbeat.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._heartbeat
        await self.http.close()

    async def fetch(self, path: str) -> None:
        """Download a result, as its button does."""
        await self.http.ask("GET", f"/gradio_api/file={path}")

    async def upload(self, file: Path) -> dict:
        """Upload a file; returns it in the form that events take."""
        mark = secrets.token_hex(16)
        head = f'Content-Disposition: form-data; name="files"; filename="{file.name}"\r\n\r\n'
        body = f"--{mark}\r\n{head}".encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        answer = await self.http.ask("POST", "/gradio_api/upload", body, kind)
        meta = {"_type": "gradio.FileData"}
        return {"path": json.loads(answer)[0], "orig_name": file.name, "meta": meta}

    async def run(
        self, name: str, changes: Mapping[str, object] = {}
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Start an event and yield Gradio's messages until it is completed: what each is, and its
        JSON. `changes` are the values that the visitor has set, by elem_id.
        """
        event = self.events[name]
        body = {"data": event.data(changes), "fn_index": event.number, "session_hash": self.session}
        await self.http.ask(
            "POST", "/gradio_api/queue/join", json.dumps(body).encode(), "application/json"
        )
        query = f"/gradio_api/queue/data?session_hash={self.session}"
        async with self.http.stream(query) as pieces:
            async for line in _lines(pieces):
                what = MESSAGE.search(line)
                if not what:
                    continue
                for path in RESULT.findall(line):
                    self.results[name] = path.decode()
                yield what[1].decode(), line
                if what[1] == b"process_completed":
                    ended = json.loads(line[5:])
                    if not ended["success"]:
                        raise Refused(ended["output"].get("error"))
                    return


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line
