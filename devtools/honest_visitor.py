"""A visitor who keeps the page open, does several things at once, and waits for each answer."""

import asyncio
import json
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devtools.lean_http import Http, messages, plain
from devtools.page_events import Event, events_of
from devtools.visitors import Refused

AT_ONCE = 6  # requests, as in a browser
EVENT = re.compile(rb'"event_id": ?"(\w+)"')
MESSAGE = re.compile(rb'"msg": ?"(\w+)"')
RESULT = re.compile(rb'"path": ?"([^"]+\.(?:gif|safetensors))"')


class HonestVisitor:
    """One open page: a Gradio session, spoken over HTTP as by its own JavaScript, with one stream
    for all its events, and a heartbeat. What is answered is left as bytes, so that a crowd of them
    costs little.

    `events` are the page's, which one visitor can read for all; `assets` what a browser loads with
    it, for each of the servers behind an address; the rest is for `Http`.
    """

    def __init__(
        self,
        url: str,
        events: dict[str, Event] | None = None,
        assets: Sequence[list[str]] = ([],),
        **http,
    ):
        self.session = secrets.token_hex(5)
        self.http = Http(url, **http)
        self.assets = assets
        self.events = events or {}
        self.results: dict[str, str] = {}  # path of the last result file, by event
        self.loaded = False
        self._reads_events = events is None
        self._messages: dict[str, asyncio.Queue] = defaultdict(asyncio.Queue)  # by event
        self._under_way: set[str] = set()  # events whose end has not come
        self._stream: asyncio.Task | None = None
        self._heartbeat: asyncio.Task | None = None

    async def open(self) -> None:
        """Load the page and its assets, and keep it open."""
        page = await self.http.ask("GET", "/")
        if self._reads_events:
            self.events = events_of(plain(page).decode())
        server = int(self.http.cookies.get("server", 1)) if len(self.assets) > 1 else 1
        at_once = asyncio.Semaphore(AT_ONCE)

        async def get(path: str) -> None:
            async with at_once:
                await self.http.ask("GET", path)

        await asyncio.gather(*map(get, self.assets[server - 1]))
        self._heartbeat = asyncio.create_task(self._keep_open())
        self.loaded = True

    async def close(self) -> None:
        for task in (self._stream, self._heartbeat):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
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
        return {"path": json.loads(plain(answer))[0], "orig_name": file.name, "meta": meta}

    async def run(
        self, name: str, changes: Mapping[str, object] = {}
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Start an event and yield Gradio's messages: what each is (queued, updated, completed),
        and its JSON. `changes` are the values that the visitor has set, by elem_id."""
        joined = (await self._post("/queue/join", name, changes))["event_id"]
        arrived = self._messages[joined]  # the first may be here before this answer
        self._under_way.add(joined)
        try:
            if self._stream is None or self._stream.done():
                self._stream = asyncio.create_task(self._listen())
            while True:
                message = await arrived.get()
                if isinstance(message, Exception):
                    raise message
                for path in RESULT.findall(message):
                    self.results[name] = path.decode()
                what = _what(message)
                yield what, message
                if what == "process_completed":
                    ended = json.loads(message)
                    if not ended["success"]:
                        raise Refused(ended["output"].get("error"))
                    return
        finally:
            self._under_way.discard(joined)
            del self._messages[joined]

    async def at_once(self, name: str, changes: Mapping[str, object] = {}) -> list:
        """The outputs of an event that doesn't wait in the queue."""
        return (await self._post(f"/run/{name}", name, changes))["data"]

    async def _post(self, path: str, name: str, changes: Mapping[str, object]) -> dict:
        event = self.events[name]
        body = {"data": event.data(changes), "fn_index": event.number, "session_hash": self.session}
        return await self.http.json(f"/gradio_api{path}", body)

    async def _listen(self) -> None:
        """Hand each message to its event, while any is under way."""
        path = f"/gradio_api/queue/data?session_hash={self.session}"
        try:
            while self._under_way:
                async with self.http.stream(path) as pieces:
                    async for message in messages(pieces):
                        self._deliver(message)
        except Exception as error:
            self._deliver_to_all(error)

    def _deliver(self, message: bytes) -> None:
        if _what(message) == "unexpected_error":
            self._deliver_to_all(Refused(json.loads(message).get("message")))
        elif event := EVENT.search(message):
            name = event[1].decode()
            self._messages[name].put_nowait(message)
            if _what(message) == "process_completed":
                self._under_way.discard(name)

    def _deliver_to_all(self, error: Exception) -> None:
        for arrived in self._messages.values():
            arrived.put_nowait(error)

    async def _keep_open(self) -> None:
        async with self.http.stream(f"/gradio_api/heartbeat/{self.session}") as beats:
            async for _ in beats:
                pass


def _what(message: bytes) -> str:
    found = MESSAGE.search(message)
    return found[1].decode() if found else ""


@asynccontextmanager
async def visit(url: str) -> AsyncIterator[HonestVisitor]:
    """An open page."""
    visitor = HonestVisitor(url)
    await visitor.open()
    try:
        yield visitor
    finally:
        await visitor.close()
