"""A process's folder of uploads and results: of its own, and deleted at the latest by the next."""

import multiprocessing
import os
import sys

import pytest

from page.server.files import temporary_folder
from page.server.patches.gradio_patches import upload_folder


def work(line, parent):
    """Claims a folder, and deletes it when told to."""
    os.environ["GRADIO_TEMP_DIR"] = str(parent)
    temporary_folder.claim()
    (upload := upload_folder() / "upload").mkdir()
    (upload / "a.png").write_bytes(b"abc")
    line.send(upload_folder())
    line.recv()
    temporary_folder.delete()


@pytest.fixture
def process(tmp_path):
    """process() starts `work` and returns the process, its line and its folder."""
    started = []

    def start():
        line, its_end = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(target=work, args=(its_end, tmp_path))
        child.start()
        started.append(child)
        assert line.poll(60)
        return child, line, line.recv()

    yield start
    for child in started:
        child.kill()
        child.join()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(process, tmp_path):
    (foreign := tmp_path / "page-of-somebody").mkdir()
    (living, line, folder), (killed, _, abandoned) = process(), process()
    assert folder.parent == tmp_path and folder != abandoned
    killed.kill()
    killed.join(60)
    assert abandoned.exists()
    third, its_line, _ = process()
    assert not abandoned.exists()
    assert (folder / "upload" / "a.png").exists() and foreign.exists()
    for child, each in ((living, line), (third, its_line)):
        each.send("end")
        child.join(60)
        assert child.exitcode == 0
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
