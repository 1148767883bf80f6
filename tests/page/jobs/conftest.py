"""Runs in a line, which end with the test, and a clock that only the test moves."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from devtools.visit import visitor
from page.jobs import line, run_queue


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    for module in (line, run_queue):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def enter():
    """`enter(pool, "a1")`: the turn of a run of session a1 at address a, which `leave` ends."""
    with ExitStack() as open_turns:

        def entered(pool, name, **given):
            own = open_turns.enter_context(ExitStack())
            turn = own.enter_context(pool.turn("run", visitor(name, address=name[0]), **given))
            turn.leave = own.close
            return turn

        yield entered
