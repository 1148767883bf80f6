"""The event loop goes before sampling, and sampling before training; nobody waits for ever."""

import threading
import time
from itertools import pairwise

import pytest

from page.server import heartbeat
from page.server.queues import priority, run_queue


def test_training_waits_for_a_sampler_but_not_for_long(monkeypatch):
    """Beside a sampler that never pauses, one step per MAX_PAUSE_S; after Stop, at once."""
    monkeypatch.setattr(priority, "MAX_PAUSE_S", 0.3)
    stop, begun, done = threading.Event(), threading.Event(), threading.Event()

    def calls():
        begun.set()
        while not done.is_set():
            time.sleep(0.01)
            yield 0

    sampler = threading.Thread(target=lambda: list(priority.go_first(calls())))
    sampler.start()
    begun.wait()
    begin = time.monotonic()
    assert list(priority.go_last(iter(range(3)), stop)) == [0, 1, 2]
    assert time.monotonic() - begin >= 3 * 0.3
    stop.set()  # a stopped run waits for nobody
    assert list(priority.go_last(iter(range(1000)), stop)) == list(range(1000))
    done.set()
    sampler.join()


@pytest.mark.parametrize(("waiting", "pause_s"), [(1, 0.15), (50, 0.9)])
def test_training_gets_one_visitors_share_of_the_time(waiting, pause_s, monkeypatch):
    """Of steps that take 0.1 s, beside samplers that never pause."""
    monkeypatch.setattr(priority, "MAX_PAUSE_S", 0.15)
    monkeypatch.setattr(heartbeat, "late_s", lambda: 1.0)
    monkeypatch.setattr(run_queue.SAMPLING, "counts", lambda: {"waiting": waiting})
    begins = []

    def steps():
        for _ in range(3):
            begins.append(time.monotonic())
            time.sleep(0.1)
            yield 0

    list(priority.go_last(steps(), threading.Event()))
    assert all(after - before >= 0.1 + pause_s for before, after in pairwise(begins))


@pytest.mark.parametrize("kind", ["sampling", "training"])
def test_all_steps_wait_for_the_event_loop_but_not_for_ever(kind, monkeypatch):
    monkeypatch.setattr(priority, "MAX_WAIT_S", 60)
    monkeypatch.setattr(priority, "MAX_PAUSE_S", 60)
    late, waits, stepped = threading.Event(), threading.Event(), threading.Event()
    late.set()

    def late_s():
        waits.set()
        return 0.2 if late.is_set() else 0.0

    monkeypatch.setattr(heartbeat, "late_s", late_s)
    steps = {
        "sampling": priority.go_first(iter([0])),
        "training": priority.go_last(iter([0]), threading.Event()),
    }[kind]
    thread = threading.Thread(target=lambda: next(steps) or stepped.set())
    thread.start()
    assert waits.wait(20) and not stepped.wait(0.3)
    late.clear()
    assert stepped.wait(20)
    thread.join()
    late.set()
    for name in ("MAX_WAIT_S", "MAX_PAUSE_S"):
        monkeypatch.setattr(priority, name, 0.1)
    assert list(priority.go_first(iter(range(3)))) == [0, 1, 2]
    assert list(priority.go_last(iter(range(3)), threading.Event())) == [0, 1, 2]
