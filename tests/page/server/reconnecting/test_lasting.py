"""A page with another session follows a run to its end, and its Stop reaches it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import gradio as gr
import pytest

from page.server.reconnecting import lasting, lines


@pytest.fixture(autouse=True)
def forgetful():
    yield
    lasting._runs.clear()


def visit(session):
    return SimpleNamespace(session_hash=session)


def counting(visit, last):
    """Three outputs: a number, an update that Gradio takes apart, and what comes once."""
    yield 0, gr.update(value="begun"), "once"
    for k in range(1, last + 1):
        yield k, gr.skip(), gr.skip()


def begun(last=5):
    run = lasting.lasting("counting", counting)(visit("first"), last)
    *_, secret = next(run)
    return run, secret


def follow(secret, session="second", kind="counting"):
    return lasting.follow(kind, visit(session), secret)


async def rest(updates):
    return [update async for update in updates]


def test_a_follower_gets_the_newest_of_each_output_and_then_what_is_new():
    async def play():
        run, secret = begun()
        assert [next(run)[0] for _ in range(2)] == [1, 2]
        follower = follow(secret)
        number, update, once = await anext(follower)
        assert (number, update.pop("value"), once) == (2, "begun", "once")
        await asyncio.to_thread(next, run)
        assert (await anext(follower))[0] == 3
        await asyncio.to_thread(list, run)
        assert [[k, update["value"]] for k, update, _ in await rest(follower)] == [[5, "begun"]]

    asyncio.run(play())


def test_a_secret_is_said_once_and_opens_its_own_kind_alone():
    run, secret = begun()
    assert len(secret) == 32 and next(run)[-1] == gr.skip()
    assert asyncio.run(rest(follow(secret, kind="drawing"))) == []
    assert asyncio.run(rest(follow("guessed"))) == []


def test_a_follower_has_the_run_as_its_own():
    async def play():
        _, secret = begun()
        follower = follow(secret)
        assert lasting.sessions(visit("second")) == ["second"]
        await anext(follower)
        assert lasting.sessions(visit("second")) == ["second", "first"]
        assert lasting.sessions(visit("third")) == ["third"]
        await follower.aclose()
        assert lasting.sessions(visit("second")) == ["second"]

    asyncio.run(play())


def test_a_follower_yields_while_nothing_is_new(monkeypatch):
    """So that Gradio can close it when its page has gone."""
    monkeypatch.setattr(lasting, "POLL_S", 0.01)

    async def play():
        _, secret = begun()
        follower = follow(secret)
        first = await anext(follower)
        assert await anext(follower) == first == [0, gr.update(value="begun"), "once"]

    asyncio.run(play())


def test_what_nobody_has_seen_end_is_kept_for_a_while(monkeypatch):
    run, secret = begun()
    list(run)
    assert [number for number, *_ in asyncio.run(rest(follow(secret)))] == [5]
    assert lasting.is_known("counting", secret)
    monkeypatch.setattr(lasting, "LIMITS", SimpleNamespace(lost_s=-1.0))
    assert not lasting.is_known("counting", secret)
    assert asyncio.run(rest(follow(secret))) == []


def test_what_its_page_has_seen_end_is_not_kept(monkeypatch):
    monkeypatch.setattr(lines, "is_read", lambda session: session == "first")
    run, _ = begun()
    assert len(lasting._runs) == 1
    list(run)
    assert lasting._runs == {}
