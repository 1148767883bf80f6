"""A page that travels light, for a room on bad Wi-Fi."""

from __future__ import annotations

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's own files have a hash of their content in their name: another content, another name
HASHED = re.compile(r"/assets/[^/]+-[\w-]{8}\.\w+$")
KEEP = (b"cache-control", b"public, max-age=31536000, immutable")


class TravelLight:
    """Compresses the page, which Gradio sends as it is (it compresses files alone), and lets
    browsers keep hashed files, of which Gradio has them ask at every visit, one by one."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.compressing = GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == "/":
            await self.compressing(scope, receive, send)
        elif HASHED.search(path):
            await self.app(scope, receive, lambda message: send(_kept(message)))
        else:
            await self.app(scope, receive, send)


def _kept(message: Message) -> Message:
    if message["type"] != "http.response.start" or message["status"] != 200:
        return message
    return message | {"headers": [*message["headers"], KEEP]}
