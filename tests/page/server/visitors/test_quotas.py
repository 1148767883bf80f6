"""How much of the disk uploads may take, and which files make room."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.server.visitors import quotas
from page.server.visitors.quotas import BLOCK, Quotas
from page.texts import both

SIZE = 300_000 - BLOCK


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def upload(tmp_path, monkeypatch, clock):
    """upload(address, name): a file of 300 kB; room for three of an address, five of all."""
    small = replace(LIMITS, bytes_at_address=1_000_000, bytes_of_all=1_600_000)
    monkeypatch.setattr(quotas, "LIMITS", small)
    kept = Quotas()

    def send(address, name):
        path = tmp_path / name / "picture.png"
        with kept.arriving(address, SIZE):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(bytes(SIZE))
        kept.add(address, [path])
        clock[0] += 1
        return path

    send.kept = kept
    return send


def test_the_senders_oldest_unused_file_makes_room(upload, clock):
    a, b, c = (upload("foe", name) for name in "abc")
    other = upload("home", "d")
    clock[0] += 100
    upload.kept.opened(a)
    e = upload("foe", "e")
    assert not b.parent.exists() and all(path.exists() for path in (a, c, e, other))


def test_what_is_in_use_stays_and_the_sender_is_refused(upload):
    files = [upload("foe", name) for name in "abc"]
    with pytest.raises(Refused) as refused:
        upload("foe", "d")
    assert (refused.value.status, refused.value.why) == (429, both("uploads_full"))
    assert all(path.exists() for path in files)
    upload("home", "e")


def test_the_greediest_address_makes_room_for_another(upload):
    foe = [upload("foe", name) for name in "abc"]
    others = [upload(f"home {name}", name) for name in "de"]
    new = upload("home", "f")  # although nothing is older than a minute
    assert [path.exists() for path in foe] == [False, True, True]
    assert all(path.exists() for path in [*others, new])


def test_unfinished_uploads_count(upload):
    arriving = upload.kept.arriving
    with arriving("foe", 600_000), pytest.raises(Refused), arriving("foe", 600_000):
        pass
    with upload.kept.arriving("foe", 600_000):
        pass


def test_one_request_can_not_be_larger_than_the_quota(upload):
    file = upload("foe", "a")
    with pytest.raises(Refused) as refused, upload.kept.arriving("foe", 1_000_001):
        pass
    assert (refused.value.status, refused.value.why) == (413, both("uploads_large"))
    assert file.exists()


def test_the_number_of_files_is_limited(upload, monkeypatch, clock):
    monkeypatch.setattr(quotas, "BLOCK", 0)
    small = replace(LIMITS, files_at_address=1000)
    object.__setattr__(small, "files_at_address", 2)
    monkeypatch.setattr(quotas, "LIMITS", small)
    a, b = upload("foe", "a"), upload("foe", "b")
    clock[0] += 100
    upload("foe", "c")
    assert not a.exists() and b.exists()


def test_files_beyond_the_number_do_not_stay(tmp_path, monkeypatch, clock):
    """Of one request, or of several at once: their number is known when they have arrived."""
    small = replace(LIMITS, files_at_address=1000)
    object.__setattr__(small, "files_at_address", 2)
    monkeypatch.setattr(quotas, "LIMITS", small)
    kept, paths = Quotas(), [tmp_path / f"{k}" / "a.png" for k in range(4)]
    for path in paths:
        path.parent.mkdir()
        path.touch()
    with pytest.raises(Refused):
        kept.add("foe", paths)
    assert [path.exists() for path in paths] == [True, True, False, False]


def test_the_same_file_counts_once_and_stays_the_first_senders(upload):
    upload("home", "a"), upload("foe", "a"), upload("foe", "a")
    assert upload.kept._bytes() == {"home": SIZE + BLOCK}


def test_files_that_gradio_deleted_are_forgotten_and_their_folders_go(upload):
    a, b = upload("home", "a"), upload("home", "b")
    a.unlink()
    upload.kept.tidy()
    assert upload.kept._bytes() == {"home": SIZE + BLOCK}
    assert not a.parent.exists() and b.exists()
