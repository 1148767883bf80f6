"""How visitors share the machine: waiting in line, a run's time budget, who goes first."""

import json
import logging
import threading
import time

import gradio as gr
import pytest

from devtools.visit import ASKED, VISITOR
from page.server import event_log, run_queue
from page.tabs.generate import compare
from page.tabs.generate import tab as generate_tab


@pytest.fixture
def small_pool(monkeypatch):
    """One place to run, one to wait."""
    small = run_queue.Pool(places=1, max_waiting=1, budget_s=60.0, typical_s=8.0)
    monkeypatch.setattr(run_queue, "SAMPLING", small)
    return small


def sample(**changes):
    return generate_tab.sample(VISITOR, None, False, *(ASKED | changes).values())


def test_first_come_first_served(small_pool):
    with small_pool.turn("a") as first:
        assert list(first.waiting()) == []
        with small_pool.turn("b") as second:
            line = second.waiting()
            assert next(line) == {"ahead": 1, "expected": 8}
            assert small_pool.counts() == {"at_work": 1, "waiting": 1}
            full = pytest.raises(gr.Error, match=r"1 are waiting already.*已有 1 人")
            with full, small_pool.turn("c"):
                pass
    assert small_pool.counts() == {"at_work": 0, "waiting": 0}


def test_a_run_starts_as_soon_as_a_place_is_free(small_pool, monkeypatch):
    monkeypatch.setattr(run_queue, "POLL_S", 60.0)  # woken, not by polling
    began = threading.Event()

    def wait():
        with small_pool.turn("b") as turn:
            for _ in turn.waiting():
                pass
            began.set()

    with small_pool.turn("a"):
        thread = threading.Thread(target=wait)
        thread.start()
        assert not began.wait(0.2)
    assert began.wait(10)
    thread.join()


@pytest.mark.parametrize(
    "make",
    [sample, lambda: compare.compare(None, False, "label", 7, "ddim", 5, "cosine", 1.0, 0)],
    ids=["generate", "compare"],
)
def test_a_closed_run_leaves_the_queue_at_any_time(small_pool, make):
    for updates in range(4):
        run = make()
        for _ in range(updates):
            next(run)
        run.close()
        assert small_pool.counts() == {"at_work": 0, "waiting": 0}
    with small_pool.turn("another"):
        run = make()
        next(run), next(run)
        assert small_pool.counts()["waiting"] == 1
        run.close()  # Stop, or a closed page
        assert small_pool.counts() == {"at_work": 1, "waiting": 0}


def test_a_waiting_sampler_shows_the_noise_and_its_place(small_pool):
    with small_pool.turn("another"):
        run = sample()
        next(run)
        film, _, _ = next(run)
        assert film["ahead"] == 1 and film["expected"] == 8 and len(film["frames"]) == 1
    *_, (film, _, _), _ = run
    assert "ahead" not in film and film["calls"] == 5


def test_a_run_over_budget_ends_and_keeps_its_frames(small_pool):
    small_pool.budget_s = 0.0
    *_, (film, _, _), (_, png, gif) = sample(steps=1000)
    assert film["cut"] and film["calls"] == 1 and film["steps"] == 1000
    assert film["frames"][-1]["x_start"] and png.value and gif.value
    *_, last = compare.compare(None, False, "label", 7, "ddim", 5, "cosine", 1.0, 0)
    assert last["note"]["state"] == "out_of_time" and last["calls"] == 1 < last["total"]
    assert small_pool.counts()["at_work"] == 0


def test_training_waits_for_a_sampler_but_not_for_long(monkeypatch):
    """Beside a sampler that never pauses, one step per MAX_PAUSE_S; after Stop, at once."""
    monkeypatch.setattr(run_queue, "MAX_PAUSE_S", 0.3)
    stop, begun, done = threading.Event(), threading.Event(), threading.Event()

    def calls():
        begun.set()
        while not done.is_set():
            time.sleep(0.01)
            yield 0

    sampler = threading.Thread(target=lambda: list(run_queue.go_first(calls())))
    sampler.start()
    begun.wait()
    begin = time.monotonic()
    assert list(run_queue.go_last(iter(range(3)), stop)) == [0, 1, 2]
    assert time.monotonic() - begin >= 3 * 0.3
    stop.set()  # a stopped run waits for nobody
    begin = time.monotonic()
    assert list(run_queue.go_last(iter(range(1000)), stop)) == list(range(1000))
    assert time.monotonic() - begin < 60
    done.set()
    sampler.join()


def test_the_log_has_one_line_per_run_without_pictures(small_pool, caplog):
    caplog.set_level(logging.INFO, "page")
    list(sample())
    closed = sample()
    next(closed), next(closed)
    closed.close()
    done, ended = [json.loads(event_log._Lines().format(record)) for record in caplog.records]
    assert done["event"] == "sample" and done["asked"]["steps"] == 5 and done["ended"] == "done"
    assert done["asked"]["picture"] is False and 0 < done["at_work_s"] <= done["seconds"]
    assert ended["ended"] == "closed"


def test_on_shutdown_runs_in_line_end_at_once_without_a_turn(monkeypatch):
    """Also one whose place comes free at that moment."""
    monkeypatch.setattr(run_queue, "POLL_S", 60.0)  # woken, not by polling
    monkeypatch.setattr(run_queue, "closing", threading.Event())
    pool = run_queue.Pool(places=1, max_waiting=2, budget_s=60.0, typical_s=8.0)
    monkeypatch.setattr(run_queue, "BOTH", (pool,))
    ended = []

    def wait():
        with (
            pytest.raises(gr.Error, match=r"shutting down.*即将关闭") as error,
            pool.turn("b") as turn,
        ):
            for _ in turn.waiting():
                in_line.release()
        ended.append((type(error.value), turn.seconds))

    in_line = threading.Semaphore(0)
    threads = [threading.Thread(target=wait) for _ in range(2)]
    with pool.turn("a") as first:
        assert not [*first.waiting()]
        for thread in threads:
            thread.start()
            assert in_line.acquire(timeout=10)
        run_queue.close()
        for thread in threads:
            thread.join(10)
        assert first.is_over
    assert ended == [(run_queue.Closing, 0)] * 2 and pool.counts()["at_work"] == 0
