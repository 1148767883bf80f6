"""How long those in line are told to wait, by a clock that only the test moves."""

import pytest

from page.jobs import run_queue


@pytest.fixture
def training():
    """Two places, where a run typically takes two minutes and at most half an hour."""
    return run_queue.Pool(places=2, max_waiting=9, budget_s=1800.0, typical_s=120.0)


def begun(turn):
    assert list(turn.waiting()) == []
    return turn


def expected(turn):
    return next(turn.waiting())["expected"]


def test_the_wait_is_what_the_runs_at_work_still_need(training, clock, enter):
    """Both have eight minutes left: one is half done after eight, the other at a fifth after two.
    What it took them to begin doesn't count."""
    first = begun(enter(training, "a1"))
    clock.now += 20  # builds its network
    first.report(0.0)
    clock.now += 360
    second = begun(enter(training, "a2"))
    second.report(0.0)
    clock.now += 120
    first.report(0.5)
    second.report(0.2)
    assert expected(enter(training, "a3")) == 480
    assert expected(enter(training, "a4")) == 480  # the other place
    assert expected(enter(training, "a5")) == 480 + 120  # after the third, which is not known yet
    clock.now += 240
    first.report(0.75)
    second.report(0.2)  # stalls
    assert expected(enter(training, "a6")) == 240 + 3 * 120


def test_the_wait_before_anything_is_known_and_at_the_time_limit(
    training, clock, enter, monkeypatch
):
    monkeypatch.setattr(run_queue, "POLL_S", 0.01)
    run = begun(enter(training, "a1"))
    other = begun(enter(training, "a2"))
    line = enter(training, "a3").waiting()
    assert next(line) == {"ahead": 1, "expected": 120}  # typical
    clock.now += 50
    assert expected(enter(training, "a4")) == 70
    for each in (run, other):
        each.report(0.0)
    clock.now += 100
    for each in (run, other):
        each.report(0.001)  # would take a day
    assert expected(enter(training, "a5")) == 1800 - 150 + 120
    clock.now += 1700
    assert next(line)["expected"] == 1  # they are about to end
