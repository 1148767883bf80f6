"""Reading what a request carries, within its limits of bytes, time and number."""

import asyncio
import json
import re
import time
from collections import deque
from weakref import WeakValueDictionary

import anyio
from starlette.types import Message, Receive

from page.server.limits import Limits
from page.server.refusal import Refused
from page.server.requests.routes import check_name
from page.texts import both

SLOWEST = 10_000  # bytes per second; less, and an upload is cut after `body_s`
# An event that lists 5,000 uploads has two objects and seven commas for each. More brackets and
# commas than this would take Python longer to parse, and more memory, than their bytes suggest.
MAX_BRACKETS, MAX_COMMAS = 11_000, 60_000
LONG_AT_ONCE, LONG_OF_ADDRESS = 16, 4  # long events held in memory
UPLOADS_OF_ADDRESS = 64  # at once, each of up to a thousand files
PIECE = 4096  # bytes of an upload that are looked through at once: up to forty files
MAX_DRAINED, DRAIN_S = 20_000_000, 5.0
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # may be half of a pair, or alone


class Arriving:
    """The body of one request as it arrives: counted, and timed while it isn't complete."""

    def __init__(self, receive: Receive, body_s: float):
        self._receive = receive
        self._body_s = body_s
        self.count = 0  # bytes so far
        self.complete = False
        self.refused: Refused | None = None
        self.begin = time.monotonic()

    async def message(self, most: int, slowest: float = float("inf")) -> Message:
        """The next message. Raises Refused beyond `most` bytes or after `body_s` seconds, which
        `slowest` bytes per second prolong."""
        if self.complete:
            return await self._receive()
        message = None
        left = self.begin + self._body_s - time.monotonic()
        with anyio.move_on_after(left + self.count / slowest):
            message = await self._receive()
        if message is None:
            self.refused = Refused(408, both("request_slow"))
            raise self.refused
        self._note(message)
        if self.count > most:
            self.refused = Refused(413, both("request_large").format(most=most))
            raise self.refused
        return message

    def _note(self, message: Message) -> None:
        self.count += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)

    async def drain(self) -> None:
        """Read what is left of a refused body, within reason: a client that is cut off while it
        sends never reads the answer."""
        with anyio.move_on_after(DRAIN_S):
            while not self.complete and self.count < MAX_DRAINED:
                self._note(await self._receive())


def in_pieces(receive: Receive) -> Receive:
    """As many short messages for each long one, with turns for others in between: for a thousand
    files in one message, Gradio would hold the event loop for a tenth of a second."""
    left: deque[Message] = deque()

    async def piece() -> Message:
        if not left:
            message = await receive()
            body = message.get("body", b"")
            left.extend(
                {**message, "body": body[k : k + PIECE], "more_body": True}
                for k in range(0, len(body) - PIECE, PIECE)
            )
            left.append({**message, "body": body[len(left) * PIECE :]})
        await asyncio.sleep(0)
        return left.popleft()

    return piece


class JsonBodies:
    """Reads JSON whole. Few long bodies are held at once, so that many slow clients can't fill the
    memory with them."""

    def __init__(self, short: int):
        """`short`: bytes up to which any number may be held."""
        self._short = short
        self._places = asyncio.Semaphore(LONG_AT_ONCE)
        self._places_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def read(self, arriving: Arriving, address: str, most: int) -> bytes:
        """The body of a request from this address, to be checked. Raises Refused."""
        body = bytearray()
        while not arriving.complete and len(body) <= self._short:
            body += (await arriving.message(most)).get("body", b"")
        if not arriving.complete:
            own = self._places_of.setdefault(address, asyncio.Semaphore(LONG_OF_ADDRESS))
            async with own, self._places:  # no longer than their time, which runs out for all
                while not arriving.complete:
                    body += (await arriving.message(most)).get("body", b"")
        return bytes(body)


def check(body: bytes, limits: Limits) -> None:
    """Raises Refused if it isn't JSON, or of so many parts that Gradio would take long over it."""
    if body.count(b"[") + body.count(b"{") > MAX_BRACKETS or body.count(b",") > MAX_COMMAS:
        raise Refused(413, both("request_shape"))
    if not body:
        return
    try:
        text = body.decode()  # RFC 8259: between systems, JSON is UTF-8
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(422, both("request_json")) from None
    if SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Refused(422, both("request_text")) from None
    for key in ("session_hash", "event_id"):
        if isinstance(value, dict) and isinstance(name := value.get(key), str):
            check_name(name, limits)
