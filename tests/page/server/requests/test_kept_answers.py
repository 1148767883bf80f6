"""Answers kept in memory: the same bytes as Gradio's, made once, and nobody else's."""

import asyncio
import gzip
import re

import brotli
import httpx
import pytest

from page.layout import CSS, HEAD, THEME, build
from page.server.patches.gradio_scripts import NAME
from page.server.refusal import Refused
from page.server.requests import kept_answers
from page.server.requests.kept_answers import KeptAnswers
from page.texts import I18N

SCRIPT = "/assets/index-DphvyggB.js"
BODY = b"const a = 1; " * 1000
DECODED = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Stub:
    """Stands for Gradio: its page names the host, and everything is counted."""

    def __init__(self, status=200):
        self.scopes: list[dict] = []
        self.status = status

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        await asyncio.sleep(0.01)
        host = dict(scope["headers"])[b"host"]
        body = b'{"root": "http://%s"}' % host + BODY if scope["path"] == "/" else BODY
        headers = [(b"content-type", b"text/javascript"), (b"etag", b'"its own"')]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:10], "more_body": True})
        await send({"type": "http.response.body", "body": body[10:]})


async def asked(app, path=SCRIPT, host="here:7860", method="GET", **more) -> httpx.Response:
    """The answer as it was sent: not decompressed."""
    headers = {"accept-encoding": "", "host": host}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a")
    async with client, client.stream(method, path, headers=headers) as answer:
        raw = [chunk async for chunk in answer.aiter_raw()]
        return httpx.Response(
            answer.status_code,
            headers=[pair for pair in answer.headers.items() if pair[0] != "content-encoding"],
            content=b"".join(raw),
            extensions={"encoding": answer.headers.get("content-encoding", "")},
        )


def ask(*given, **more) -> httpx.Response:
    return asyncio.run(asked(*given, **more))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("GZIP;q=0.5", "gzip"), ("", ""),
        ("br;q=0, gzip", "gzip"), ("gzip;q=0.0", ""), ("deflate", ""), ("brotli, xgzip", ""),
    ],
)  # fmt: skip
def test_an_answer_is_compressed_as_the_client_accepts(accepted, encoding):
    answer = ask(KeptAnswers(Stub()), accept_encoding=accepted)
    assert answer.extensions["encoding"] == encoding
    assert DECODED[encoding](answer.content) == BODY
    assert answer.headers["vary"] == "accept-encoding"
    assert not encoding or len(answer.content) < 0.1 * len(BODY)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_what_does_not_shrink_is_sent_as_it_is(monkeypatch):
    monkeypatch.setitem(kept_answers.ENCODINGS, "br", lambda body: body)
    answer = ask(KeptAnswers(Stub()), accept_encoding="br")
    assert answer.extensions["encoding"] == "" and answer.content == BODY


@pytest.mark.anyio
async def test_gradio_is_asked_once_however_many_come():
    app = KeptAnswers(stub := Stub())
    both = [*["br"] * 20, *["gzip"] * 20]
    await asyncio.gather(*(asked(app, accept_encoding=each) for each in both))
    await asyncio.gather(*(asked(app, "/", f"host{k}", accept_encoding="br") for k in range(20)))
    assert [scope["path"] for scope in stub.scopes] == [SCRIPT, "/"]


def test_gradio_sees_nothing_of_who_asks():
    app = KeptAnswers(stub := Stub())
    more = {"cookie": "a=b", "x_forwarded_host": "evil.example", "range": "bytes=0-1"}
    ask(app, "/?page=a&deep_link=b", "evil.example", **more)
    ask(app, SCRIPT + "?a=b", **more)
    for scope in stub.scopes:
        assert scope["headers"] == [(b"host", kept_answers.HOST)] and not scope["query_string"]
        assert scope["client"] is None


def test_a_client_that_has_an_answer_is_not_sent_it_again():
    app = KeptAnswers(Stub())
    for path in (SCRIPT, "/"):
        tags = {}
        for encoding in DECODED:
            answer = ask(app, path, accept_encoding=encoding)
            tags[encoding] = answer.headers["etag"]
        assert len(set(tags.values())) == 3
        for encoding, tag in tags.items():
            for said in (tag, f'W/{tag}, "b"', f'"a" , {tag}', "*"):
                again = ask(app, path, accept_encoding=encoding, if_none_match=said)
                assert again.status_code == 304 and again.content == b""
                assert again.headers["etag"] == tag and again.headers["cache-control"]
            for said in ('"a"', tag.strip('"'), tags["br" if encoding != "br" else "gzip"]):
                again = ask(app, path, accept_encoding=encoding, if_none_match=said)
                assert again.status_code == 200 and again.content


def test_what_a_folders_name_stands_for_is_kept_for_good():
    """A page that was opened before an upgrade still gets scripts, under the name that it knows,
    and its browser asks for them again."""
    named, before = (SCRIPT.replace("/assets/", f"/assets/{name}/") for name in (NAME, "0" * 16))
    paths = {
        named: "immutable", before: "no-cache", SCRIPT: "no-cache", "/": "no-cache",
        "/static/img/logo.svg": "max-age=3600", "/theme.css": "max-age=3600",
    }  # fmt: skip
    app = KeptAnswers(stub := Stub(), change=lambda path, body: body + path.encode())
    answers = [ask(app, path) for path in paths]
    for lasts, answer in zip(paths.values(), answers, strict=True):
        assert lasts in answer.headers["cache-control"]
    assert {answer.content for answer in answers[:3]} == {BODY + SCRIPT.encode()}
    assert [scope["path"] for scope in stub.scopes].count(SCRIPT) == 1
    with pytest.raises(Refused):
        ask(app, SCRIPT.replace("/assets/", f"/assets/{NAME}/{NAME}/"))


def test_pictures_of_the_page_are_kept_and_nobody_elses():
    gradio = Stub()
    app = KeptAnswers(gradio, {"/files/cat.jpg"})
    for path in ("/files/cat.jpg", "/files/visitors.jpg"):
        first, second = [ask(app, f"/gradio_api/file={path}") for _ in range(2)]
        assert first.content == second.content == BODY
    assert [scope["path"][-7:] for scope in gradio.scopes] == ["cat.jpg", "ors.jpg", "ors.jpg"]


def test_files_of_the_page_are_read_once_and_those_in_gzip_are_not_compressed_again(tmp_path):
    """What unpacks them is the script that asks for them: no header says that they are packed."""
    (tmp_path / "model.onnx").write_bytes(BODY)
    (tmp_path / "a.js").write_bytes(BODY)
    folder = "/browser/0123456789abcdef"
    files = {
        f"{folder}/model.onnx.gz": tmp_path / "model.onnx",
        f"{folder}/a.js": tmp_path / "a.js",
    }
    app = KeptAnswers(stub := Stub(), files=files)
    for accepted in ("gzip, br", ""):
        packed, plain = [ask(app, path, accept_encoding=accepted) for path in files]
        assert gzip.decompress(packed.content) == BODY
        assert packed.extensions["encoding"] == ""
        assert packed.headers["content-type"] == "application/octet-stream"
        assert plain.extensions["encoding"] == ("br" if accepted else "")
        assert plain.headers["content-type"] == "text/javascript"
        assert all("immutable" in each.headers["cache-control"] for each in (packed, plain))
        for file in tmp_path.iterdir():
            file.write_bytes(b"changed")
    with pytest.raises(Refused):
        ask(app, f"{folder}/../{folder}/b.js")
    assert stub.scopes == []


def test_head_says_the_same_without_a_body():
    app = KeptAnswers(Stub())
    got, head = ask(app, "/"), ask(app, "/", method="HEAD")
    assert got.headers == head.headers and got.content and not head.content


def test_what_fails_is_asked_again():
    app = KeptAnswers(stub := Stub(status=404))
    for _ in range(2):
        for encoding in ("", "br"):
            answer = ask(app, SCRIPT, accept_encoding=encoding)
            assert answer.status_code == 404 and "cache-control" not in answer.headers
    assert len(stub.scopes) > 2
    for path in ("/config", "/health", "/gradio_api/info", "/gradio_api/queue/data"):
        ask(app, path), ask(app, path)
    assert len(stub.scopes) > 10


def test_nothing_is_kept_or_asked_for_that_is_no_file():
    """However it is written: of each file there is one answer for each encoding."""
    app = KeptAnswers(stub := Stub())
    again = ("/static/img/%2e/logo.svg", "/static/img//logo.svg", "/static/img/logo.svg/",
             "/static/fonts/%2e%2e/img/logo.svg", "/assets/x.js",
             "/static/ffmpeg/ffmpeg-core.wasm")  # fmt: skip
    for path in again:
        with pytest.raises(Refused, match="Not Found"):
            ask(app, path)
    assert stub.scopes == [] and app._kept == {}
    ask(app, "/static/img/logo.svg"), ask(app, "/%73tatic/img/logo.svg")
    assert len(stub.scopes) == len(app._kept) == 1


# ------------------------------------------------------------------ the page itself


@pytest.fixture(scope="module")
def gradio():
    """Gradio's own app of the page, without anything of ours around it."""
    page = build()
    page.launch(prevent_thread_lock=True, quiet=True, theme=THEME, css=CSS, head=HEAD, i18n=I18N)
    yield page.app
    page.close(verbose=False)


@pytest.mark.app
def test_the_page_and_its_files_are_gradios_byte_for_byte(gradio):
    app = KeptAnswers(gradio)
    for host in ("127.0.0.1:7860", "someone-diffusion.hf.space", "127.0.0.1:7860"):
        own = ask(gradio, "/", host)
        assert host in own.text and len(own.content) > 200_000
        for encoding, decoded in DECODED.items():
            kept = ask(app, "/", host, accept_encoding=encoding)
            assert kept.extensions["encoding"] == encoding
            assert decoded(kept.content) == own.content.replace(f"http://{host}".encode(), b"")
            assert kept.headers["content-type"] == own.headers["content-type"]
    paths = {f"/{path}" for path in re.findall(r'(?:src|href)="\./(assets/[^"]+)"', own.text)}
    assert any(path.endswith(".js") for path in paths)
    for path in (*paths, "/theme.css", "/favicon.ico", "/manifest.json"):
        own = ask(gradio, path)
        for encoding in DECODED:
            kept = ask(app, path, accept_encoding=encoding)
            assert DECODED[kept.extensions["encoding"]](kept.content) == own.content, path
            assert kept.headers["content-type"] == own.headers["content-type"]


def test_a_server_has_no_mcp_unless_it_is_asked_for(app_url):
    assert httpx.post(f"{app_url}/gradio_api/mcp/", json={}).status_code == 404
    assert httpx.get(f"{app_url}/gradio_api/mcp/schema").status_code == 404


def test_a_server_sends_it_once(app_url):
    first = httpx.get(app_url, headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.num_bytes_downloaded < 0.6 * len(first.content)
    assert "frame-ancestors" in first.headers["content-security-policy"]
    again = httpx.get(
        app_url, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304 and again.headers["x-content-type-options"] == "nosniff"
    style = re.search(rf'href="\./(assets/{NAME}/index-[\w-]{{8}}\.css)"', first.text)[1]
    assert "immutable" in httpx.get(f"{app_url}/{style}").headers["cache-control"]
    for other in ("config", "assets/missing-12345678.js"):
        assert "immutable" not in httpx.get(f"{app_url}/{other}").headers.get("cache-control", "")
