"""A page with another session follows a run to its end, and its Stop reaches it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from page.server import lasting, lines


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


def test_a_follower_gets_the_newest_of_each_output_and_then_what_is_new():
    run, secret = begun()
    assert [next(run)[0] for _ in range(2)] == [1, 2]
    follower = lasting.follow("counting", visit("second"), secret)
    number, update, once = next(follower)
    assert (number, update.pop("value"), once) == (2, "begun", "once")
    next(run)
    assert next(follower)[0] == 3
    for _ in run:
        pass
    assert [[number, update["value"]] for number, update, _ in follower] == [[5, "begun"]]


def test_a_secret_is_said_once_and_opens_its_own_kind_alone():
    run, secret = begun()
    assert len(secret) == 32 and next(run)[-1] == gr.skip()
    assert list(lasting.follow("drawing", visit("second"), secret)) == []
    assert list(lasting.follow("counting", visit("second"), "guessed")) == []


def test_a_follower_has_the_run_as_its_own():
    _, secret = begun()
    follower = lasting.follow("counting", visit("second"), secret)
    assert lasting.sessions(visit("second")) == ["second"]
    next(follower)
    assert lasting.sessions(visit("second")) == ["second", "first"]
    assert lasting.sessions(visit("third")) == ["third"]
    follower.close()
    assert lasting.sessions(visit("second")) == ["second"]


def test_a_follower_yields_while_nothing_is_new(monkeypatch):
    """So that Gradio can close it when its page has gone."""
    monkeypatch.setattr(lasting, "POLL_S", 0.01)
    _, secret = begun()
    follower = lasting.follow("counting", visit("second"), secret)
    next(follower)
    assert next(follower) == [gr.skip()] * 3


def test_what_nobody_has_seen_end_is_kept_for_a_while(monkeypatch):
    run, secret = begun()
    list(run)
    assert [number for number, *_ in lasting.follow("counting", visit("second"), secret)] == [5]
    monkeypatch.setattr(lasting, "LIMITS", SimpleNamespace(lost_s=-1.0))
    assert list(lasting.follow("counting", visit("second"), secret)) == []


def test_what_its_page_has_seen_end_is_not_kept(monkeypatch):
    monkeypatch.setattr(lines, "is_read", lambda session: session == "first")
    run, _ = begun()
    assert len(lasting._runs) == 1
    list(run)
    assert lasting._runs == {}
