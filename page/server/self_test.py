"""Requests that the server answers before it opens its port: do its protections still work?

That a function has the signature which its patch was written for doesn't show that Gradio still
calls it. So a socket of its own gets what an attacker would send.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import gradio as gr
import httpx
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from ddpm.patching import PatchError
from page.server.patches.heads import Heads
from page.texts import both

API = "/gradio_api"
ADDRESS = "127.0.0.1"
URL = {"path": "http://page.invalid/a.png", "meta": {"_type": "gradio.FileData"}}


async def check(app: ASGIApp, page: gr.Blocks, bytes_of: Callable[[str], int]) -> None:
    """Raises PatchError if a protection doesn't work. `bytes_of`: how many bytes of uploads are
    counted for an address."""
    async with _serving(app) as client:
        for what, works in {
            "unknown paths aren't refused": await _gate_is_closed(client),
            "an address in place of a file isn't refused": await _is_refused(client, page),
            "uploads aren't counted": await _uploads_count(client, bytes_of),
        }.items():
            if not works:
                raise PatchError(
                    f"{what}, and Gradio {gr.__version__} is installed: install the pinned "
                    "version (requirements.txt), or adapt the patch"
                )


async def _gate_is_closed(client: httpx.AsyncClient) -> bool:
    """Gradio itself knows both paths."""
    paths = (f"{API}/deep_link?session_hash=test", "/static/%2e/img/logo.svg")
    answers = [await client.get(path) for path in paths]
    return all(each.status_code == 404 and "nosniff" in each.headers.values() for each in answers)


async def _is_refused(client: httpx.AsyncClient, page: gr.Blocks) -> bool:
    """By any listener that the page asks outside of the queue: Gradio looks for files in the values
    of all components."""
    for listener in page.fns.values():
        is_unqueued = listener.queue is False and listener.preprocess
        if is_unqueued and listener.api_name and listener.inputs:
            body = {"data": [URL] * len(listener.inputs)}
            answer = await client.post(f"{API}/run/{listener.api_name}", json=body)
            return both("upload_url") in answer.text
    return False


async def _uploads_count(client: httpx.AsyncClient, bytes_of: Callable[[str], int]) -> bool:
    before = bytes_of(ADDRESS)
    await client.post(f"{API}/upload", files={"files": ("test.txt", b"a test")})
    return bytes_of(ADDRESS) > before


@asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Asks this app over a socket that nobody else knows of."""
    config = uvicorn.Config(app, http=Heads, log_config=None, proxy_headers=False)
    config.load()
    protocol = partial(Heads, config, ServerState(), {})
    server = await asyncio.get_running_loop().create_server(protocol, ADDRESS, 0)
    url = f"http://{ADDRESS}:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=None, trust_env=False) as client:
            yield client
    finally:
        server.close()
