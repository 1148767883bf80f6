"""The wall of a class: what this server drew, one picture of each device, and nothing else."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from devtools import ROOT
from devtools.visit import visitor
from page.server.files import result_files
from page.server.refusal import Refused
from page.widgets.saved_pictures import save_gif, save_png
from page.workshop.classroom import room, wall

LINK = "http://here/#generate?v=1&label=7"
CLOSED = room.Asked(step=1)
OPEN = room.Asked(step=1, wall=True)


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(result_files, "STORE", result_files.ResultStore())
    return room.Room(room.code_of("secret"))


@pytest.fixture
def drawn(lesson):
    """The files of two runs, one of which no link can draw again."""
    visit = visitor("a", "10.0.0.1")
    picture = Image.effect_noise((32, 32), 80)
    with result_files.STORE.folder("generate", visit) as one:
        save_png(picture, one / "a.png", LINK)
        save_gif([Image.new("L", (32, 32), k) for k in range(60)], one / "a.gif", LINK)
    with result_files.STORE.folder("generate", visit) as other:
        save_png(picture, other / "own.png", None)
        save_gif([picture] * 2, other / "own.gif", None)
        save_png(picture, other / "elsewhere.png", "javascript:alert(1)")
        save_png(Image.effect_noise((1200, 1200), 80), other / "large.png", LINK)
    return one, other


def pictures(lesson, asked=OPEN) -> list[str]:
    return lesson.present(asked, "10.0.0.1")["pictures"]


def test_a_device_has_one_picture_there_until_it_is_taken_down(lesson, drawn):
    path, film = (str(drawn[0] / name) for name in ("a.png", "a.gif"))
    lesson.present(CLOSED, "10.0.0.1")
    with pytest.raises(Refused, match="closed"):
        lesson.hang("one", path)
    pictures(lesson)
    lesson.hang("one", path)
    (before,) = pictures(lesson)
    assert lesson.wall.file(before).read_bytes() == Path(path).read_bytes()
    lesson.hang("one", film)
    lesson.hang("two", path)
    first, second = pictures(lesson)
    assert before not in (first, second)
    with Image.open(lesson.wall.file(first)) as hung:
        assert hung.size == (240, 240) and hung.n_frames == 13
        assert hung.info["comment"].decode() == LINK
        for k in (0, 12):  # its finished picture, also for whom nothing may move
            hung.seek(k)
            assert np.asarray(hung.convert("L")).mean() == 59  # of the film's last
    lesson.wall.take_down(first)
    assert pictures(lesson) == [second]
    assert pictures(lesson, CLOSED) == [second]  # who opens it again has what was there
    lesson.wall.take_down(None)
    assert pictures(lesson) == []


def test_a_full_wall_takes_no_more_and_is_bounded(lesson, drawn, monkeypatch):
    monkeypatch.setattr(wall, "MOST", 2)
    path = str(drawn[0] / "a.png")
    pictures(lesson)
    for device in ("one", "two", "one"):
        lesson.hang(device, path)
    with pytest.raises(Refused, match="full"):
        lesson.hang("three", path)
    assert len(pictures(lesson)) == 2
    assert room.ANSWERS * 4096 + 24 * wall.LARGEST <= room.ROOM_BYTES  # what it is charged


def test_what_this_server_did_not_draw_is_refused(lesson, drawn, tmp_path):
    one, other = drawn
    uploaded = tmp_path / "0123" / "mine.png"
    uploaded.parent.mkdir()
    save_png(Image.effect_noise((32, 32), 80), uploaded, LINK)
    os.symlink(uploaded.parent, one / "up")
    foreign = [
        *(uploaded, ROOT / "docs" / "samples.png", "/etc/passwd", "a.png", ""),
        *(one / "b.gif", one / "b.png", one / ".." / "0123" / "mine.png", one / "up" / "mine.png"),
        *(other / "own.png", other / "own.gif", other / "elsewhere.png"),
    ]
    pictures(lesson)
    for path in foreign:
        with pytest.raises(Refused, match="Only what this page drew"):
            lesson.hang("one", str(path))
    with pytest.raises(Refused, match="too large"):
        lesson.hang("one", str(other / "large.png"))
    assert pictures(lesson) == []
