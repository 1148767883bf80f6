"""Sampling goes before training, which waits for it, but not for long."""

import threading
import time

from page.server.queues import priority


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
    begin = time.monotonic()
    assert list(priority.go_last(iter(range(1000)), stop)) == list(range(1000))
    assert time.monotonic() - begin < 60
    done.set()
    sampler.join()
