"""A run goes on while pages come and go, and whoever follows it sees the newest state."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref
from types import SimpleNamespace

import gradio as gr
import pytest

from page.jobs import job
from page.server import work
from page.server.visitors import visitors

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]

SECRET = "0123456789abcdef" * 2
RUNS: list[Run] = []
WORD = contextvars.ContextVar("word", default="")


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    limits = SimpleNamespace(lost_s=0.05)
    monkeypatch.setattr(job, "LIMITS", limits)
    yield limits
    for run in RUNS:
        run.step(9)  # so that its thread ends
    job._known.clear()
    job.runs.clear()


@pytest.fixture
def behind(monkeypatch, limits):
    """Sessions that don't read what they are sent."""
    sessions = set()
    monkeypatch.setattr(visitors, "LIMITS", limits)
    monkeypatch.setattr(job.VISITORS, "is_behind", sessions.__contains__)
    return sessions


class Run:
    """A run of three outputs, which takes the steps that a test asks for."""

    def __init__(self):
        RUNS.append(self)
        self._may = threading.Semaphore(0)
        self.closed = threading.Event()
        self.asked = ()

    def step(self, count=1):
        self._may.release(count)

    def __call__(self, visit, *asked):
        self.asked = asked
        try:
            yield 0, gr.update(value="begun"), "once"
            for k in range(1, 6):
                self._may.acquire()
                yield k, gr.skip(), gr.skip()
        finally:
            self.closed.set()


def visit(session):
    return SimpleNamespace(session_hash=session)


def begin(run, secret=SECRET, session="first"):
    return job.job("counting", run)(visit(session), "a", secret)


def follow(session="second", kind="counting"):
    return job.find(kind, SECRET).follow(session)


async def rest(updates):
    return [update async for update in updates]


async def until(met):
    while not met():
        await asyncio.sleep(0.01)


async def test_a_follower_gets_the_newest_of_each_output_and_then_what_is_new():
    run = Run()
    page = begin(run)
    assert await anext(page) == [0, gr.update(value="begun"), "once"]
    assert run.asked == ("a",)  # without the secret
    run.step(2)
    while (await anext(page))[0] != 2:
        pass
    other = follow()
    number, update, once = await anext(other)
    assert (number, update.pop("value"), once) == (2, "begun", "once")
    assert (await anext(follow("third")))[1] == gr.update(value="begun")
    run.step()
    assert await anext(other) == [3, gr.skip(), gr.skip()]
    whole = job.find("counting", SECRET).follow("third", repeats=True)
    assert await anext(whole) == [3, gr.update(value="begun"), "once"]
    run.step()
    assert await anext(whole) == [4, gr.update(value="begun"), "once"]
    run.step()
    assert [number for number, *_ in await rest(other)][-1] == 5
    assert [number for number, *_ in await rest(page)][-1] == 5


async def test_a_run_goes_on_without_followers_and_is_found(limits):
    limits.lost_s = 60
    run = Run()
    page = begin(run)
    await anext(page)
    await page.aclose()  # Gradio, when its connection is lost
    run.step(5)
    await asyncio.to_thread(run.closed.wait)
    await until(lambda: job.find("counting", SECRET).ended)
    assert await rest(follow()) == [[5, gr.update(value="begun"), "once"]]


@pytest.mark.parametrize(
    ("secret", "lost_s", "is_heard"),
    [(SECRET, 0.05, True), (SECRET, 60, False), ("guess", 60, True), (None, 60, True)],
)
async def test_a_run_that_nobody_comes_back_to_ends(secret, lost_s, is_heard, limits):
    """At once where nobody can: a program's, and one to which nobody ever listened."""
    limits.lost_s = lost_s
    run = Run()
    page = begin(run, secret)
    await anext(page)
    if not is_heard:
        work.unheard("first")
    await page.aclose()
    await until(lambda: not work.at_work())
    run.step()
    await asyncio.to_thread(run.closed.wait)
    assert job.find("counting", SECRET) is None


async def test_who_comes_back_in_time_keeps_it(limits):
    run = Run()
    page = begin(run)
    await anext(page)
    other = follow()
    await anext(other)
    await page.aclose()
    await asyncio.sleep(4 * limits.lost_s)
    run.step(5)
    assert [number for number, *_ in await rest(other)][-1] == 5


async def test_one_who_reads_slowly_gets_the_newest_alone(behind, limits):
    limits.lost_s = 60
    run = Run()
    page = begin(run)
    await anext(page)
    behind.add("first")
    run.step(4)
    told = asyncio.ensure_future(anext(page))
    await until(lambda: job.find("counting", SECRET)._count == 5)
    await asyncio.sleep(2 * job.LOOK_S)
    assert not told.done()
    behind.clear()
    assert (await told)[0] == 4
    run.step()
    assert (await anext(page))[0] == 5
    assert await rest(page) == []


@pytest.mark.parametrize("others", [0, 1])
async def test_a_run_for_one_who_reads_nothing_ends(behind, others):
    """Unless another follows it; it holds its place no longer than that takes."""
    run = Run()
    page = begin(run)
    await anext(page)
    behind.add("first")
    run.step()
    other = follow() if others else None
    if other:
        await anext(other)
    with pytest.raises(gr.Error, match="read its stream"):
        await anext(page)
    if other:
        run.step(4)
        assert [number for number, *_ in await rest(other)][-1] == 5
    else:
        assert job.find("counting", SECRET).patience_s == 0
        await until(lambda: not work.at_work())
        run.step()
        await asyncio.to_thread(run.closed.wait)


async def test_a_secret_opens_its_own_kind_alone():
    page = begin(Run())
    await anext(page)
    assert job.find("counting", SECRET)
    assert job.find("drawing", SECRET) is None
    assert job.find("counting", SECRET[::-1]) is None


async def test_a_follower_has_the_run_as_its_own():
    page = begin(Run())
    await anext(page)
    other = follow()
    await anext(other)
    assert job.sessions(visit("second")) == ["second", "first"]
    assert job.sessions(visit("third")) == ["third"]
    await other.aclose()
    assert job.sessions(visit("second")) == ["second"]
    assert work.at_work() == {"first"}  # whose state is kept


async def test_why_it_failed_is_said_to_who_follows_and_to_nobody_after():
    def fails(visit, *asked):
        WORD.set(WORD.get() + " run")  # as gr.Warning, it runs where it was begun
        yield (0,)
        raise gr.Error(WORD.get())

    WORD.set("this")
    with pytest.raises(gr.Error, match="this run"):
        await rest(begin(fails))
    assert job.find("counting", SECRET) is None


async def test_few_are_kept_after_their_end(limits, monkeypatch):
    monkeypatch.setattr(job, "ENDED", 3)
    shown = weakref.WeakSet()

    class Picture:
        def __init__(self):
            shown.add(self)

    limits.lost_s = 60
    secrets = [f"{k:032x}" for k in range(5)]
    for secret in secrets:
        await rest(begin(lambda *_: ((Picture(),) for _ in range(1)), secret))
    gc.collect()
    assert len(shown) == 3  # in memory
    assert [bool(job.find("counting", secret)) for secret in secrets] == [
        False, False, True, True, True,
    ]  # fmt: skip
