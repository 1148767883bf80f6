"""The gate around a stub that answers what it was asked: what passes, and what is refused how."""

import asyncio
import json
import threading
from dataclasses import replace
from unittest.mock import AsyncMock
from urllib.parse import urlencode

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from devtools.visit import in_both_languages
from page.server import work
from page.server.limits import Limits
from page.server.requests import bodies
from page.server.requests.gate import Gate, paid
from page.server.requests.kept_answers import KeptAnswers
from page.server.requests.routes import ROUTES
from page.server.visitors.ledger import Tokens

JOIN, CANCEL, UPLOAD = "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/upload"
LIMITS = Limits(trusted_proxies="none", body_s=1)
pytestmark = pytest.mark.anyio


async def echo(scope, receive, send):
    """Answers with the scope and the length of the body."""
    length, more = 0, scope["method"] == "POST"
    while more:
        message = await receive()
        length += len(message["body"])
        more = message["more_body"]
    said = {
        "client": scope["client"][0],
        "scheme": scope["scheme"],
        "query": scope["query_string"].decode(),
        "headers": {key.decode(): value.decode("latin-1") for key, value in scope["headers"]},
        "length": length,
    }
    kind = "text/html" if scope["path"] == "/" else "application/json"
    await Response(json.dumps(said), media_type=kind)(scope, receive, send)


def asked(method, path, headers=(), *, query="", peer="8.8.8.8", **more) -> dict:
    """The scope of a request."""
    return {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": [(b"host", b"here:7860"), *headers], "client": (peer, 5), "scheme": "http",
    } | more  # fmt: skip


async def answered(app, scope, receive=None) -> httpx.Response:
    await app(scope, receive, send := AsyncMock())
    start, *rest = (call.args[0] for call in send.await_args_list)
    body = b"".join(message.get("body", b"") for message in rest)
    return httpx.Response(start["status"], headers=start.get("headers"), content=body)


def piece(body=b"", more=False) -> dict:
    """A message of a request's body."""
    return {"type": "http.request", "body": body, "more_body": more}


def ask(method, path, chunks=(), headers=(), *, limits=LIMITS, query="", pause=0.0, app=echo):
    """The answer to a request whose body arrives in chunks, each after a pause."""
    left = list(chunks)

    async def receive():
        await asyncio.sleep(pause)
        return piece(left.pop(0), bool(left)) if left else piece()

    scope = asked(method, path, headers, query=query)
    return asyncio.run(answered(Gate(app, limits), scope, receive))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_route_takes_its_methods_and_no_other(route):
    path = route.path.format(path="a-b.js", session="s-1", name="word")
    methods = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"}
    if route.path == "/gradio_api/call/v2/{name}":
        methods.remove("GET")  # also an event of an endpoint called v2
    for method in methods:
        post = method == "POST"
        answer = ask(method, path, *([[b"{}"], declared(2)] if post else []))
        assert answer.status_code == (200 if method in route.methods else 405), method


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring", "/monitoring/summary", "/gradio_api/component_server", "/svelte/a.js",
        "/gradio_api/custom_component/a/client/b/c.js", "/gradio_api/dev/reload", "/login",
        "/gradio_api/process_recording", "/gradio_api/runs", "/gradio_api/run-history/buckets",
        "/gradio_api/proxy=https://a.hf.space/", "/gradio_api/stream/a", "/gradio_api/deep_link",
        "/gradio_api/vibe-edit", "/gradio_api/token", "/queue/join", "/file=/etc/passwd",
        "//", "/assets/", "/assets/a\nb.js", "/gradio_api/run/a b", "/gradio_api/run/a/b",
        "/gradio_api/file=a\x1b[2J", "/config\n",
    ],
)  # fmt: skip
def test_every_other_path_is_unknown(path):
    for method in ("GET", "POST"):
        answer = ask(method, path, [b"{}"] if method == "POST" else [])
        assert answer.status_code == 404 and answer.json()["detail"] == "Not Found"


def test_a_path_behind_a_prefix_is_known():
    def status(path):
        scope = asked("GET", path, root_path="/lesson")
        return asyncio.run(answered(Gate(echo, LIMITS), scope)).status_code

    assert status("/lesson/config") == status("/config") == 200
    assert status("/lesson/monitoring") == 404


async def test_websockets_are_refused():
    await Gate(echo, LIMITS)({"type": "websocket", "path": "/"}, None, send := AsyncMock())
    send.assert_awaited_once()
    assert send.await_args.args[0]["type"] == "websocket.close"


# ------------------------------------------------------------------ sizes


@pytest.mark.parametrize("path", [CANCEL, "/gradio_api/reset"])
def test_a_body_has_its_limit_whether_declared_or_not(path):
    fits = b'{"a": "%s"}' % (b"x" * (LIMITS.body_bytes - 9))
    assert len(fits) == LIMITS.body_bytes
    assert ask("POST", path, [fits]).json()["length"] == len(fits)
    pieces = [fits[:1000], fits[1000:], b" "]
    declared = [(b"content-length", b"%d" % (len(fits) + 1))]
    for answer in (ask("POST", path, pieces), ask("POST", path, pieces, declared)):
        assert answer.status_code == 413 and str(LIMITS.body_bytes) in answer.json()["detail"]


def test_no_more_is_read_than_the_limit_allows():
    """The rest of a refused body is dropped as it comes, within reason."""
    receive = AsyncMock(return_value=piece(b" " * 60_000, more=True))
    scope = asked("POST", CANCEL, [(b"transfer-encoding", b"chunked")])
    answer = asyncio.run(answered(Gate(echo, LIMITS), scope, receive))
    assert answer.status_code == 413 and answer.headers["connection"] == "close"
    assert receive.await_count * 60_000 < 21_000_000


def test_a_request_without_a_body_may_have_none():
    chunked = [(b"transfer-encoding", b"chunked")]
    assert ask("GET", "/config", [b"x"], chunked).status_code == 413
    assert ask("GET", "/config", [b"x"], [(b"content-length", b"1")]).status_code == 413
    assert ask("GET", "/config", [], [(b"content-length", b"0")]).status_code == 200


def pictures(count: int) -> bytes:
    """What the page sends to train on that many uploads."""
    names = (f"/tmp/gradio/{k:064x}/IMG_{k:04}.jpeg" for k in range(count))
    files = [
        {
            "path": name, "url": f"https://someone-diffusion.hf.space/gradio_api/file={name}",
            "orig_name": "IMG_0001.jpeg", "size": 1_234_567, "mime_type": "image/jpeg",
            "is_stream": False, "meta": {"_type": "gradio.FileData"},
        }
        for name in names
    ]  # fmt: skip
    event = {"data": [files, 1, None], "fn_index": 3, "session_hash": "s1", "event_data": None}
    return json.dumps(event).encode()


def test_five_thousand_pictures_pass_as_an_event_only():
    body = pictures(5000)
    assert 1_700_000 < len(body) < LIMITS.event_bytes
    chunks = [body[k : k + 65_536] for k in range(0, len(body), 65_536)]
    patient = replace(LIMITS, body_s=600)
    assert ask("POST", JOIN, chunks, limits=patient).json()["length"] == len(body)
    assert ask("POST", CANCEL, chunks).status_code == 413
    assert ask("POST", "/gradio_api/mcp/", chunks).status_code == 413


@pytest.mark.parametrize("part", ["[]", "{}", "0", '""'])
def test_a_long_event_of_many_small_parts_is_refused_unparsed(part, monkeypatch):
    body = f'{{"data": [{",".join([part] * 70_000)}]}}'.encode()
    short = b'{"data": [' + b"[]," * 20_000 + b"1]}"  # over which Gradio takes 58 ms
    assert len(short) < LIMITS.body_bytes
    monkeypatch.setattr(json, "loads", lambda _: pytest.fail("parsed"))
    assert ask("POST", JOIN, [body]).status_code == ask("POST", JOIN, [short]).status_code == 413


def declared(length: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", b"%d" % length)]


def test_an_upload_is_limited_as_a_whole():
    limits = Limits(bytes_at_once=1_000_000)
    chunks = [b"x" * 100_000] * 10
    whole = ask("POST", UPLOAD, chunks, declared(1_000_000), limits=limits)
    assert whole.json()["length"] == 1_000_000
    for length in (1_000_000, 1_000_001):
        answer = ask("POST", UPLOAD, [*chunks, b"x"], declared(length), limits=limits)
        assert answer.status_code == 413 and answer.text.startswith("This request is too large")


def test_an_upload_says_how_long_it_is():
    """Its room is reserved before it arrives."""
    answer = ask("POST", UPLOAD, [b"x"], [(b"transfer-encoding", b"chunked")])
    assert answer.status_code == 411 and "Content-Length" in answer.text


@pytest.mark.parametrize("slow", [0, bodies.UPLOADS_OF_ADDRESS])
async def test_few_uploads_of_an_address_are_read_at_once(slow):
    """The others wait, and their time begins when it is their turn."""
    gate, reading, most = Gate(echo, replace(LIMITS, body_s=1)), 0, 0

    async def client(k):
        left = [b"x" * 10] * 3

        async def receive():
            nonlocal reading, most
            if len(left) == 3:
                reading += 1
                most = max(most, reading)
            await (asyncio.Event().wait() if k < slow else asyncio.sleep(0))
            body = left.pop()
            reading -= not left
            return piece(body, bool(left))

        return (await answered(gate, asked("POST", UPLOAD, declared(30)), receive)).status_code

    count = 3 * bodies.UPLOADS_OF_ADDRESS
    statuses = await asyncio.gather(*map(client, range(count)))
    assert statuses == [408] * slow + [200] * (count - slow)
    assert most - slow <= bodies.UPLOADS_OF_ADDRESS


def test_a_long_upload_arrives_whole_and_in_pieces():
    """Between which the event loop turns to others."""
    body, arrived = bytes(range(256)) * 250, []

    async def app(scope, receive, send):
        while not arrived or arrived[-1]["more_body"]:
            arrived.append(await receive())
        await echo(scope | {"method": "GET"}, receive, send)

    ask("POST", UPLOAD, [body, body[:9]], declared(len(body) + 9), app=app)
    assert b"".join(message["body"] for message in arrived) == body + body[:9]
    assert max(len(message["body"]) for message in arrived) == bodies.PIECE


def test_of_a_refused_upload_the_app_says_nothing():
    async def hasty(scope, receive, send):
        try:
            await echo(scope, receive, send)
        except Exception:  # as Starlette's middleware answers what it doesn't expect
            await Response("Internal Server Error", 500)(scope, receive, send)
            raise

    limits, head = Limits(bytes_at_once=1_000_000), declared(1_000_000)
    answer = ask("POST", UPLOAD, [b"x" * 10**6, b"x"], head, limits=limits, app=hasty)
    assert answer.status_code == 413


@pytest.mark.parametrize("addresses, held", [(1, 4), (2, 8), (20, 16)])
async def test_few_long_bodies_are_read_at_once(addresses, held):
    """However many clients send them slowly: the others wait, unread."""
    gate, reading, most = Gate(echo, LIMITS), 0, 0

    async def client(address):
        first = [b" " * 70_000]

        async def receive():
            nonlocal reading, most
            if first:
                return piece(first.pop(), more=True)
            reading += 1
            most = max(most, reading)
            try:
                await asyncio.sleep(60)
            finally:
                reading -= 1

        return (await answered(gate, asked("POST", JOIN, peer=address), receive)).status_code

    clients = (client(f"8.8.8.{k % addresses}") for k in range(80))
    assert {*await asyncio.gather(*clients)} == {408}
    assert most == held


def test_head_and_url_have_limits():
    assert ask("GET", "/", headers=[(b"cookie", b"x" * 15_000)]).status_code == 200
    assert ask("GET", "/", headers=[(b"cookie", b"x" * 16_000)]).status_code == 431
    assert ask("GET", "/", headers=[(b"a%d" % k, b"x" * 20) for k in range(700)]).status_code == 431
    assert ask("GET", "/", query="a=" + "x" * 7_000).status_code == 200
    assert ask("GET", "/", query="a=" + "x" * 8_000).status_code == 414
    assert ask("GET", "/assets/" + "x" * 8_000).status_code == 414


def test_an_error_after_the_answer_is_logged_and_not_raised(caplog):
    async def failing(scope, receive, send):
        await echo(scope, receive, send)
        raise KeyError("x")

    assert ask("GET", "/", app=failing).status_code == 200
    assert caplog.records[-1].exc_info[0] is KeyError


# ------------------------------------------------------------------ names and texts

WRONG_NAMES = ["x" * 65, "a b", "a\nb", "é", "a/b", "..", "\u2028"]


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_wrong_name_of_a_session_is_refused_in_words(name):
    bodies = [
        (JOIN, {"data": [], "session_hash": name}),
        (CANCEL, {"session_hash": name, "fn_index": 0, "event_id": "a"}),
        (CANCEL, {"session_hash": "a", "fn_index": 0, "event_id": name}),
        ("/gradio_api/reset", {"event_id": name}),
        ("/gradio_api/call/generate", {"data": [], "session_hash": name}),
    ]
    answers = [ask("POST", path, [json.dumps(body).encode()]) for path, body in bodies]
    answers += [
        ask("GET", "/gradio_api/queue/data", query=urlencode({"session_hash": name})),
        ask("GET", "/gradio_api/upload_progress", query=urlencode({"upload_id": name})),
    ]
    if "/" not in name:
        answers.append(ask("GET", f"/gradio_api/heartbeat/{name}"))
        answers.append(ask("GET", f"/gradio_api/call/generate/{name}"))
    for answer in answers:
        assert answer.status_code == 422 and "at most 64" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["x" * 64, "3f2a-77", "a_b"])
def test_an_honest_name_passes(name):
    assert ask("POST", JOIN, [json.dumps({"session_hash": name}).encode()]).status_code == 200
    assert ask("GET", f"/gradio_api/heartbeat/{name}").status_code == 200


LONE = '{"data": [{"orig_name": "a\\ud800.png"}]}'


@pytest.mark.parametrize(
    "body",
    [LONE.encode(), b'{"data": ["\xed\xa0\x80"]}', LONE.encode("utf-16"), b'{"\\udc00": 1}'],
)
def test_half_a_character_is_answered_in_words(body):
    answer = ask("POST", JOIN, [body])
    assert answer.status_code == 422
    assert "half a character" in answer.text or "not valid JSON" in answer.text


def test_a_whole_character_passes():
    assert ask("POST", JOIN, [b'{"data": ["\\ud83d\\ude00"]}']).status_code == 200


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 10_000, b"9" * 10_000, b'{"a": 1} x', b"\x00"]
)
def test_what_is_not_json_is_answered_in_words(body):
    answer = ask("POST", JOIN, [body])
    assert answer.status_code == 422 and "not valid JSON" in answer.json()["detail"]


# ------------------------------------------------------------------ who asks, from where


def test_gradio_sees_no_header_of_a_proxy_that_is_not_trusted():
    forged = {
        b"x-forwarded-for": b"1.1.1.1", b"x-forwarded-host": b"evil.com",
        b"x-forwarded-proto": b"https", b"x-forwarded-prefix": b"/a", b"forwarded": b"for=1.1.1.1",
        b"x-gradio-server": b"https://evil.com",
    }  # fmt: skip
    seen = ask("GET", "/config", headers=list(forged.items())).json()
    assert seen["client"] == "8.8.8.8" and seen["scheme"] == "http"
    assert seen["headers"] == {"host": "here:7860"}


@pytest.mark.parametrize("host", [b"a b", b'"><script>', b"a:b", b"a/b", b"a@b", b"x" * 300, b""])
def test_a_host_is_a_name_or_an_address(host):
    scope_host = [(b"x-forwarded-host", host)]
    limits = Limits(trusted_proxies="8.8.8.8")
    answer = ask("GET", "/", headers=scope_host, limits=limits)
    assert answer.status_code == (400 if host else 200)  # an empty one is none


def test_pages_of_other_origins_read_and_send_nothing():
    foreign = [(b"origin", b"https://evil.com"), (b"sec-fetch-site", b"cross-site")]
    answer = ask("GET", "/config", headers=foreign)
    assert "origin" not in answer.json()["headers"]  # Gradio would let that origin read its answer
    assert not [name for name in answer.headers if name.startswith("access-control")]
    asks = [(b"access-control-request-method", b"POST")]
    answer = ask("OPTIONS", JOIN, headers=foreign + asks)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    for path in (JOIN, UPLOAD):
        assert ask("POST", path, [b"{}"], foreign).status_code == 403
        same = [(b"origin", b"http://here:7860"), (b"sec-fetch-site", b"same-origin")]
        assert ask("POST", path, [b"{}"], same + declared(2)).status_code == 200


def test_a_server_that_ends_begins_nothing_new(monkeypatch):
    monkeypatch.setattr(work, "closing", threading.Event())
    assert ask("GET", "/").status_code == ask("POST", JOIN, [b"{}"]).status_code == 200
    work.closing.set()
    for answer, status in ((ask("GET", "/"), 503), (ask("POST", JOIN, [b"{}"]), 429)):
        assert answer.status_code == status and "restarting" in answer.json()["detail"]
    assert ask("POST", "/gradio_api/run/ask_to_stop", [b"{}"]).status_code == 200
    assert ask("GET", "/gradio_api/file=/results/model").status_code == 200


# ------------------------------------------------------------------ what browsers are told


def test_every_answer_has_security_headers_and_a_document_a_policy():
    page, asset, refused = ask("GET", "/"), ask("GET", "/config"), ask("GET", "/nowhere")
    for answer in (page, asset, refused):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=(self)" in page.headers["permissions-policy"]
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy["frame-ancestors"] == "'self' https://huggingface.co https://*.hf.space"
    foreign = [word for name, words in policy.items() for word in words.split() if "." in word]
    assert foreign == policy["frame-ancestors"].split()[1:]


def test_on_a_space_the_page_may_ask_the_hub(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "me/mine")
    policy = ask("GET", "/").headers["content-security-policy"]
    assert "connect-src 'self' data: blob: https://huggingface.co;" in policy


def test_an_operator_may_let_others_frame_the_page():
    policy = ask("GET", "/", limits=Limits(framed_by="*")).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' *")


# ------------------------------------------------------------------ how many


async def statuses(gate, count, method="POST", path=CANCEL, client="8.8.8.8", body=b"{}"):
    """Of so many requests, one after the other."""
    scope = asked(method, path, declared(len(body)), peer=client)
    receive = AsyncMock(return_value=piece(body))
    return [(await answered(gate, scope, receive)).status_code for _ in range(count)]


async def test_an_address_may_post_so_much(monkeypatch):
    gate = Gate(echo, replace(LIMITS, posts_a_second=1, posts_at_once=5))
    found = await statuses(gate, 9)
    assert found[:5] == [200] * 5 and 429 in found
    monkeypatch.setattr(json, "loads", lambda _: pytest.fail("parsed"))
    for path in (JOIN, UPLOAD, CANCEL):
        assert 429 in await statuses(gate, 2, path=path)
    monkeypatch.undo()
    assert await statuses(gate, 5, client="9.9.9.9") == [200] * 5
    assert await statuses(gate, 9, "GET", "/config", body=b"") == [200] * 9


async def test_a_refused_post_costs_what_others_do():
    """One device's bad posts took eleven tokens each, and a classmate's Stop had none left."""
    gate = Gate(echo, replace(LIMITS, posts_a_second=1, posts_at_once=35))
    assert await statuses(gate, 30, body=b"not JSON") == [422] * 30
    assert await statuses(gate, 3) == [200] * 3


async def test_a_long_post_costs_a_token_for_each_4_kb():
    gate = Gate(echo, replace(LIMITS, posts_a_second=1, posts_at_once=35))
    long = b'{"a": "%s"}' % (b"x" * 40_000)
    found = await statuses(gate, 9, body=long)
    assert found[:4] == [200] * 4 and set(found[5:]) == {429}


async def test_what_no_kept_answer_serves_costs_a_token_by_any_method():
    tokens = Tokens(Limits(posts_a_second=1, posts_at_once=5))
    gate = Gate(paid(echo, tokens), LIMITS, tokens)
    found = await statuses(gate, 9, "GET", "/config", body=b"")
    assert found[:5] == [200] * 5 and set(found[6:]) == {429}


async def test_the_description_of_the_page_is_written_once_for_all():
    """Which takes 60 ms; only the page's own address differs."""
    times = []

    async def described(scope, receive, send):
        times.append(scope["query_string"])
        await JSONResponse({})(scope, receive, send)

    gate = Gate(KeptAnswers(described), LIMITS)
    for client in ("8.8.8.8", "9.9.9.9"):
        assert await statuses(gate, 5, "GET", "/config", client, b"") == [200] * 5
    mine = {"headers": [(b"host", b"mine.example")], "scheme": "https"}
    app = KeptAnswers(JSONResponse({"root": "http://page.invalid"}))
    answer = await answered(app, asked("GET", "/config") | mine)
    assert answer.json() == {"root": "https://mine.example"}
    assert len(times) == 1


def test_a_fault_of_the_app_is_answered_in_both_languages(caplog):
    """uvicorn would say "Internal Server Error", and Gradio's page show that."""

    async def broken(scope, receive, send):
        raise KeyError("of its own")

    answer = ask("GET", "/config", app=broken)
    assert answer.status_code == 500 and in_both_languages(answer.json()["detail"])
    assert "of its own" in caplog.text
