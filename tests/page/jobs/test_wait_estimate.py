"""How long those in line are told to wait, by a clock that only the test moves."""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from devtools.visit import visitor
from page.jobs import run_queue


@pytest.fixture
def clock(monkeypatch):
    """The queue's clock, which only the test moves."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(run_queue, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def training():
    """Two places, where a run typically takes two minutes and at most half an hour."""
    return run_queue.Pool(places=2, max_waiting=9, budget_s=1800.0, typical_s=120.0)


def begin(pool, turns, name):
    turn = turns.enter_context(pool.turn("train", visitor(name)))
    assert list(turn.waiting()) == []
    return turn


def expected(pool, turns, name):
    return next(turns.enter_context(pool.turn("train", visitor(name))).waiting())["expected"]


def test_the_wait_is_what_the_runs_at_work_still_need(training, clock):
    """Both have eight minutes left: one is half done after eight, the other at a fifth after two.
    What it took them to begin doesn't count."""
    with ExitStack() as turns:
        first = begin(training, turns, "a")
        clock.now += 20  # builds its network
        first.report(0.0)
        clock.now += 360
        second = begin(training, turns, "b")
        second.report(0.0)
        clock.now += 120
        first.report(0.5)
        second.report(0.2)
        assert expected(training, turns, "c") == 480
        assert expected(training, turns, "d") == 480  # the other place
        assert expected(training, turns, "e") == 480 + 120  # after c, which is not known yet
        clock.now += 240
        first.report(0.75)
        second.report(0.2)  # stalls
        assert expected(training, turns, "f") == 240 + 3 * 120


def test_the_wait_before_anything_is_known_and_at_the_time_limit(training, clock, monkeypatch):
    monkeypatch.setattr(run_queue, "POLL_S", 0.01)
    with ExitStack() as turns:
        run = begin(training, turns, "a")
        other = begin(training, turns, "b")
        line = turns.enter_context(training.turn("train", visitor("c"))).waiting()
        assert next(line) == {"ahead": 1, "expected": 120}  # typical
        clock.now += 50
        assert expected(training, turns, "d") == 70
        for each in (run, other):
            each.report(0.0)
        clock.now += 100
        for each in (run, other):
            each.report(0.001)  # would take a day
        assert expected(training, turns, "e") == 1800 - 150 + 120
        clock.now += 1700
        assert next(line)["expected"] == 1  # they are about to end
