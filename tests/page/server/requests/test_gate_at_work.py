"""The gate in front of the real app, over real connections."""

import asyncio
import base64
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import quote

import httpx
import mcp
import pytest
from mcp.client.streamable_http import streamablehttp_client

from devtools.malformed import PHOTO, saved
from devtools.server import running_app

pytestmark = [pytest.mark.app, pytest.mark.timeout(300)]
API = "/gradio_api"
EVIL = "evil.example"


@pytest.fixture(scope="module")
def app(tiny_checkout):
    """An app that times headers and bodies out soon, and that nobody has asked anything yet."""
    with running_app(tiny_checkout, DDPM_HEADER_S="6", DDPM_BODY_S="8", DDPM_MCP="1") as app:
        yield app


@pytest.fixture(scope="module")
def client(app):
    # the server closes idle connections after five seconds: stop using them before it does
    limits = httpx.Limits(keepalive_expiry=1)
    with httpx.Client(base_url=app.url, timeout=120, limits=limits) as client:
        yield client


def exchange(app, sent: bytes, more: float = 0.0) -> bytes:
    """What comes back until the server closes the connection. `more`: seconds between single bytes
    that are sent meanwhile."""
    host, port = app.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=more or 120) as connection:
        connection.sendall(sent)
        got = b""
        while True:
            try:
                piece = connection.recv(65_536)
            except TimeoutError:
                connection.sendall(b"x")
                continue
            except ConnectionResetError:
                return got
            if not piece:
                return got
            got += piece


def test_the_first_to_ask_does_not_choose_the_host_for_all(app, client):
    """Gradio keeps the code examples as it made them for the first visitor."""
    for headers in (
        {"X-Forwarded-Host": EVIL}, {"Host": EVIL}, {"Forwarded": f"host={EVIL}"},
        {"X-Gradio-Server": f"https://{EVIL}"},
    ):  # fmt: skip
        for path in ("info", "info?xpage=", "info?page=a", "openapi.json"):
            client.get(f"{API}/{path}", headers=headers)
        client.post(f"{API}/call/v2/generate", json={"steps": -1}, headers=headers)
    same = (f"{API}/info", f"{API}/info?all_endpoints=true", f"{API}/openapi.json", "/config", "/")
    for path in same:
        answer = client.get(path)
        assert answer.status_code == 200 and EVIL not in answer.text, path
    info = client.get(f"{API}/info").json()["named_endpoints"]
    assert app.url in info["/generate"]["code_snippets"]["python"]


def test_a_trusted_proxy_names_the_host_and_the_protocol(client):
    behind = {"X-Forwarded-Host": "mine.example", "X-Forwarded-Proto": "https"}
    root = client.get("/config", headers=behind).json()["root"]
    assert root == "https://mine.example"  # this machine is trusted by default


def test_a_client_that_sends_far_too_much_reads_why(client):
    answer = client.post(f"{API}/queue/join", content=b"[]" * 7_500_000)
    assert answer.status_code == 413 and "too large" in answer.json()["detail"]
    chunks = (b" " * 100_000 for _ in range(150))
    answer = client.post(f"{API}/cancel", content=chunks)
    assert answer.status_code == 413


def test_what_does_not_arrive_in_its_time_is_ended(app, client):
    """All at once, and a heartbeat outlives them."""
    slow_body = (
        "POST {api}/{path} HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    )
    second = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: "
    with ThreadPoolExecutor(20) as threads:
        ends = partial(threads.submit, exchange, app)
        heads = [ends(sent) for sent in (b"", b"G", b"GET / HTTP/1.1\r\nHost: a\r\n")]
        heads.append(ends(b"GET / HTTP/1.1\r\nA: ", more=0.3))
        with_time_of_its_own = ends(second, more=0.3)
        # an upload may be slow, but not slower than 10 kB/s
        bodies = [
            ends(slow_body.format(api=API, path=path).encode(), more=0.3)
            for path in ("cancel", "queue/join", "upload")
        ]
        with client.stream("GET", f"{API}/heartbeat/abc", timeout=60) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "data: ALIVE"
            assert [head.result() for head in heads] == [b""] * 4  # or they would wait for ever
            assert with_time_of_its_own.result().count(b"HTTP/1.1 200") == 1
            for body in bodies:
                assert body.result().startswith(b"HTTP/1.1 408")
            next(lines)


def test_headers_without_end_are_given_up(app):
    """At a megabyte at the latest: what comes at once may be longer than the limit."""
    got = exchange(app, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 150_000)
    assert got == b"" or got.startswith(b"HTTP/1.1 400")


def test_trailers_are_not_kept(app):
    """Nor refused: the body is what counts."""
    head = f"POST {API}/cancel HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    head += "Content-Type: application/json\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
    plain = exchange(app, f"{head}\r\n".encode())
    trailed = exchange(app, head.encode() + b"a: b\r\n" * 100 + b"\r\n")
    assert plain.split()[1] == trailed.split()[1] == b"422"


def test_an_upload_is_a_file(app, client):
    form = {"files": ("a.png", b"x")}
    assert client.post(f"{API}/upload", files=form).status_code == 200
    before = sum(path.is_file() for path in app.files.rglob("*"))
    field = client.post(f"{API}/upload", data={"a": "x" * 10**6}, files=form)
    assert field.status_code == 400 and "files and no other" in field.text
    many = client.post(f"{API}/upload", files=[("files", ("a.png", b""))] * 1001)
    assert many.status_code == 400 and "Too many files" in many.text
    assert sum(path.is_file() for path in app.files.rglob("*")) == before


def test_a_range_brings_no_header_of_the_request_back(client):
    """Gradio answers a part of a file with the headers that asked for it."""
    path = client.post(f"{API}/upload", files={"files": ("a.txt", b"abc")}).json()[0]
    asked = {"range": "bytes=0-1", "cookie": "secret=1", "x-mine": "secret"}
    answer = client.get(f"{API}/file={path}", headers=asked)
    assert answer.content == b"abc"[: 2 if answer.status_code == 206 else 3]
    assert "secret" not in str(answer.headers)
    assert client.get(f"{API}/file={path}", headers={"range": "bytes=0-1-2"}).is_success


def test_a_request_names_one_host(app):
    """RFC 9112, 3.2: what stands before the server may have read the other one."""
    head = b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
    assert exchange(app, head).startswith(b"HTTP/1.1 400")
    assert exchange(app, head.replace(b"Host: b\r\n", b"")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("asked", ["queue/data?session_hash=x", "call/generate/nobody"])
def test_a_stream_of_an_unknown_session_ends_in_words_and_leaves_no_line(app, client, asked):
    before = app.log.read_text()
    answer = client.get(f"{API}/{asked}")
    assert "404" in answer.text and answer.text.endswith("\n\n")
    client.get("/health")  # the line of the stream would be there by now
    assert app.log.read_text() == before


def test_curls_two_steps_work(client):
    started = client.post(f"{API}/call/v2/generate", json={"count": 1, "steps": 2})
    event = started.json()["event_id"]
    with client.stream("GET", f"{API}/call/generate/{event}") as stream:
        assert "event: complete" in list(stream.iter_lines())


@asynccontextmanager
async def calling(app):
    """Calls MCP tools as a client of its own."""
    async with (
        streamablehttp_client(f"{app.url}{API}/mcp/") as (read, write, _),
        mcp.ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session.call_tool


def test_each_mcp_caller_has_a_visit_and_leaves_files_where_visitors_do(app):
    """And several calls of one at the same time get an answer each."""
    small, own = {"dim": 8, "batch_size": 8, "steps": 10}, {"model": "trained", "count": 1}
    pixels = base64.b64encode(saved(PHOTO.resize((28, 28)), "PNG")).decode()

    async def play():
        async with calling(app) as first, calling(app) as second:
            assert not (await first("train", small)).isError
            drawn = await asyncio.gather(*(first("generate", own | {"steps": k}) for k in (2, 3)))
            assert [str(each).count("2-steps") > 0 for each in drawn] == [True, False]
            assert not any(each.isError for each in drawn)
            assert app.url in str(drawn)  # where the caller finds the files
            refused = await second("generate", own)
            assert refused.isError and "not trained a model" in str(refused)
            shown = await second("forward_gif", {"image": f"data:image/png;base64,{pixels}"})
            assert not shown.isError and "image/gif" in str(shown)

    asyncio.run(play())
    sent = [path for path in app.folder.rglob("file.png")]
    assert len(sent) == 1 and sent[0].is_relative_to(app.files)


def test_mcp_calls_that_wait_hold_no_thread_that_others_need(app):
    """Gradio answers with forty threads, and here fifty calls are in line."""
    call = {"name": "train", "arguments": {"dim": 8, "steps": 20_000}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    accept = {"accept": "application/json, text/event-stream"}

    async def play():
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=app.url, timeout=60, limits=limits) as client:
            calls = [
                asyncio.create_task(client.post(f"{API}/mcp/", json=asked, headers=accept))
                for _ in range(50)
            ]
            runs = {}
            while sum(runs.values()) < 50:
                await asyncio.sleep(0.1)
                runs = (await client.get("/health")).json()["training"]
            async with client.stream("GET", f"{API}/heartbeat/abc") as stream:
                assert await anext(stream.aiter_lines()) == "data: ALIVE"
            for each in calls:
                each.cancel()
            while sum(runs.values()):  # they end when their callers leave
                await asyncio.sleep(0.1)
                runs = (await client.get("/health")).json()["training"]

    asyncio.run(play())


HOSTILE = "a\nb\r\nc\x1b[2Jd\u2028e\u0085f"


def test_every_line_of_the_log_is_json(app, client):
    """The last test: by now the log has seen the others too."""
    name = quote(HOSTILE)
    for path in (f"/{name}", f"{API}/run/{name}", f"{API}/file={name}", f"/config?{name}"):
        client.get(path)
        client.post(path, json={})
    generate, kind = f"{API}/call/v2/generate", {"content-type": "application/json"}
    for body in ({"steps": HOSTILE}, {"sampler": HOSTILE}, {"seed": 1e999}):
        started = client.post(generate, content=json.dumps(body).encode(), headers=kind)
        client.get(f"{API}/call/generate/{started.json()['event_id']}")
    client.post(f"{API}/upload", files={"files": (HOSTILE, b"x")})
    for changed in ({"data": [HOSTILE]}, {"data": HOSTILE, "fn_index": HOSTILE}, {"data": {}}):
        event = {"data": [], "fn_index": -1, "session_hash": "a"} | changed
        client.post(f"{API}/queue/join", json=event)
    unexpected = client.post(generate, json={HOSTILE: HOSTILE})  # Gradio raises a TypeError
    assert unexpected.status_code == 500 and "went wrong" in unexpected.json()["detail"]
    assert client.post(generate, json={"steps": -1}).status_code == 200  # on the same connection
    exchange(app, b"GET /\x1b[2J HTTP/1.1\r\n\r\n")
    exchange(app, b"GET / HTTP/1.1\r\nHost: a\r\nA: b\x1b[2J\rc\r\nConnection: close\r\n\r\n")
    exchange(app, b"nonsense\r\n\r\n")
    lines = app.log.read_bytes().decode("ascii").split("\n")
    assert lines.pop() == "" and len(lines) > 1
    for line in lines:
        assert isinstance(json.loads(line)["event"], str), line
    assert any(HOSTILE in json.loads(line).get("traceback", "") for line in lines)
