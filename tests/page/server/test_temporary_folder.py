"""A process's folder of uploads and results: of its own, and deleted at the latest by the next."""

import os
import signal
import subprocess
import sys

import pytest

from devtools import ROOT
from page.server import temporary_folder

CLAIM = """
import sys
from page.server import temporary_folder
from page.server.gradio_patches import upload_folder
temporary_folder.claim()
(upload_folder() / "upload").mkdir()
(upload_folder() / "upload" / "a.png").write_bytes(b"abc")
print(upload_folder(), flush=True)
sys.stdin.read()
temporary_folder.delete()
"""


@pytest.fixture
def process(tmp_path):
    """process() claims a folder under `tmp_path` and keeps it until its input ends."""
    started = []

    def start():
        child = subprocess.Popen(
            [sys.executable, "-c", CLAIM],
            cwd=ROOT,
            env=os.environ | {"GRADIO_TEMP_DIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        child.folder = child.stdout.readline().strip()
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(process, tmp_path):
    (foreign := tmp_path / "page-of-somebody").mkdir()
    living, killed = process(), process()
    assert os.path.dirname(living.folder) == str(tmp_path) and living.folder != killed.folder
    killed.send_signal(signal.SIGKILL)
    killed.wait(60)
    assert os.path.exists(killed.folder)
    third = process()
    assert not os.path.exists(killed.folder) and not os.path.exists(f"{killed.folder}.lock")
    assert os.path.exists(f"{living.folder}/upload/a.png") and foreign.exists()
    for child in (living, third):
        child.communicate("")
        assert child.returncode == 0
    assert [*tmp_path.iterdir()] == [foreign]


def test_without_a_disk_gradio_s_own_folder_is_used(tmp_path, monkeypatch):
    (blocked := tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(blocked))
    temporary_folder.claim()
    assert os.environ["GRADIO_TEMP_DIR"] == str(blocked)
    temporary_folder.delete()
    assert blocked.exists()


def test_folders_that_stay_empty_go(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for name in ("old", "new", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "a.png").write_bytes(b"abc")
    for name in ("old", "full"):
        os.utime(tmp_path / name, (0, 0))
    temporary_folder.delete_empty_folders()
    assert {path.name for path in tmp_path.iterdir()} == {"new", "full"}
