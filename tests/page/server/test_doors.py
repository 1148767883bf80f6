"""What visitors can't do: read files not uploaded, fetch URLs, load a pickle, bypass the queue."""

import ast
import asyncio
import socket
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from gradio import route_utils
from PIL import Image
from starlette.exceptions import HTTPException

from devtools import ROOT
from devtools.hostile_client import META, Page
from page.server.files.uploads import open_upload
from page.tabs.train import own_pictures
from page.texts import both

PICTURE = ROOT / "docs" / "samples.png"  # a file of the server that no visitor may read
FORGED = [
    {"path": "/etc/passwd"},
    {"path": str(PICTURE)},
    {"path": str(PICTURE), "is_stream": True},
    {"path": "docs/samples.png"},
    {"path": "../" * 20 + str(PICTURE)[1:]},
    {"path": "app.py"},
    {"path": "\0"},
]


@pytest.fixture(scope="module")
def page(app_url):
    return Page(app_url)


@pytest.fixture(scope="module")
def file_listeners(page):
    """(listener, values that the page sends, index of the file, number of files) of each listener
    that takes files."""
    parts = {  # an endpoint's inputs have no component type, only the names of its arguments
        part["id"]: part["props"]["label"] if part["type"] == "api" else part["type"]
        for part in page.config["components"]
    }
    chosen = {  # of each menu of figures, the first
        part["id"]: {"figure": figures[0], "format": "png", "language": "en"}
        for part in page.config["components"]
        if (figures := part["props"].get("props", {}).get("figures"))
    }
    many = ("file", "files")
    share = {  # its program names a picture and opens none
        part["id"] for part in page.config["components"]
        if part["props"].get("elem_id") == "share-go"
    }  # fmt: skip
    return [
        (
            fn["id"],
            [*map(chosen.get, fn["inputs"], page.listeners[fn["id"]])],
            k,
            own_pictures.MIN_COUNT if parts[part] in many else 1,
        )
        for fn in page.config["dependencies"]
        for k, part in enumerate(fn["inputs"])
        if fn["id"] in page.listeners
        and not share & {target for target, _ in fn["targets"]}
        and parts[part] in ("image", "uploadbutton", *many)
    ]


def answers(page, file_listeners, file, others=None):
    """`others` go with the file where a listener takes many; if omitted, as foreign as it is."""
    for listener, data, k, count in file_listeners:
        sent = [*data]
        foreign = [file | {"path": f"/etc/{other}"} for other in range(count - 1)]
        sent[k] = file if count == 1 else [file, *(others or foreign)]
        yield page.names[listener], *page.ask(listener, sent)


@pytest.mark.parametrize("marked", [False, True])
def test_only_uploaded_files_are_read(page, file_listeners, marked):
    """Also by listeners with preprocess=False, and if nothing marks the value as a file."""
    assert {page.names[listener] for listener, *_ in file_listeners} >= {
        "forward_gif", "show_gif", "new_picture", "from_noise_tab", "from_upload",
        "train_pictures",
    }  # fmt: skip
    for file in FORGED:
        for name, kind, message in answers(page, file_listeners, file | META if marked else file):
            assert kind in ("sentence", "gradio") and message, (name, file)
            if kind == "sentence":
                refused = message == both("upload_foreign") or "That leaves 0" in message
                assert refused, (name, file, message)


def test_an_uploaded_file_is_read(page, file_listeners):
    names = [f"mine-{k}.png" for k in range(own_pictures.MIN_COUNT)]
    file, *others = (page.upload(name, PICTURE.read_bytes()) for name in names)
    kinds = {name: kind for name, kind, _ in answers(page, file_listeners, file, others)}
    assert set(kinds.values()) == {"fine"}, kinds


def test_links_and_dots_do_not_leave_the_upload_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder := tmp_path / "uploads"))
    folder.mkdir()
    Image.open(PICTURE).save(folder / "mine.png")
    (folder / "link.png").symlink_to(PICTURE)
    (folder / "linked").symlink_to(PICTURE.parent)
    assert open_upload({"path": str(folder / "mine.png")}).size == Image.open(PICTURE).size
    (tmp_path / "uploads-of-another").mkdir()
    Image.open(PICTURE).save(other := tmp_path / "uploads-of-another" / "theirs.png")
    for path in (
        folder / "link.png",
        folder / "linked" / "samples.png",
        folder / ".." / other.parent.name / other.name,
        other,
    ):
        assert path.is_file()
        with pytest.raises(gr.Error) as error:
            open_upload({"path": str(path)})
        assert error.value.message == both("upload_foreign")


def test_no_url_is_fetched(page, file_listeners):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        for file in ({"path": url}, {"path": "", "url": url}, {"path": url, "url": url}):
            for name, kind, _ in answers(page, file_listeners, file):
                assert kind in ("sentence", "gradio"), name
            for name, _, message in answers(page, file_listeners, file | META):
                sentences = {both("upload_url"), both("upload_none"), both("upload_foreign")}
                assert message in sentences or "not uploaded by a user" in message, name
        # for components that take no files
        generate = page.listener("generate")
        sent = [{"path": url, **META}] * len(page.listeners[generate])
        assert page.ask(generate, sent) == ("sentence", both("upload_url"))
        assert page.client.get(f"/file={url}").status_code == 403
        assert page.client.get(f"/proxy={url}").status_code == 404
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has connected
            server.accept()


def test_no_public_url_is_proxied(monkeypatch):
    """Gradio's /file= would fetch it. Its host resolves here; sending a request fails the test."""
    known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
    monkeypatch.setattr(httpx.AsyncClient, "send", lambda *_, **__: pytest.fail("fetched"))
    request = SimpleNamespace(headers={}, method="GET")
    with pytest.raises(HTTPException) as error:
        asyncio.run(route_utils.secure_url_stream_response("https://example.com/a", request))
    assert error.value.status_code == 403


@pytest.mark.parametrize("route", ["run", "api"])
@pytest.mark.parametrize("name", ["generate", "compare", "train", "forward_gif"])
def test_the_queue_can_not_be_bypassed(page, route, name):
    data = page.listeners[page.listener(name)]
    answer = page.client.post(f"/{route}/{name}", json={"data": data})
    assert answer.status_code == 404 and "join the queue" in answer.text


def test_files_over_the_size_limit_are_refused(page):
    answer = page.client.post("/upload", files={"files": ("a.png", b"\0" * 21_000_000)})
    assert answer.status_code == 413 and "maximum allowed size" in answer.text


CODE = [ROOT / "app.py", *(ROOT / "ddpm").rglob("*.py"), *(ROOT / "page").rglob("*.py")]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_unpickled_or_evaluated(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names}
            names.add((getattr(node, "module", None) or "").split(".")[0])
            assert not names & {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "torch.load", "pd.read_pickle", "__import__")
            assert "allow_pickle" not in {keyword.arg for keyword in node.keywords}
