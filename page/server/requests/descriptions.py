"""What programs read of the page, its configuration and its endpoints: the same for all but for the
page's own address. Gradio writes the half megabyte again for everyone, in 60 ms of the event loop;
here it is asked once."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS = ("/config", "/gradio_api/info", "/gradio_api/openapi.json")
HOST = b"description.invalid"
ORIGIN = b"http://" + HOST

Answer = tuple[int, bytes, bytes]  # status, content type, body


class Descriptions:
    """An app that asks `app`, Gradio's, once for each description."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._kept: dict[tuple[str, str, bool], asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root_path = scope.get("root_path", "")
        path = scope.get("path", "").removeprefix(root_path).rstrip("/")
        if scope["type"] != "http" or scope["method"] != "GET" or path not in PATHS:
            await self._app(scope, receive, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        every = query.get("all_endpoints", [""])[-1].lower() in ("true", "1")
        status, kind, body = await self._answer((root_path, path, every))
        host = next((value for name, value in scope["headers"] if name == b"host"), b"localhost")
        body = body.replace(ORIGIN, scope["scheme"].encode() + b"://" + host)
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, asked: tuple[str, str, bool]) -> Answer:
        task = self._kept.get(asked)
        if task is None or (task.done() and (task.exception() or task.result()[0] != 200)):
            task = self._kept[asked] = asyncio.create_task(self._make(*asked))
        return await asyncio.shield(task)  # whoever asked first may leave

    async def _make(self, root_path: str, path: str, every: bool) -> Answer:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": root_path + path, "root_path": root_path, "client": None,
            "query_string": b"all_endpoints=%s&page=" % (b"true" if every else b"false"),
            "headers": [(b"host", HOST)], "server": (HOST.decode(), 80),
        }  # fmt: skip
        sent: list[Message] = []

        async def receive() -> Message:  # nothing, and the client stays
            return await asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"])[b"content-type"], body
