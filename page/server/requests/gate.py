"""The gate: every request passes it before Gradio sees it, and every answer on its way back."""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ddpm.patching import expect
from page.server import work
from page.server.limits import LIMITS, Limits
from page.server.monitoring import metrics
from page.server.patches.gradio_patches import upload_folder
from page.server.refusal import Refused
from page.server.requests import bodies, page_html, routes
from page.server.requests.kept_answers import KeptAnswers
from page.server.requests.routes import Body, Route
from page.server.requests.security_headers import SecurityHeaders
from page.server.visitors.client_address import Proxies, default_proxies
from page.server.visitors.ledger import Tokens
from page.server.visitors.shares import network_of
from page.server.visitors.visitors import VISITORS
from page.texts import both

LOG = logging.getLogger(__name__)
HOST = re.compile(r"([\w.-]{1,253}|\[[\da-fA-F:.]+\])(:\d{1,5})?", re.ASCII)
NAMED = (  # a session, in a body and in an address
    re.compile(rb'"session_hash"\s*:\s*"([\w-]+)"'),
    re.compile(rb"(?:session_hash=|/heartbeat/)([\w-]+)"),
)
# What is refused while the server ends: after a 503, a proxy asks the next one; a 429 is shown.
# Those who are here may still press Stop and fetch their results.
ENDS = {"/": 503, "/gradio_api/queue/join": 429}


def enclose(app: Starlette, first_sight: str, files: Mapping[str, Path] | None = None) -> None:
    """Put the gate around everything, Gradio's own middleware too, before the server accepts its
    first connection. `files` of the page's own are answered by their paths."""
    stack: Any = expect(app, "middleware_stack", object)
    # nobody else has put anything there yet
    pictures = {str(path) for path in upload_folder().rglob("*") if path.is_file()}
    change = partial(page_html.changed, first_sight=first_sight)
    tokens = Tokens()
    kept = KeptAnswers(paid(stack, tokens), pictures, change, files)
    app.middleware_stack = Gate(kept, tokens=tokens)


def paid(app: ASGIApp, tokens: Tokens) -> ASGIApp:
    """Takes a token for what no kept answer serves; for a POST, the gate has taken it."""

    async def pay(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" and scope["client"]:
            address = scope["client"][0]
            asked = scope["path"].encode() + b"?" + scope["query_string"]
            tokens.take(address, _known(NAMED[1].search(asked), address))
        await app(scope, receive, send)

    return pay


class Gate:
    def __init__(self, app: ASGIApp, limits: Limits = LIMITS, tokens: Tokens | None = None):
        self._app = app
        self._limits = limits
        self._proxies = Proxies(limits.trusted_proxies or default_proxies())
        self._headers = SecurityHeaders(limits)
        self._json = bodies.JsonBodies(limits.body_bytes)
        self._uploads_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._tokens = tokens or Tokens(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a WebSocket: nothing here speaks it
            return await send({"type": "websocket.close", "code": 1008})
        scope = self._proxies.resolve(scope)
        arriving = bodies.Arriving(receive, self._limits.body_s)
        headers = dict(scope["headers"])
        started = False

        async def send_safe(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                message = self._headers.added(message)
                started = True
                metrics.ANSWERS.labels(message["status"]).inc()
            await send(message)

        try:
            route = self._route(scope, headers)
            most = self._most(route, headers)
            if route.body is Body.FILES:
                await self._upload(scope, arriving, most, send_safe)
            elif scope["method"] == "POST":
                body = await self._body(scope, arriving, most)
                await self._app(_for_gradio(scope), _replay(body, arriving), send_safe)
            else:
                await self._app(_for_gradio(scope), receive, send_safe)
        except Refused as error:
            answer = error.answer(scope["path"])
            if _has_body(headers) and not arriving.complete:
                honest = error.status != 408 and b"expect" not in headers
                if honest and _declared(headers) <= bodies.MAX_DRAINED:
                    await arriving.drain()
                if not arriving.complete:
                    answer.headers["connection"] = "close"
            await answer(scope, receive, send_safe)
        except ClientDisconnect:  # of an upload: there is nobody to answer
            pass
        except Exception:
            LOG.exception("failed")  # uvicorn would answer in a word of its own, or with none
            if not started:
                failed = Refused(500, both("request_failed"))
                await failed.answer(scope["path"])(scope, receive, send_safe)

    async def _body(self, scope: Scope, arriving: bodies.Arriving, most: int) -> bytes:
        """Read, paid for, and only then parsed."""
        address = scope["client"][0]
        body = await self._json.read(arriving, network_of(address), most)
        self._tokens.take(address, _known(NAMED[0].search(body), address), len(body))
        bodies.check(body, self._limits)
        return body

    async def _upload(self, scope: Scope, arriving: bodies.Arriving, most: int, send: Send) -> None:
        async def send_unless_refused(message: Message) -> None:
            if arriving.refused is None:
                await send(message)

        address = scope["client"][0]
        self._tokens.take(address)
        places = asyncio.Semaphore(bodies.UPLOADS_OF_ADDRESS)
        async with self._uploads_of.setdefault(network_of(address), places):
            arriving.begin = time.monotonic()
            receive = bodies.in_pieces(partial(arriving.message, most, bodies.SLOWEST))
            await self._app(_for_gradio(scope), receive, send_unless_refused)
        if arriving.refused:  # what is raised while Gradio reads may be answered inside
            raise arriving.refused

    def _route(self, scope: Scope, headers: dict[bytes, bytes]) -> Route:
        """The route of a request whose head is acceptable. Raises Refused."""
        limits = self._limits
        if sum(len(key) + len(value) for key, value in scope["headers"]) > limits.header_bytes:
            raise Refused(431, "Request Header Fields Too Large")
        query = scope.get("query_string", b"")
        if len(scope.get("raw_path") or scope["path"]) + len(query) > limits.url_bytes:
            raise Refused(414, "URI Too Long")
        hosts = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
        if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
            raise Refused(400, "Invalid Host")
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = routes.find(scope["method"], path, limits)
        routes.check_query(query, limits)
        if work.closing.is_set() and path in ENDS:
            raise Refused(ENDS[path], both("server_restarts"))
        # a page elsewhere, without its visitor's knowledge
        if scope["method"] == "POST" and headers.get(b"sec-fetch-site") == b"cross-site":
            raise Refused(403, "Forbidden")
        if scope["method"] != "POST" and _has_body(headers):
            raise Refused(413, both("request_large").format(most=0))
        return route

    def _most(self, route: Route, headers: dict[bytes, bytes]) -> int:
        """Bytes that a body may have. Raises Refused for the length that its header says, before it
        arrives."""
        limits = self._limits
        if route.body is Body.FILES and b"content-length" not in headers:
            raise Refused(411, both("uploads_length"))
        known = {Body.FILES: limits.bytes_at_once, Body.EVENT: limits.event_bytes}
        most = known.get(route.body, limits.body_bytes)
        if _declared(headers) > most:
            raise Refused(413, both("request_large").format(most=most))
        return most


def _known(named: re.Match[bytes] | None, address: str) -> str | None:
    """The session that a request names, if it is one of this address's."""
    name = named[1].decode() if named else ""
    session = VISITORS.sessions.get(name)
    return name if session and network_of(session.address) == network_of(address) else None


def _for_gradio(scope: Scope) -> Scope:
    """Without an origin, Gradio doesn't let pages of other origins read its answers. A part of a
    file it would answer with the request's headers, cookies included: it sends the whole file."""
    hidden = (b"origin", b"range")
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in hidden]}


def _replay(body: bytes, arriving: bodies.Arriving) -> Receive:
    """Gives the app a body that was read already, then whatever else arrives: a disconnection."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return first.pop() if first else await arriving.message(0)

    return receive


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return b"transfer-encoding" in headers or _declared(headers) > 0


def _declared(headers: dict[bytes, bytes]) -> int:
    """Bytes that a body has according to its header; 0 if that says nothing."""
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() else 0
