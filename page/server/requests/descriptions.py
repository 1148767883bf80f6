"""What programs read of the page, its configuration and its endpoints: the same for all but for the
page's own address. Gradio writes the half megabyte again for everyone, in 60 ms of the event loop;
here it is asked once."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from page.server.requests.kept_answers import ORIGIN, Answer, Asked, answer_of

PATHS = ("/config", "/gradio_api/info", "/gradio_api/openapi.json")


class Descriptions:
    """An app that asks `app`, Gradio's, once for each description."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._kept: dict[tuple[Asked, bool], asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root_path = scope.get("root_path", "")
        path = scope.get("path", "").removeprefix(root_path).rstrip("/")
        if scope["type"] != "http" or scope["method"] != "GET" or path not in PATHS:
            await self._app(scope, receive, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        every = query.get("all_endpoints", [""])[-1].lower() in ("true", "1")
        answer = await self._answer(Asked(path, root_path), every)
        host = next((value for name, value in scope["headers"] if name == b"host"), b"localhost")
        body = answer.body.replace(ORIGIN, scope["scheme"].encode() + b"://" + host)
        headers = [pair for pair in answer.headers if pair[0] == b"content-type"]
        headers.append((b"content-length", b"%d" % len(body)))
        await Answer(answer.status, headers, body).send(scope, send)

    async def _answer(self, asked: Asked, every: bool) -> Answer:
        task = self._kept.get((asked, every))
        if task is None or (task.done() and (task.exception() or task.result().status != 200)):
            # without a page, Gradio keeps for all the code that it wrote for the first host
            query = b"all_endpoints=%s&page=" % (b"true" if every else b"false")
            task = asyncio.create_task(answer_of(self._app, asked, query))
            self._kept[asked, every] = task
        return await asyncio.shield(task)  # whoever asked first may leave
