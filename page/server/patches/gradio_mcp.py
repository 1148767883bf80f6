"""Patches of Gradio's MCP server, for when one is asked for.

Gradio's own is a single client of the page, so that all callers share a session, and each call
waits in one of the threads that everything else of Gradio needs. Here a call is two requests that
the caller might have sent, answered within this process: they are the caller's own, as are the
files that come with them, and the caller's session is the one that `SESSION` names.
"""

import asyncio
import base64
import json
import mimetypes
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import httpx
from gradio import route_utils
from gradio.components import State
from gradio.mcp import GradioMCPServer
from mcp import types
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from ddpm.patching import expect_callable, patch

API = "/gradio_api"
SESSION = b"mcp-session-id"  # a header: clients repeat what the answer to their first request says
UNUSED = (  # the page has neither prompts nor resources, and Gradio would call its last tool
    types.ListPromptsRequest, types.GetPromptRequest, types.ListResourcesRequest,
    types.ListResourceTemplatesRequest, types.ReadResourceRequest,
)  # fmt: skip

_create = GradioMCPServer.create_mcp_server
_launch = GradioMCPServer.launch_mcp_on_sse
_threads = ThreadPoolExecutor(2, "mcp")  # for encoding what was drawn
_sessions: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
expect_callable(GradioMCPServer, "_prepare_tool_call_args", "(self, name, arguments)")
expect_callable(GradioMCPServer, "postprocess_output_data", "(self, data, root_url)")


@patch(GradioMCPServer, "create_mcp_server")
def _create_with_own_calls(self: GradioMCPServer):
    server = _create(self)
    for kind in UNUSED:
        del server.request_handlers[kind]
    server.call_tool()(partial(_call, self))
    return server


@patch(GradioMCPServer, "launch_mcp_on_sse")
def _launch_with_sessions(self: GradioMCPServer, app, subpath, root_path) -> None:
    """Gradio's server knows no sessions, so that nothing is kept of who has been here."""
    self.handle_streamable_http = partial(_named, self.handle_streamable_http)
    _launch(self, app, subpath, root_path)


async def _named(app, scope: Scope, receive: Receive, send: Send) -> None:
    name = dict(scope["headers"]).get(SESSION) or secrets.token_hex(16).encode()

    async def send_named(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (SESSION, name)]}
        await send(message)

    await app(scope, receive, send_named)


async def _call(self: GradioMCPServer, name: str, arguments: dict[str, Any]) -> list:
    """What a tool returns, as MCP wants it."""
    request: Any = self.mcp_server.request_context.request
    for key, *deeper in self.get_input_schema(name)[1]:
        argument = str(key)
        if not deeper and str(arguments.get(argument)).startswith("data:"):
            arguments[argument] = await _upload(self, request, arguments[argument])
    endpoint, values, _, listener = self._prepare_tool_call_args(name, arguments)
    session = request.headers.get(SESSION.decode()) or secrets.token_hex(16)
    body = json.dumps({"data": values, "session_hash": session}).encode()
    # the messages of a session are for whoever asks first
    async with _sessions.setdefault(session, asyncio.Lock()):
        joined = _json(await _ask(self, request, "POST", f"/call{endpoint}", body))
        _, said = await _ask(self, request, "GET", f"/call{endpoint}/{joined['event_id']}")
    shown = [
        value
        for value, block in zip(_last(said), listener.outputs, strict=True)
        if not isinstance(block, State)
    ]
    root = route_utils.get_root_url(request, self.get_route_path(request), self.root_path)
    encode = partial(self.postprocess_output_data, shown, root)
    return await asyncio.get_running_loop().run_in_executor(_threads, encode)


async def _upload(self: GradioMCPServer, request: Request, uri: str) -> dict:
    """The file in a data URI, as an upload of the caller's."""
    kind, _, data = uri.removeprefix("data:").partition(",")
    name = f"file{mimetypes.guess_extension(kind.partition(';')[0]) or ''}"
    form = httpx.Request("POST", "http://page", files={"files": (name, base64.b64decode(data))})
    sent = form.read(), form.headers["content-type"]
    (path,) = _json(await _ask(self, request, "POST", "/upload", *sent))
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


async def _ask(
    self: GradioMCPServer,
    request: Request,
    method: str,
    path: str,
    body: bytes = b"",
    kind: str = "application/json",
) -> tuple[int, bytes]:
    """The status of the page's answer to this caller, and the last message in it: of a stream, the
    last event."""
    headers = {"host": request.headers["host"], "content-type": kind, "content-length": len(body)}
    own = ("type", "asgi", "http_version", "scheme", "client", "server")
    scope = {name: request.scope[name] for name in own} | {
        "method": method, "path": API + path, "root_path": "", "query_string": b"",
        "headers": [(key.encode(), str(value).encode()) for key, value in headers.items()],
    }  # fmt: skip
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    status, last, steps = 0, b"", 0

    async def receive() -> Message:
        return first.pop() if first else await request.receive()  # a caller may leave

    async def send(message: Message) -> None:
        nonlocal status, last, steps
        status = message.get("status", status)
        last = message.get("body") or last
        if last.startswith(b"event: generating"):
            steps += 1
            await _progress(self, steps)

    await self.blocks.app(scope, receive, send)
    return status, last


async def _progress(self: GradioMCPServer, steps: int) -> None:
    """A sign of life, for a caller who wants one."""
    context = self.mcp_server.request_context
    if context.meta is not None and (token := context.meta.progressToken) is not None:
        await context.session.send_progress_notification(
            token, steps, message="Processing", related_request_id=str(context.request_id)
        )


def _json(answer: tuple[int, bytes]) -> Any:
    status, body = answer
    if status != 200:
        raise RuntimeError(body.decode())
    return json.loads(body)


def _last(event: bytes) -> list:
    """The values of the event with which a stream has ended."""
    kind, _, data = event.decode().strip().partition("\ndata: ")
    said = json.loads(data or "null")
    if kind != "event: complete":
        raise RuntimeError(said.get("error") if isinstance(said, dict) else str(said))
    return said
