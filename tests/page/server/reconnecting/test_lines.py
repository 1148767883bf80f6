"""A stream of messages outlasts its connection, and nothing of it is lost or sent twice."""

from __future__ import annotations

import asyncio
import tracemalloc
from types import SimpleNamespace

import pytest

from page.server.reconnecting import lines
from page.server.reconnecting.lines import Lines

HEAD = {"type": "http.response.start", "status": 200, "headers": []}


class Source:
    """An app that says what a test asks it to, and knows when its listener has gone."""

    def __init__(self):
        self.words: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.asked = 0
        self.left = asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.asked += 1
        assert (await receive())["type"] == "http.request"
        gone = asyncio.ensure_future(receive())
        await send(HEAD)
        while not gone.done():
            word = asyncio.ensure_future(self.words.get())
            await asyncio.wait([gone, word], return_when=asyncio.FIRST_COMPLETED)
            if not word.done():
                word.cancel()
            elif word.result() is None:
                gone.cancel()
                return await send({"type": "http.response.body", "more_body": False})
            else:
                await send({"type": "http.response.body", "body": word.result(), "more_body": True})
        assert gone.result()["type"] == "http.disconnect"
        self.left.set()


class Connection:
    """One request for a stream."""

    def __init__(self, app, received: int | None = 0, line="next", session="s"):
        self.status, self.body, self.whole = 0, b"", False
        self._come = asyncio.Event()
        self._cut, self._asked = asyncio.Event(), False
        query = f"session_hash={session}"
        if received is not None:
            query += f"&line={line}&received={received}"
        scope = {"type": "http", "method": "GET", "path": "/gradio_api/queue/data", "headers": [],
                 "query_string": query.encode()}  # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._cut.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body")
        self._come.set()

    async def until(self, size: int) -> bytes:
        while len(self.body) < size:
            self._come.clear()
            await asyncio.wait_for(self._come.wait(), 20)
        return self.body

    async def cut(self):
        self._cut.set()
        await asyncio.wait_for(self.task, 20)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """How long a page may be away, in seconds."""
    limits = SimpleNamespace(lost_s=20.0)
    monkeypatch.setattr(lines, "LIMITS", limits)
    monkeypatch.setattr(lines, "KEPT", lines._Kept())
    monkeypatch.setattr(lines, "CHECK_S", 0.01)
    yield limits
    lines.LINES.clear()


def said(source: Source, *words: bytes | None) -> None:
    for word in words:
        source.words.put_nowait(word)


@pytest.mark.parametrize("line", ["again", "next"])
@pytest.mark.parametrize("received", range(7))
def test_a_page_that_comes_back_gets_what_it_lacks(received, line):
    """Also one that hung up by itself, as Gradio's does when it begins to be left."""

    async def play():
        source = Source()
        app = Lines(source)
        first = Connection(app)
        said(source, b"abc", b"def")
        await first.until(6)
        await first.cut()
        said(source, b"ghi")
        await asyncio.sleep(0)
        second = Connection(app, received, line)
        said(source, b"jkl", None)
        await asyncio.wait_for(second.task, 20)
        assert first.body == b"abcdef" and second.body == b"abcdefghijkl"[received:]
        assert second.whole and source.asked == 1 and not source.left.is_set()

    asyncio.run(play())


def test_a_page_that_stays_away_has_gone(patience):
    async def play():
        patience.lost_s = 0.05
        source = Source()
        first = Connection(Lines(source))
        said(source, b"abc")
        await first.until(3)
        await first.cut()
        assert not source.left.is_set()
        await asyncio.wait_for(source.left.wait(), 20)
        assert lines.LINES == {}
        late = Connection(Lines(source), 3, "again")
        await late.task
        assert late.status == 410 and source.asked == 1

    asyncio.run(play())


def test_another_page_that_follows_keeps_it_going(patience):
    async def play():
        patience.lost_s = 0.05
        source = Source()
        first = Connection(Lines(source))
        said(source, b"abc")
        await first.until(3)
        with lines.held("s"):
            assert lines.is_read("s")
            await first.cut()
            assert not lines.is_read("s")
            await asyncio.sleep(0.2)
            assert not source.left.is_set()
        await asyncio.wait_for(source.left.wait(), 20)

    asyncio.run(play())


def test_a_program_is_not_waited_for():
    async def play():
        source = Source()
        first = Connection(Lines(source), received=None)
        said(source, b"abc")
        await first.until(3)
        await first.cut()
        assert source.left.is_set() and lines.LINES == {}

    asyncio.run(play())


def test_a_new_connection_takes_the_place_of_one_that_hangs():
    async def play():
        source = Source()
        app = Lines(source)
        first = Connection(app)
        said(source, b"abc")
        await first.until(3)
        second = Connection(app, 2, "again")
        assert await second.until(1) == b"c"
        await asyncio.wait_for(first.task, 20)
        said(source, b"def", None)
        await asyncio.wait_for(second.task, 20)
        assert (first.body, second.body, source.asked) == (b"abc", b"cdef", 1)

    asyncio.run(play())


def test_what_was_never_said_or_is_forgotten_is_refused_until_the_page_begins_anew(monkeypatch):
    async def play():
        monkeypatch.setattr(lines, "MOST", 6)
        source = Source()
        app = Lines(source)
        first = Connection(app)
        said(source, b"abc", b"def", b"ghi")
        await first.until(9)
        assert lines.KEPT.bytes == 6
        for received, status in ((2, 410), (10, 410), (3, 200)):
            other = Connection(app, received, "again")
            await asyncio.wait([other.task, asyncio.ensure_future(other.until(1))],
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            assert other.status == status
        assert other.body == b"defghi"
        anew = Connection(app, 2)
        await asyncio.wait_for(source.left.wait(), 20)
        said(source, b"jkl", None)
        await asyncio.wait_for(anew.task, 20)
        assert anew.body == b"jkl" and source.asked == 2

    asyncio.run(play())


def test_connections_that_read_nothing_cost_no_copy_of_what_is_kept():
    class Deaf(Connection):
        async def _send(self, message):
            self.body = bytes(0)
            await super()._send(message)
            if self.body:
                await asyncio.Event().wait()

    async def play():
        source = Source()
        app = Lines(source)
        first = Connection(app)
        said(source, *[bytes(1_000_000)] * 8)
        await first.until(8_000_000)
        tracemalloc.start()
        deaf = [Deaf(app, 0, "again") for _ in range(5)]
        for each in deaf:
            await each.until(1)
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for each in deaf:
            each.task.cancel()
        assert grown < 1_000_000

    asyncio.run(play())


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_next_stream_of_a_session_is_another_once_the_first_was_read(forgotten):
    async def play():
        source = Source()
        app = Lines(source)
        first = Connection(app)
        said(source, b"abc", None)
        await asyncio.wait_for(first.task, 20)
        if forgotten:
            lines.LINES.clear()
        second = Connection(app, 3)
        said(source, b"def", None)
        await asyncio.wait_for(second.task, 20)
        again = Connection(app, 4, "again")
        await asyncio.wait_for(again.task, 20)
        assert (first.body, second.body, again.body) == (b"abc", b"def", b"ef")
        assert source.asked == 2

    asyncio.run(play())


def test_the_next_stream_begins_though_the_first_has_not_quite_ended():
    async def play():
        source = Source()
        app = Lines(source)
        first = Connection(app)
        last = b'data: {"msg":"close_stream","event_id":null}\n\n'
        said(source, last)
        await first.until(len(last))
        await first.cut()
        second = Connection(app, len(last))
        await asyncio.sleep(0.05)
        assert source.asked == 2 and not source.left.is_set()
        said(source, None, b"abc", None)  # the first, which still listens, and the second
        await second.until(3)
        assert second.body == b"abc"

    asyncio.run(play())


def test_a_stream_whose_answer_was_lost_is_not_begun_twice():
    """What it says is over, but the page has received nothing of it."""

    async def play():
        source = Source()
        app = Lines(source)
        lost = Connection(app)
        said(source, b"abc", None)
        await asyncio.wait_for(lost.task, 20)
        second = Connection(app)
        await asyncio.wait_for(second.task, 20)
        assert second.body == b"abc" and source.asked == 1

    asyncio.run(play())


def test_a_fault_reaches_the_reader():
    async def play():
        async def fails(scope, receive, send):
            raise RuntimeError("fault")

        with pytest.raises(RuntimeError, match="fault"):
            await Connection(Lines(fails)).task

    asyncio.run(play())
