"""A visitor who keeps the page open, does several things at once, and waits for each answer."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from devtools.page_events import Event, events_of
from devtools.visitors import Refused

RESULT = re.compile(r'"path": ?"([^"]+\.(?:gif|safetensors))"')


class HonestVisitor:
    """One open page: a Gradio session, spoken over HTTP as by its own JavaScript, with one stream
    for all its events, and a heartbeat."""

    def __init__(self, url: str):
        self.session = secrets.token_hex(5)
        # the server closes idle connections after five seconds: stop using them before it does
        limits = httpx.Limits(keepalive_expiry=1)
        self.http = httpx.AsyncClient(base_url=url, timeout=120, limits=limits, verify=False)
        self.results: dict[str, str] = {}  # path of the last result file, by event
        self.events: dict[str, Event] = {}
        self._messages: dict[str, asyncio.Queue] = defaultdict(asyncio.Queue)  # by event
        self._under_way = 0
        self._stream: asyncio.Task | None = None
        self._heartbeat: asyncio.Task | None = None

    async def open(self) -> None:
        self.events = events_of((await self.http.get("/")).raise_for_status().text)
        self._heartbeat = asyncio.create_task(self._keep_open())

    async def close(self) -> None:
        for task in (self._stream, self._heartbeat):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
        await self.http.aclose()

    async def fetch(self, path: str) -> None:
        """Download a result, as its button does."""
        (await self.http.get(f"/gradio_api/file={path}")).raise_for_status()

    async def upload(self, file: Path) -> dict:
        """Upload a file; returns it in the form that events take."""
        sent = {"files": (file.name, file.read_bytes())}
        answer = (await self.http.post("/gradio_api/upload", files=sent)).raise_for_status()
        meta = {"_type": "gradio.FileData"}
        return {"path": answer.json()[0], "orig_name": file.name, "meta": meta}

    async def run(self, name: str, changes: Mapping[str, object] = {}) -> AsyncIterator[dict]:
        """Start an event and yield Gradio's messages: queued, updated, completed. `changes` are
        the values that the visitor has set, by elem_id."""
        event = self.events[name]
        body = {"data": event.data(changes), "fn_index": event.number}
        joined = (await self._post("/queue/join", body))["event_id"]
        messages = self._messages[joined]  # the first may have arrived before this answer
        self._under_way += 1
        try:
            if self._stream is None or self._stream.done():
                self._stream = asyncio.create_task(self._listen())
            while True:
                message = await messages.get()
                if isinstance(message, Exception):
                    raise message
                for path in RESULT.findall(json.dumps(message)):
                    self.results[name] = path
                yield message
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise Refused(message["output"].get("error"))
                    return
        finally:
            self._under_way -= 1
            del self._messages[joined]

    async def at_once(self, name: str, changes: Mapping[str, object] = {}) -> list:
        """The outputs of an event that doesn't wait in the queue."""
        event = self.events[name]
        body = {"data": event.data(changes), "fn_index": event.number}
        return (await self._post(f"/run/{name}", body))["data"]

    async def _post(self, path: str, body: dict) -> dict:
        body["session_hash"] = self.session
        answer = await self.http.post(f"/gradio_api{path}", json=body)
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code} {answer.text[:200]}")
        return answer.json()

    async def _listen(self) -> None:
        """Hand each message to its event, while any is under way."""
        try:
            while self._under_way:
                query = {"session_hash": self.session}
                async with self.http.stream("GET", "/gradio_api/queue/data", params=query) as lines:
                    async for line in lines.aiter_lines():
                        if line.startswith("data:"):
                            self._deliver(json.loads(line[5:]))
        except Exception as error:
            self._deliver_to_all(error)

    def _deliver(self, message: dict) -> None:
        if message["msg"] == "unexpected_error":
            self._deliver_to_all(Refused(message.get("message")))
        elif "event_id" in message:
            self._messages[message["event_id"]].put_nowait(message)

    def _deliver_to_all(self, error: Exception) -> None:
        for messages in self._messages.values():
            messages.put_nowait(error)

    async def _keep_open(self) -> None:
        async with self.http.stream("GET", f"/gradio_api/heartbeat/{self.session}") as beats:
            async for _ in beats.aiter_bytes():
                pass


@asynccontextmanager
async def visit(url: str) -> AsyncIterator[HonestVisitor]:
    """An open page."""
    visitor = HonestVisitor(url)
    await visitor.open()
    try:
        yield visitor
    finally:
        await visitor.close()
