"""Compression and caching, for a room on bad Wi-Fi."""

from __future__ import annotations

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's own files have a hash of their content in their names
HASHED = re.compile(r"/assets/[^/]+-[\w-]{8,9}\.\w+$")
IMMUTABLE = (b"cache-control", b"public, max-age=31536000, immutable")


class CompressAndCache:
    """Compresses the page itself, since Gradio compresses only files, and lets browsers keep
    hashed files, which they would otherwise revalidate one by one on each visit."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.compressing = GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_cacheable(message: Message) -> None:
            await send(_cacheable(message))

        path = scope.get("path", "")
        if path == "/":
            await self.compressing(scope, receive, send)
        elif HASHED.search(path):
            await self.app(scope, receive, send_cacheable)
        else:
            await self.app(scope, receive, send)


def _cacheable(message: Message) -> Message:
    if message["type"] != "http.response.start" or message["status"] != 200:
        return message
    return {**message, "headers": [*message["headers"], IMMUTABLE]}
