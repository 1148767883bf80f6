"""Uploads at Gradio's own route: what they hold while they arrive, and what they leave."""

import asyncio
from contextlib import suppress
from unittest.mock import AsyncMock

import gradio as gr
import psutil
import pytest
from gradio.route_utils import FileUploadProgress
from gradio.routes import App
from starlette.requests import ClientDisconnect

from page.server.patches import gradio_uploads
from page.server.visitors.ledger import Ledger

FILES = 300
DISCONNECT = {"type": "http.disconnect"}


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    ledger = Ledger(10**9, gradio_uploads._delete, of_address=10**9)
    monkeypatch.setattr(gradio_uploads, "UPLOADS", ledger)
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.File()
    blocks.max_file_size = None  # set at the launch
    return App.create_app(blocks)


def form(field="files", count=FILES):
    part = '--b\r\nContent-Disposition: form-data; name="{}"; filename="{}.png"\r\n\r\n{}\r\n'
    return "".join(part.format(field, k, k) for k in range(count)).encode()


def upload(app, *messages):
    """The status of an upload whose body arrives in these messages. None: it had no answer."""
    left, send = list(messages), AsyncMock()

    async def receive():
        message = left.pop(0)
        return message() if callable(message) else message

    scope = {
        "type": "http", "method": "POST", "path": "/gradio_api/upload", "root_path": "",
        "query_string": b"", "client": ("192.0.2.1", 5), "server": ("here", 80), "scheme": "http",
        "headers": [
            (b"host", b"here"), (b"content-length", b"100000"),
            (b"content-type", b"multipart/form-data; boundary=b"),
        ],
    }  # fmt: skip
    with suppress(ClientDisconnect):
        asyncio.run(app(scope, receive, send))
    return send.await_args_list[0].args[0]["status"] if send.await_count else None


def some(body, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_slow_upload_of_many_files_holds_no_descriptor(app, tmp_path):
    """Thirteen of them, 1.4 MB in all, took every descriptor of the server."""
    before, held = psutil.Process().num_fds(), []

    def look():
        held.append(psutil.Process().num_fds() - before)
        return some(b"--b--\r\n", more=False)

    assert upload(app, some(form()), look) == 200
    assert held[0] < 20
    assert sorted(path.name for path in files(tmp_path)) == sorted(f"{k}.png" for k in range(FILES))
    found = next(tmp_path.rglob("17.png"))
    assert found.read_bytes() == b"17"
    assert gradio_uploads.UPLOADS.bytes_of("192.0.2.1") == sum(
        gradio_uploads.A_FILE + path.stat().st_size for path in files(tmp_path)
    )
    found.unlink()
    gradio_uploads.tidy()
    assert not found.parent.exists() and len(gradio_uploads.UPLOADS.items()) == FILES - 1


@pytest.mark.parametrize(
    "messages",
    [
        [some(form()), DISCONNECT],
        [some(form("other") + b"--b--\r\n", more=False)],
        [some(form() + form("other") + b"--b--\r\n", more=False)],
    ],
    ids=["cut off", "another field", "another field behind"],
)
def test_what_is_no_upload_leaves_nothing(app, tmp_path, messages):
    assert upload(app, *messages) in (400, 500, None)  # 500: nobody is there to read it
    assert files(tmp_path) == [] and not gradio_uploads.UPLOADS.bytes_of("192.0.2.1")


@pytest.mark.anyio
async def test_nothing_is_remembered_of_how_far_uploads_were():
    progress = FileUploadProgress()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(progress.is_tracked("made up"), 0.01)
    progress.track("mine")
    assert await progress.is_tracked("mine")
    progress.stop_tracking("mine")
    assert not progress._signals and not progress._statuses
