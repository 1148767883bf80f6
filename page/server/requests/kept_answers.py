"""What never changes is answered from memory: the page itself, its scripts, styles, fonts and
pictures, and what browsers draw with.

Gradio would render the page, and compress each file, for every request. Here it is asked once.
`Asked` has everything that an answer depends on, and Gradio sees nothing else of the request, so
that nobody can leave something of theirs in what others get. All files are known at start, and no
other path is looked for, so there are only so many answers, and all of them are kept.
"""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, quote

import brotli
import httpx
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from page.server.patches import gradio_assets, gradio_scripts
from page.server.refusal import Refused

PAGE = "/"
LARGEST = 5_000_000  # bytes; what is larger is for videos, of which the page has none
ASSETS = "/assets/"
FOLDERS = (ASSETS, "/static/")  # of Gradio
OWN = "/browser/"  # of page/in_browser/files.py
FILES = {
    "/theme.css", "/gradio_api/theme.css", "/favicon.ico", "/manifest.json",
    *gradio_assets.paths(FOLDERS, LARGEST),
}  # fmt: skip
# What programs read of the page: the same for all but for its own address. Gradio writes the half
# megabyte again for everyone, in 60 ms of the event loop.
DESCRIPTIONS = ("/config", "/gradio_api/info", "/gradio_api/openapi.json")
NAMED = re.compile(rf"^{ASSETS}[\da-f]{{16}}/")  # as the page asks for them
# folders whose name is a hash of what they hold
HASHED = re.compile(rf"{ASSETS}{gradio_scripts.NAME}/.+|{OWN}[\da-f]{{16}}/.+")
PACKED = ".gz"  # ends the path of a file that whoever asks for it unpacks
FILE = "/gradio_api/file="  # begins the path of what is served by its own
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=3600"
ASK_AGAIN = "no-cache"  # costs a question each time, but no second download
HOST = b"page.invalid"  # for which Gradio renders the page
ORIGIN = b"http://" + HOST  # left out: the same page is for every host
ENCODINGS = {  # the best first
    "br": partial(brotli.compress, quality=7, mode=brotli.MODE_TEXT),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}
NOT_ACCEPTED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
WORTH = 0.9  # a body that doesn't shrink below this share is sent as it is


@dataclass(frozen=True)
class Asked:
    path: str
    root_path: str
    encoding: str = ""
    query: bytes = b""  # of a description


class KeptAnswers:
    """An app that asks `app`, Gradio's, only for what it doesn't know yet. `pictures`: the paths of
    files of the page's own, which Gradio would open again for everyone. `change(path, body)`: what
    browsers get in place of this body. `files`: those under `OWN`, by their paths."""

    def __init__(
        self,
        app: ASGIApp,
        pictures: Collection[str] = (),
        change: Callable[[str, bytes], bytes] = lambda path, body: body,
        files: Mapping[str, Path] | None = None,
    ):
        self._app = app
        self._pictures = {FILE + each for each in pictures}
        self._change = change
        self._files = files or {}
        self._kept: dict[Asked, asyncio.Task[Response]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if asked := self._asked(scope):
            answer = _for(scope, asked, await self._answer(asked))
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _asked(self, scope: Scope) -> Asked | None:
        """What this request asks for, if such answers are kept. Its query makes no difference: the
        page's scripts read it in the browser, and there are no deep links. Raises Refused for a
        file that isn't there."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        root_path = scope.get("root_path", "")
        path = NAMED.sub(ASSETS, _path(scope), count=1)
        if path.rstrip("/") in DESCRIPTIONS:
            return Asked(path.rstrip("/"), root_path, query=_query(scope))
        if path == PAGE or any(path in each for each in (FILES, self._files, self._pictures)):
            return Asked(path, root_path, _encoding(path, scope))
        if path.startswith((*FOLDERS, OWN)):
            raise Refused(404, "Not Found")
        return None

    async def _answer(self, asked: Asked) -> Response:
        """Made once, however many ask for it at the same time. Only a 200 is kept."""
        task = self._kept.get(asked)
        if task is None:
            task = self._kept[asked] = asyncio.create_task(self._make(asked))
            task.add_done_callback(partial(self._made, asked))
        return await asyncio.shield(task)  # whoever asked first may leave

    def _made(self, asked: Asked, task: asyncio.Task[Response]) -> None:
        if task.cancelled() or task.exception() or task.result().status_code != 200:
            del self._kept[asked]

    async def _make(self, asked: Asked) -> Response:
        """What Gradio answers, and that compressed."""
        if asked.encoding:
            plain = await self._answer(replace(asked, encoding=""))
            return await asyncio.to_thread(_encoded, plain, asked.encoding)
        if file := self._files.get(asked.path):
            return await asyncio.to_thread(_read, asked.path, file)
        answer = await _from_gradio(self._app, asked)
        if asked.query or answer.status_code != 200:
            return answer
        body = self._change(asked.path, bytes(answer.body).replace(ORIGIN, b""))
        return _tagged(body, answer.headers)


def _for(scope: Scope, asked: Asked, answer: Response) -> Response:
    """The answer for this request: nothing if its sender says that they have it already, and of a
    description what names the address at which it was asked for."""
    own = Headers(scope=scope)
    if asked.query:
        address = f"{scope['scheme']}://{own.get('host', 'localhost')}".encode()
        body = bytes(answer.body).replace(ORIGIN, address)
        return Response(body, answer.status_code, media_type=answer.headers.get("content-type"))
    if answer.status_code != 200:
        return answer
    headers = {**answer.headers, "cache-control": _lasts(_path(scope))}
    known = [each.strip().removeprefix("W/") for each in own.get("if-none-match", "").split(",")]
    if headers["etag"] in known or "*" in known:
        return NotModifiedResponse(Headers(headers))
    return Response(answer.body, headers=headers)


def _path(scope: Scope) -> str:
    return scope["path"].removeprefix(scope.get("root_path", ""))


def _query(scope: Scope) -> bytes:
    said = parse_qs(scope["query_string"].decode("latin-1")).get("all_endpoints", [""])[-1]
    # without a page, Gradio keeps for all the code that it wrote for the first host
    return b"all_endpoints=%s&page=" % (b"true" if said.lower() in ("true", "1") else b"false")


def _encoding(path: str, scope: Scope) -> str:
    """The best that a client accepts for what is at this path."""
    said = "" if path.endswith(PACKED) else Headers(scope=scope).get("accept-encoding", "")
    parts = (part.partition(";") for part in said.lower().split(","))
    accepted = {name.strip() for name, _, weight in parts if not NOT_ACCEPTED.fullmatch(weight)}
    return next((name for name in ENCODINGS if name in accepted), "")


def _lasts(path: str) -> str:
    """How long a browser may keep what is at this path. Only a page that was opened before an
    upgrade asks for Gradio's files by another name than today's."""
    if HASHED.fullmatch(path):
        return FOR_GOOD
    return ASK_AGAIN if path == PAGE or path.startswith(ASSETS) else FOR_A_WHILE


async def _from_gradio(app: ASGIApp, asked: Asked) -> Response:
    """What it answers to a GET for `HOST`, of which it sees nothing else."""
    gradio = httpx.ASGITransport(app, root_path=asked.root_path, client=None)  # pyright: ignore
    url = httpx.URL(ORIGIN.decode() + quote(asked.root_path + asked.path), query=asked.query)
    answer = await gradio.handle_async_request(httpx.Request("GET", url))
    return Response(await answer.aread(), answer.status_code, answer.headers)


def _read(path: str, file: Path) -> Response:
    """A file of the page's own; compressed, if its path says so and it isn't yet."""
    body = file.read_bytes()
    if path.endswith(PACKED) and file.suffix != PACKED:
        body = gzip.compress(body, 6, mtime=0)
    kind = "text/javascript" if path.endswith(("js", "mjs")) else "application/octet-stream"
    return _tagged(body, {"content-type": kind})


def _tagged(body: bytes, headers: Mapping[str, str]) -> Response:
    """With the headers that let browsers ask whether it has changed."""
    names = ("content-type", "content-disposition")
    kept = {name: headers[name] for name in names if name in headers}
    tag = hashlib.sha256(body).hexdigest()[:24]
    return Response(body, headers={**kept, "vary": "accept-encoding", "etag": f'"{tag}"'})


def _encoded(plain: Response, encoding: str) -> Response:
    body = ENCODINGS[encoding](plain.body)
    if plain.status_code != 200 or len(body) > WORTH * len(plain.body):
        return plain
    tag = f'{plain.headers["etag"][:-1]}-{encoding}"'
    headers = {**plain.headers, "etag": tag, "content-encoding": encoding}
    del headers["content-length"]  # that of the plain body
    return Response(body, headers=headers)
