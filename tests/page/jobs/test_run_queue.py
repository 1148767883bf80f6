"""How visitors share the machine: waiting in line, and a run's time budget."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import gradio as gr
import pytest

from devtools.visit import ASKED, VISITOR, visitor
from page.jobs import run_queue
from page.server import event_log, work
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import compare


@pytest.fixture
def small_pool(monkeypatch):
    """One place to run, one to wait."""
    small = run_queue.Pool(places=1, max_waiting=1, budget_s=60.0, typical_s=8.0)
    monkeypatch.setattr(run_queue, "SAMPLING", small)
    return small


def sample(**changes):
    return generate_tab.sample(VISITOR, None, "shipped", *(ASKED | changes).values())


def comparison():
    return compare.compare(
        VISITOR, None, False, "label", 7, "ddim", 5, "cosine", 1.0, 0, "shipped", "none"
    )


def test_first_come_first_served(small_pool):
    with small_pool.turn("a", visitor("a")) as first:
        assert list(first.waiting()) == []
        with small_pool.turn("b", visitor("b")) as second:
            line = second.waiting()
            assert next(line) == {"ahead": 1, "expected": 8}
            assert small_pool.counts() == {"at_work": 1, "waiting": 1}
            full = pytest.raises(gr.Error, match=r"1 are waiting already.*已有 1 人")
            with full, small_pool.turn("c", visitor("c")):
                pass
    assert small_pool.counts() == {"at_work": 0, "waiting": 0}


def test_a_run_starts_as_soon_as_a_place_is_free(small_pool, monkeypatch):
    monkeypatch.setattr(run_queue, "POLL_S", 60.0)  # woken, not by polling

    def begin():
        with small_pool.turn("b", visitor("b")) as turn:
            return [*turn.waiting()]

    with ThreadPoolExecutor(1) as thread:
        with small_pool.turn("a", visitor("a")):
            began = thread.submit(begin)
            assert not wait([began], 0.2).done
        began.result(10)


@pytest.mark.parametrize("make", [sample, comparison], ids=["generate", "compare"])
def test_a_closed_run_leaves_the_queue_at_any_time(small_pool, make):
    for updates in range(4):
        run = make()
        for _ in range(updates):
            next(run)
        run.close()
        assert small_pool.counts() == {"at_work": 0, "waiting": 0}
    with small_pool.turn("another", visitor("another")):
        run = make()
        next(run), next(run)
        assert small_pool.counts()["waiting"] == 1
        run.close()  # Stop, or a closed page
        assert small_pool.counts() == {"at_work": 1, "waiting": 0}


def test_a_waiting_sampler_shows_the_noise_and_its_place(small_pool):
    with small_pool.turn("another", visitor("another")):
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
    *_, last = comparison()
    assert last["note"]["state"] == "out_of_time" and last["calls"] == 1 < last["total"]
    assert small_pool.counts()["at_work"] == 0


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


@pytest.fixture
def join(enter):
    """join("a1"): a run of session a1 at address a. The pool has two places, and three wait."""

    def joined(name):
        return enter(joined.pool, name)

    joined.pool = run_queue.Pool(places=2, max_waiting=3, budget_s=60.0, typical_s=8.0)
    return joined


def test_another_address_waits_for_nobodys_long_runs(join):
    for k in range(4):
        join(f"a{k}")
    assert join.pool.ahead(join("b1")) == 0 and join.pool.counts()["at_work"] == 3
    assert join.pool.ahead(join("c1")) == 1  # one place more, not two


def test_the_additional_place_is_only_for_runs_that_fit_in_memory(enter):
    pool = run_queue.Pool(2, 3, 60.0, 8.0, memory=10)
    for name, needs, ahead in [("a1", 4, 0), ("a2", 4, 0), ("b1", 3, 1), ("c1", 2, 0)]:
        assert pool.ahead(enter(pool, name, needs=needs)) == ahead, name


def test_who_waits_long_is_told_seldom_and_stops_at_once(join, monkeypatch):
    """Each report costs the server as much as a frame."""
    monkeypatch.setattr(run_queue, "POLL_S", 0.0)
    looks, stop = [], threading.Event()
    turns = [join(f"a{k}") for k in range(5)]
    for turn in turns:
        monkeypatch.setattr(turn.called, "wait", lambda _: looks.append(1))

    def looked(turn):
        line = turn.waiting(stop)
        next(line), looks.clear(), next(line)
        return len(looks)

    assert looked(turns[2]) == 1  # eight seconds
    join.pool.typical_s = 1000.0
    assert looked(turns[4]) == run_queue.MOST_POLLS
    stop.set()
    assert looked(turns[4]) == 1


def test_a_second_run_of_a_session_is_refused_and_the_first_goes_on(join, monkeypatch):
    monkeypatch.setattr(run_queue, "END_S", 0.05)
    first = join("a1")
    with pytest.raises(gr.Error, match=r"already have a run in progress.*已有一个任务"):
        join("a1")
    assert join.pool.ahead(first) == 0 and join.pool.counts() == {"at_work": 1, "waiting": 0}
    join("b1")


def test_a_run_after_stop_waits_until_the_stopped_one_has_ended(small_pool):
    begun = threading.Event()

    def again():
        begun.set()
        with small_pool.turn("again", VISITOR):
            pass

    with ThreadPoolExecutor(1) as thread:
        with small_pool.turn("stopped", VISITOR):
            began = thread.submit(again)
            begun.wait()
            assert not wait([began], 0.1).done
        began.result(10)


def test_all_networks_of_a_customer_are_one_address(small_pool):
    """Of a /48 anyone can take 65,536 networks."""
    with ExitStack() as turns:
        for k in range(2):
            place = small_pool.turn("run", visitor(f"a{k}", f"2001:db8:1:{k}::"))
            assert turns.enter_context(place).ticket.address == "2001:db8:1::"


def test_on_shutdown_runs_in_line_end_at_once_without_a_turn(monkeypatch):
    """Also one whose place comes free at that moment."""
    monkeypatch.setattr(run_queue, "POLL_S", 60.0)  # woken, not by polling
    monkeypatch.setattr(work, "closing", threading.Event())
    pool = run_queue.Pool(places=1, max_waiting=2, budget_s=60.0, typical_s=8.0)
    monkeypatch.setattr(work, "pools", {"b": pool})
    in_line = threading.Semaphore(0)

    def ends(k):
        with (
            pytest.raises(gr.Error, match=r"shutting down.*即将关闭") as error,
            pool.turn("b", visitor(f"b{k}")) as turn,
        ):
            for _ in turn.waiting():
                in_line.release()
        return type(error.value), turn.seconds

    with ThreadPoolExecutor(2) as threads, pool.turn("a", VISITOR) as first:
        assert not [*first.waiting()]
        ended = []
        for k in range(2):
            ended.append(threads.submit(ends, k))
            assert in_line.acquire(timeout=10)
        work.close()
        assert [each.result(10) for each in ended] == [(run_queue.Closing, 0)] * 2
        assert first.is_over
    assert pool.counts()["at_work"] == 0
