"""A process that computes, and what is asked of it.

It is forked from one that has imported everything and computed nothing (fork_server.py). Calls go
through Python's `multiprocessing.managers`: functions by name, values pickled, errors with their
type and words.
"""

import gc
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from functools import cached_property, partial
from multiprocessing import connection, managers
from pathlib import Path
from typing import Any

import gradio as gr
import psutil

import ddpm
from page.compute.fork_server import CONTEXT
from page.server import event_log
from page.server.limits import LIMITS
from page.server.machine import memory
from page.texts import both

START_S = 120.0  # at most, for a worker to start on a busy machine
RETRY_S = 1.0  # until the next try, if it can't
LOOK_S = 0.5  # between looks at its memory
LIKELY = "500"  # to be killed when the machine has no more memory: before the page


class Ended(gr.Error):
    """The process that had this run has ended."""

    def __init__(self):
        super().__init__(both("worker_ended"), print_exception=False)


# ------------------------------------------------------------------ in the worker


class Thing:
    """What a function has made: a generator, a training."""

    def __init__(self, function: Callable, *values):
        self._made = _logged(function, *values)

    def ask(self, what: str, *values) -> Any:
        return _logged(getattr(self._made, what), *values)

    def drop(self) -> None:
        self._made = None  # a generator is closed


def _logged(function: Callable, *values) -> Any:
    """Errors that no visitor has made are logged here, where they have their traceback."""
    try:
        return function(*values)
    except (gr.Error, ValueError, OSError, StopIteration, ddpm.TrainingDiverged):
        raise
    except Exception:
        event_log.LOG.exception("worker_failed")
        raise


def _called(function: Callable, *values) -> Any:
    return function(*values)


def _begin(nice: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_page, daemon=True).start()
    gc.freeze()  # what was imported stays shared
    memory.configure()
    event_log.start()
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(LIKELY)
    if hasattr(os, "nice"):
        os.nice(nice)


def _end_with_page() -> None:
    page = multiprocessing.parent_process()
    assert page is not None
    connection.wait([page.sentinel])
    os._exit(0)


# ------------------------------------------------------------------ in the page's process


class _Manager(managers.BaseManager):
    make: Callable[..., Any]  # a Thing

    @property
    def process(self) -> multiprocessing.Process:
        return self._process  # pyright: ignore[reportAttributeAccessIssue]

    @cached_property
    def calls(self) -> Any:  # one for all: to make another for each call takes twenty times as long
        return self.make(partial, _called)


_Manager.register("make", Thing, exposed=["ask", "drop"])


class Worker:
    def __init__(self, nice: int, lasting: bool = True):
        """`lasting`: when it has died, another takes its place."""
        self.lasting, self._nice = lasting, nice
        self._asked: dict[object, float] = {}  # when, for each answer that is waited for
        self._started: Future[_Manager] = Future()  # replaced by the next one's
        self._replaced = threading.Condition()
        self._died = self._closed = False  # by itself; by us
        threading.Thread(target=self._keep, name="worker", daemon=True).start()

    def call(self, function: Callable, *values) -> Any:
        """`function(*values)` there."""
        manager = self._manager()
        return self._answer(lambda: manager.calls.ask("__call__", function, *values))

    def make(self, function: Callable, *values) -> Any:
        """What it returns stays there, to be asked. If the process has just died, in the next."""
        started = self._started
        try:
            return self._answer(partial(self._manager().make, function, *values))
        except Ended:
            if not self.lasting:
                raise
            with self._replaced:
                self._replaced.wait_for(lambda: self._started is not started, START_S)
        return self._answer(partial(self._manager().make, function, *values))

    def ask(self, thing: Any, what: str, *values) -> Any:
        """`thing.what(*values)`. Raises Ended if the process dies meanwhile."""
        return self._answer(partial(thing.ask, what, *values))

    def stream(self, function: Callable[..., Iterator], *values) -> Iterator:
        """What this generator yields there; it is closed with this one, after its current step."""
        steps = self.make(function, *values)
        try:
            with suppress(StopIteration):
                while True:
                    yield self.ask(steps, "__next__")
        finally:
            self.drop(steps)

    def drop(self, thing: Any) -> None:
        """Forget it there, which closes a generator. Nobody waits: this may be the event loop, a
        busy process is slow to answer or die, and Python would ask it where it is used last."""
        if self.lasting:
            threading.Thread(target=self._forget, args=(thing,), daemon=True).start()
        else:
            self.close()
            thing._close.cancel()

    def _forget(self, thing: Any) -> None:
        with suppress(Ended, managers.RemoteError):  # it is gone already
            self._answer(thing.drop)
        thing._close()

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed = True
        with suppress(Ended):
            self._manager().process.kill()

    def _manager(self) -> _Manager:
        try:
            return self._started.result(START_S)
        except FutureTimeout as error:
            raise Ended from error

    def _answer(self, ask: Callable) -> Any:
        asked = object()
        self._asked[asked] = time.monotonic()
        try:
            return ask()
        except (EOFError, ConnectionError) as error:
            self._died = True
            raise Ended from error
        finally:
            del self._asked[asked]

    def _keep(self) -> None:
        while True:
            manager = _Manager(ctx=CONTEXT)
            try:
                manager.start(_begin, (self._nice,))
            except EOFError:  # it died on its start
                why = "start"
                self._started.set_exception(Ended())
                time.sleep(RETRY_S)
            else:
                self._started.set_result(manager)
                why = self._fault(manager.process)
                manager.process.kill()
            if self._died or not self._closed:
                event_log.write("worker_ended", why=why)
            if self._closed or not self.lasting:
                return
            with self._replaced:
                self._started, self._died = Future(), False
                self._replaced.notify_all()

    def _fault(self, process: multiprocessing.Process) -> str:
        """Returns what is wrong with the process, as soon as anything is."""
        with suppress(psutil.NoSuchProcess):
            machine = psutil.Process(process.pid)
            while not connection.wait([process.sentinel], LOOK_S):
                if machine.memory_info().rss > LIMITS.worker_bytes:
                    return "memory"
                longest = time.monotonic() - min([*self._asked.values()], default=math.inf)
                if longest > LIMITS.worker_s:
                    return "silent"
        return "died"
