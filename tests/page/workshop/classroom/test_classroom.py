"""A class over real connections: each device counts once, and what is hostile is refused."""

import asyncio
import os
import random
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from devtools.server import running_app
from devtools.visit import visitor
from devtools.worker_kills import of_niceness
from page.compute import workers
from page.server.refusal import Refused
from page.workshop.classroom import requests, room

DEVICES = 24
ASKED = {"step": 3, "choices": 4, "several": False, "shown": False, "wall": False}


class Class:
    """A presenter of a new class, and devices that join it."""

    def __init__(self, url: str):
        self.http = httpx.Client(base_url=url, timeout=120)
        self.secret = secrets.token_hex(16)
        self.code = self.present()["code"]

    def present(self, **changes) -> dict:
        answer = self.http.post("/class/present", json={"secret": self.secret, **ASKED, **changes})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def answer(self, device: str, picked: list, step: int = 3) -> int:
        body = {"code": self.code, "device": device, "step": step, "picked": picked}
        return self.http.post("/class/answer", json=body).status_code

    def state(self) -> httpx.Response:
        return self.http.get(f"/class/at/{self.code}")


@pytest.mark.anyio
async def test_an_account_has_only_so_much_wait(monkeypatch):
    """A film for the wall takes a third of a second; classes have threads of their own."""
    monkeypatch.setattr(requests, "MOST_SLOW", 2)
    begun, ended = threading.Barrier(3), threading.Event()

    def slow(room):
        begun.wait()
        ended.wait()

    monkeypatch.setattr(requests, "SLOW", (slow,))
    who, other = visitor("a", "192.0.2.1"), visitor("b", "192.0.2.2")
    runs = [asyncio.create_task(requests._of(who, "0" * 20, slow)) for _ in range(2)]
    await asyncio.to_thread(begun.wait)
    with pytest.raises(Refused):
        await requests._of(who, "0" * 20, slow)
    ended.set()
    await asyncio.gather(*runs)
    assert await requests._of(other, "0" * 20, lambda room: 5) == 5
    assert not requests._waiting


@pytest.fixture
def lesson(app_url):
    lesson = Class(app_url)
    yield lesson
    lesson.http.close()


def test_each_device_counts_once_whatever_it_sends_again(lesson):
    picks = {secrets.token_hex(16): random.choices(range(4), k=3) for _ in range(DEVICES)}

    def changes_its_mind(device: str) -> None:
        for choice in picks[device]:
            for _ in range(2):  # as if the first answer was lost on its way back
                assert lesson.answer(device, [choice]) == 204

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(changes_its_mind, picks))
    last = Counter(each[-1] for each in picks.values())
    counted = {"counts": [last[k] for k in range(4)], "answers": DEVICES}
    assert lesson.present() == {"code": lesson.code, **ASKED, **counted, "pictures": []}
    assert lesson.state().json() == ASKED  # the others see no count
    assert lesson.present(shown=True)["counts"] == counted["counts"]
    assert lesson.state().json() == ASKED | {"shown": True} | counted
    assert lesson.answer(secrets.token_hex(16), [0]) == 409
    assert lesson.present(shown=True)["answers"] == DEVICES
    assert not any(device in lesson.state().text for device in picks)
    assert lesson.present(step=9)["answers"] == 0  # another question
    assert lesson.present()["answers"] == DEVICES  # and back


def test_an_answer_may_name_several_only_where_it_is_asked_for(lesson):
    lesson.present(choices=16, several=True)
    for picked in ([0, 15], [], list(range(16))):
        assert lesson.answer(secrets.token_hex(16), picked) == 204
    assert lesson.present(choices=16, several=True)["counts"] == [2, *[1] * 14, 2]


DEVICE = "0" * 32
HOSTILE = {
    "answer": {
        "picked": [[4], [-1], [True], [0.0], [0, 1], [0] * 9_000, {"0": 1}, "<script>alert(1)"],
        "step": ["3", 4],
        "device": ["../" * 10, DEVICE + "0", None, "0" * 100_000],
        "code": ["../../../../etc", "0" * 20, ["a"]],
    },
    "present": {
        "secret": ["0" * 31, None],
        "step": [100, "../x"],
        "choices": [17, 1e9],
        "shown": ["<b>"],
        "text": ["anything else"],
    },
    "end": {"secret": ["0" * 33]},
    # the wall is closed: not even what is right
    "hang": {"path": ["/tmp/a.png", "/etc/passwd\0.png", "a" * 5_000, ["a.png"]]},
    "take_down": {"name": ["../asked", {"$ne": 0}], "secret": [None]},
}


def test_what_is_hostile_is_refused_and_changes_nothing(lesson):
    assert lesson.answer(DEVICE, [1]) == 204
    right = {
        "answer": {"code": lesson.code, "device": "1" * 32, "step": 3, "picked": [0]},
        "present": {"secret": lesson.secret, **ASKED},
        "end": {},
        "hang": {"code": lesson.code, "device": "1" * 32, "path": "/tmp/a.png"},
        "take_down": {"secret": lesson.secret, "name": None},
    }
    for path, fields in HOSTILE.items():
        for field, value in [(name, each) for name in fields for each in fields[name]]:
            answer = lesson.http.post(f"/class/{path}", json=right[path] | {field: value})
            assert 400 <= answer.status_code < 500, (path, field, value, answer.text)
            assert "<script" not in answer.text and "<b>" not in answer.text
    for path in right:
        for body in (b"", b"[]", b"null", b"3", b"{", b'"\\ud800"'):
            kind = {"content-type": "application/json"}
            answer = lesson.http.post(f"/class/{path}", content=body, headers=kind)
            assert 400 <= answer.status_code < 500, (path, body, answer.text)
    for code in ("0" * 20, "present", "..%2f..%2fetc", lesson.secret):
        assert lesson.http.get(f"/class/at/{code}").status_code in (404, 410, 422)
    for name in ("0" * 32 + "-" + "0" * 8, "asked", "..%2fasked.json"):
        answer = lesson.http.get(f"/class/at/{lesson.code}/{name}")
        assert answer.status_code in (404, 422)
    other = {"secret": secrets.token_hex(16)}
    assert lesson.http.post("/class/end", json=other).status_code == 204  # a class that isn't
    elsewhere = {"sec-fetch-site": "cross-site"}
    answer = lesson.http.post("/class/answer", json=right["answer"], headers=elsewhere)
    assert answer.status_code == 403
    assert lesson.present()["counts"] == [0, 1, 0, 0]


def test_a_class_that_is_ended_leaves_nothing(lesson, shared_app):
    lesson.answer(DEVICE, [1])
    assert list(shared_app.files.glob(f"class-{lesson.code}/*/*"))
    assert lesson.http.post("/class/end", json={"secret": lesson.secret}).status_code == 204
    assert lesson.state().status_code == 410
    assert lesson.answer(DEVICE, [1]) == 410
    assert not list(shared_app.files.glob(f"class-{lesson.code}*"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A class in this process."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    code = room.code_of("secret")
    return room.Room(code), tmp_path / f"class-{code}"


def test_after_an_hour_nothing_is_left(here):
    lesson, folder = here
    lesson.present(room.Asked(**ASKED), "10.0.0.1")
    lesson.answer("a", 3, [2])
    room.tidy()
    assert lesson.present(room.Asked(**ASKED), "10.0.0.1")["answers"] == 1
    hour_ago = time.time() - room.LASTS_S - 1
    os.utime(folder / room.ASKED, (hour_ago, hour_ago))
    with pytest.raises(Refused, match="over"):
        lesson.state()
    with pytest.raises(Refused, match="over"):
        lesson.answer("b", 3, [2])
    room.tidy()
    assert not folder.exists()
    assert lesson.present(room.Asked(**ASKED), "10.0.0.1")["answers"] == 0


def test_devices_that_are_made_up_fill_a_class_and_nothing_else(here, monkeypatch):
    lesson, folder = here
    monkeypatch.setattr(room, "ANSWERS", 5)
    lesson.present(room.Asked(**ASKED), "10.0.0.1")
    for k in range(5):
        lesson.answer(str(k), 3, [0])
    with pytest.raises(Refused, match="any more answers") as full:
        lesson.answer("5", 3, [0])
    assert full.value.status == 403  # which a phone doesn't send again, and says
    lesson.answer("4", 3, [1])  # who has answered may still change it
    assert lesson.present(room.Asked(**ASKED), "10.0.0.1")["counts"] == [4, 1, 0, 0]
    assert len(list(folder.glob("*/*"))) == 5


def test_whoever_opens_many_classes_loses_their_own(here, monkeypatch):
    lesson, folder = here
    monkeypatch.setattr(room, "ROOMS", room.Ledger(3 * room.ROOM_BYTES, room._delete))
    lesson.present(room.Asked(**ASKED), "10.0.0.1")
    for k in range(6):
        room.Room(room.code_of(str(k))).present(room.Asked(**ASKED), "10.0.0.2")
    assert len(list(folder.parent.glob("class-*"))) == 3 and folder.exists()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_left_by_a_server_that_is_killed_and_started_again(tiny_checkout, tmp_path):
    """Nor any of its processes: what computes, what opens pictures, what they were forked from."""
    folder = {"GRADIO_TEMP_DIR": str(tmp_path)}
    with running_app(tiny_checkout, DDPM_COMPUTE="workers", **folder) as app:
        while not (found := of_niceness(app, workers.SAMPLES)):
            time.sleep(0.05)
        lesson = Class(app.url)
        assert lesson.answer(DEVICE, [1]) == 204
        assert list(tmp_path.rglob("class-*/*/*"))
        below = app.process.children(recursive=True)
        forked_from = found[0].parent()  # which is forked itself: one copy of what is imported
        assert forked_from in below and forked_from.cmdline() == app.process.cmdline()
        app.process.kill()
        app.process.wait()
        assert not psutil.wait_procs(below, timeout=60)[1]
    with running_app(tiny_checkout, **folder) as app:
        assert httpx.get(f"{app.url}/class/at/{lesson.code}").status_code == 410
        assert list(tmp_path.rglob("class-*")) == []
