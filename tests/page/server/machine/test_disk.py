"""A full or read-only disk: what is said about it, and where."""

import errno
import os
import subprocess
import tempfile
import time
from unittest.mock import Mock

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from devtools.server import running_app
from page.server.machine import disk
from page.server.monitoring import health
from page.server.patches import gradio_patches
from page.texts import TEXTS


def test_a_disk_with_room_has_no_fault_and_gets_no_file(tmp_path):
    assert disk.fault(tmp_path / "new") is None
    assert [*tmp_path.rglob("*")] == [tmp_path / "new"]


def test_a_disk_with_little_room_is_full_before_it_is(tmp_path, monkeypatch):
    usage = disk.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage._replace(free=99_999_999))
    assert disk.fault(tmp_path) == "disk_full"


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EROFS, "disk_read_only"),
        (errno.EACCES, "disk_read_only"),
        (errno.EIO, "disk_failed"),
        (errno.ENOENT, "disk_failed"),
    ],
)
def test_a_failed_write_is_a_fault(tmp_path, monkeypatch, number, key):
    error = OSError(number, os.strerror(number), str(tmp_path))
    monkeypatch.setattr(tempfile, "TemporaryFile", Mock(side_effect=error))
    assert disk.fault(tmp_path) == key
    assert all(TEXTS[key])


@pytest.fixture
def failing_page(monkeypatch, tmp_path):
    """A page of which each event and each upload fails on a full disk."""

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/folder")

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with gr.Blocks() as page:
        button, text = gr.Button(), gr.Textbox()
        button.click(fail, outputs=text, api_name="queued")
        button.click(fail, outputs=text, api_name="at_once", queue=False)
    monkeypatch.setattr("gradio.route_utils.NamedTemporaryFile", fail)
    handlers = {"exception_handlers": gradio_patches.EXCEPTION_HANDLERS}
    _, url, _ = page.launch(
        prevent_thread_lock=True, quiet=True, show_error=True, app_kwargs=handlers
    )
    yield url.rstrip("/")
    page.close(verbose=False)


def in_words(answer):
    assert "secret" not in answer and "Errno" not in answer
    return all(sentence in answer for sentence in TEXTS["disk_full"])


@pytest.mark.parametrize("name", ["/queued", "/at_once"])
def test_a_visitor_does_not_read_the_system_s_error(failing_page, name):
    client = Client(failing_page, verbose=False, analytics_enabled=False)
    with pytest.raises(AppError) as error:
        client.predict(api_name=name)
    assert in_words(str(error.value))


def test_an_upload_to_a_full_disk_is_answered_in_words(failing_page):
    answer = httpx.post(f"{failing_page}/gradio_api/upload", files={"files": ("a.png", b"abc")})
    assert answer.status_code == 507 and in_words(answer.text)


def test_health_says_degraded_and_why_and_when_it_is_over(monkeypatch, caplog):
    monkeypatch.setattr(health, "_fault", None)
    found = ["disk_full", "disk_full", None]
    monkeypatch.setattr(disk, "fault", lambda _: found.pop(0))
    states = []
    with caplog.at_level("INFO", "page"):
        for _ in range(3):
            health.check()
            states.append(health.state())
    assert [state["status"] for state in states] == ["degraded", "degraded", "ok"]
    assert [state.get("reason") for state in states] == ["disk_full", "disk_full", None]
    assert [record.getMessage() for record in caplog.records] == ["degraded", "recovered"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
def test_a_page_on_a_bad_disk(small_disk, tiny_checkout):
    """It says so, serves what needs no file, and works again when the disk does."""
    variables = {"GRADIO_TEMP_DIR": str(small_disk), "DDPM_FREE_BYTES": "1000000"}
    with running_app(tiny_checkout, **variables) as app:
        client = Client(app.url, verbose=False, analytics_enabled=False)
        wait_for_status(app, "ok")
        filling = small_disk / "filling"
        filling.write_bytes(bytes(disk.shutil.disk_usage(small_disk).free))
        is_told(app, client, "disk_full", small_disk)
        filling.unlink()
        wait_for_status(app, "ok")
        assert client.predict(steps=10, dim=8, batch_size=8, api_name="/train")[1]
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        is_told(app, client, "disk_read_only", small_disk)
        subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
        wait_for_status(app, "ok")
        assert client.predict(steps=10, dim=8, batch_size=8, api_name="/train")[1]


def is_told(app, client, fault, folder):
    for name, asked in (("train", {"steps": 10, "dim": 8}), ("generate", {"count": 1, "steps": 2})):
        with pytest.raises(AppError) as error:
            client.predict(**asked, api_name=f"/{name}")
        assert all(sentence in str(error.value) for sentence in TEXTS[fault])
    assert str(folder) not in str(error.value)
    upload = {"files": ("a.png", bytes(2_000_000))}
    answer = httpx.post(f"{app.url}/gradio_api/upload", files=upload, timeout=60)
    assert answer.status_code == 507
    assert all(sentence in answer.text for sentence in TEXTS[fault])
    assert wait_for_status(app, "degraded")["reason"] == fault


def wait_for_status(app, status):
    while (state := app.health())["status"] != status:
        time.sleep(0.1)
    return state
