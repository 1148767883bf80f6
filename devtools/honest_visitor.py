"""A visitor who keeps the page open, does several things at once, and waits for each answer."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from devtools.visitors import RESULT, Refused, Visitor


class HonestVisitor(Visitor):
    """One stream for all events of the session, and a heartbeat, as in Gradio's own script."""

    def __init__(self, url: str):
        super().__init__(url, assets=[])
        self._messages: dict[str, asyncio.Queue] = defaultdict(asyncio.Queue)  # by event
        self._under_way = 0
        self._stream: asyncio.Task | None = None
        self._heartbeat: asyncio.Task | None = None

    async def open(self) -> None:
        await self.load()
        self._heartbeat = asyncio.create_task(self._keep_open())

    async def close(self) -> None:
        for task in (self._stream, self._heartbeat):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
        await self.http.aclose()

    async def run(self, name: str, changes: Mapping[str, object] = {}) -> AsyncIterator[dict]:
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
