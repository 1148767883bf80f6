"""Requests that the server answers before it opens its port: do its protections still work?

That a function has the signature which its patch was written for doesn't show that Gradio still
calls it. So a socket of its own gets what an attacker would send.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import gradio as gr
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from ddpm.patching import PatchError
from page.server.patches.heads import Heads
from page.texts import both

API = "/gradio_api"
ADDRESS = "127.0.0.1"
URL = {"path": "http://page.invalid/a.png", "meta": {"_type": "gradio.FileData"}}
FORM = (
    b'--f\r\nContent-Disposition: form-data; name="files"; filename="test.txt"\r\n\r\n'
    b"a test\r\n--f--\r\n"
)
Ask = Callable[..., Awaitable[tuple[int, str]]]


async def check(app: ASGIApp, page: gr.Blocks, bytes_of: Callable[[str], int]) -> None:
    """Raises PatchError if a protection doesn't work. `bytes_of`: how many bytes of uploads are
    counted for an address."""
    async with _serving(app) as ask:
        for what, works in {
            "unknown paths aren't refused": await _gate_is_closed(ask),
            "an address in place of a file isn't refused": await _addresses_are_refused(ask, page),
            "uploads aren't counted": await _uploads_count(ask, bytes_of),
        }.items():
            if not works:
                raise PatchError(
                    f"{what}, and Gradio {gr.__version__} is installed: install the pinned "
                    "version (requirements.txt), or adapt the patch"
                )


async def _gate_is_closed(ask: Ask) -> bool:
    """Gradio itself knows both paths."""
    paths = (f"{API}/deep_link?session_hash=test", "/static/%2e/img/logo.svg")
    answers = [await ask("GET", path) for path in paths]
    return all(status == 404 and "nosniff" in answer for status, answer in answers)


async def _addresses_are_refused(ask: Ask, page: gr.Blocks) -> bool:
    """By any listener that the page asks outside of the queue: Gradio looks for files in the values
    of all components."""
    for listener in page.fns.values():
        if (
            listener.queue is False
            and listener.preprocess
            and listener.api_name
            and listener.inputs
        ):
            body = {"data": [URL] * len(listener.inputs)}
            path = f"{API}/run/{listener.api_name}"
            _, answer = await ask("POST", path, json.dumps(body).encode(), "application/json")
            return both("upload_url") in answer
    return False


async def _uploads_count(ask: Ask, bytes_of: Callable[[str], int]) -> bool:
    before = bytes_of(ADDRESS)
    await ask("POST", f"{API}/upload", FORM, "multipart/form-data; boundary=f")
    return bytes_of(ADDRESS) > before


@asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncIterator[Ask]:
    """Asks this app over a socket that nobody else knows of."""
    config = uvicorn.Config(app, http=Heads, log_config=None, proxy_headers=False)
    config.load()
    protocol = partial(Heads, config, ServerState(), {})
    server = await asyncio.get_running_loop().create_server(protocol, ADDRESS, 0)
    try:
        yield partial(_ask, server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _ask(port: int, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple:
    """The status of the answer, and all of it."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: close\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    try:
        writer.write(head.encode() + b"\r\n" + body)
        answer = (await reader.read()).decode("utf-8", "replace")
    finally:
        writer.close()
    return int(answer.split(maxsplit=2)[1]), answer
