"""Which sessions are remembered, which make room, and who is refused."""

import asyncio
import time
from dataclasses import replace
from unittest.mock import AsyncMock, call

import pytest

from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.server.visitors import visitors
from page.server.visitors.visitors import Presence, Visitors
from page.texts import both


class Remembered:
    """Stands in for what Gradio keeps."""

    def __init__(self):
        self.busy, self.kept, self.forgotten, self.unread = set(), {}, [], []
        self.in_use = lambda: self.busy
        self.worth = lambda session: self.kept.get(session, 0)
        self.session_of = {"its-event": "program"}.get
        self.forget, self.forget_messages = self.forgotten.append, self.unread.append


@pytest.fixture
def here(monkeypatch):
    """Room for eight sessions, two of one address; at most five new ones in a minute."""
    small = replace(LIMITS, sessions=10, sessions_a_minute=5)
    object.__setattr__(small, "sessions", 8)
    monkeypatch.setattr(visitors, "LIMITS", small)
    monkeypatch.setattr(time, "monotonic", lambda: 6000.0)
    return Visitors(Remembered())


def test_a_class_arrives_at_once(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 6000.0)
    here = Visitors(Remembered())
    for k in range(300):
        here.admit(f"pupil {k}", "school")
    assert here.counts() == {"sessions": 300, "addresses": 1, "pages": 0}


def test_an_address_has_so_many_new_sessions_in_a_minute(here, monkeypatch):
    for k in range(5):
        here.admit(f"foe {k}", "foe")
    with pytest.raises(Refused) as refused:
        here.admit("foe 5", "foe")
    assert refused.value.why == both("sessions_many") and refused.value.status == 429
    here.admit("foe 4", "foe")  # known
    here.admit("honest", "home")
    assert "foe 5" not in here.sessions
    monkeypatch.setattr(time, "monotonic", lambda: 6060.0)
    here.admit("foe 5", "foe")


def test_an_address_makes_room_among_its_own(here):
    here.admit("honest", "home")
    for k in range(5):
        here.admit(f"foe {k}", "foe")
    assert here.memory.forgotten == ["foe 0", "foe 1", "foe 2"]
    assert list(here.sessions) == ["honest", "foe 3", "foe 4"]


def test_the_least_of_all_makes_room(here, monkeypatch):
    """First those that never did anything, then those used longest ago; none that is in use."""
    for k in range(8):
        monkeypatch.setattr(time, "monotonic", lambda k=k: 6000.0 + k)
        here.admit(f"s{k}", f"address {k}")
    here.memory.kept = {"s0": 2, "s2": 1, "s3": 1, "s5": 1}  # s0 has a trained model
    here.memory.busy = {"s1"}
    here.pages["s4"] = here.streams["s6"] = 1
    here.admit("s3", "address 3")  # used again
    for k in range(8, 12):
        here.admit(f"s{k}", f"address {k}")
        here.memory.busy.add(f"s{k}")
    assert here.memory.forgotten == ["s7", "s2", "s5", "s3"]
    with pytest.raises(Refused) as refused:  # all are in use
        here.admit("s12", "address 12")
    assert refused.value.why == both("sessions_full")
    assert "s12" not in here.sessions and len(here.sessions) == 8


def test_who_lets_many_runs_go_unheard_must_listen_first(here, monkeypatch):
    for _ in range(LIMITS.unheard_a_minute):
        assert here.is_listener("foe 0", "foe")
        here.unheard("foe")
    assert not here.is_listener("foe 0", "foe") and here.is_listener("honest", "home")
    here.streams["pupil"] = set()  # at the same address, with an open stream
    assert here.is_listener("pupil", "foe")
    monkeypatch.setattr(time, "monotonic", lambda: 6060.0)
    assert here.is_listener("foe 0", "foe")


@pytest.mark.parametrize(
    "path, query, counter, name",
    [
        ("/gradio_api/heartbeat/mine", "", "pages", "mine"),
        ("/gradio_api/queue/data", "session_hash=mine", "streams", "mine"),
        ("/gradio_api/call/generate/its-event", "", "streams", "program"),
        ("/gradio_api/call/v2/generate/its-event", "", "streams", "program"),
    ],
)
def test_open_pages_and_streams_are_counted(monkeypatch, path, query, counter, name):
    here = Visitors(Remembered())
    monkeypatch.setattr(visitors, "VISITORS", here)
    here.admit(name, "home")
    begin = time.monotonic()

    async def app(scope, receive, send):
        assert list(getattr(here, counter)) == [name]
        assert here.is_heard(name, begin) == (counter == "streams")
        raise ConnectionError  # however it ends

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    with pytest.raises(ConnectionError):
        asyncio.run(Presence(app)(scope, None, None))
    assert not here.pages and not here.streams
    assert here.is_heard(name, begin) == (counter == "streams")
    assert not here.is_heard(name, time.monotonic() + 1)


@pytest.mark.anyio
@pytest.mark.timeout(60)
async def test_a_page_that_is_back_ends_its_streams_before_it_asks_again(monkeypatch):
    """They may hang; and what of them ended later would end what it has asked for by then."""
    here, said = Visitors(Remembered()), []
    monkeypatch.setattr(visitors, "VISITORS", here)
    here.admit("mine", "home")

    async def app(scope, receive, send):
        if b"begun" in scope["query_string"]:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        said.append("listens")
        try:
            await asyncio.Event().wait()
        finally:
            said.append("ended")

    scope = {"type": "http", "method": "GET", "path": "/gradio_api/queue/data"}
    streams, sent = [], {b"begun": AsyncMock(), b"waiting": AsyncMock()}
    for how, send in sent.items():
        asked = scope | {"query_string": b"session_hash=mine&" + how}
        streams.append(asyncio.create_task(Presence(app)(asked, None, send)))
    while len(said) < 2:
        await asyncio.sleep(0)
    assert await here.hang_up("mine")
    assert said == ["listens"] * 2 + ["ended"] * 2
    assert here.memory.unread[0] == "mine"
    await asyncio.gather(*streams)
    _, last = sent[b"begun"].await_args_list
    assert last == call({"type": "http.response.body", "body": b""})
    # what has no answer at all, the server would call its own fault
    assert sent[b"waiting"].await_args_list[0].args[0]["status"] == 410
    assert not here.streams
    assert await here.hang_up("mine")  # again, since the answer was lost
    assert not await here.hang_up("another server's")
