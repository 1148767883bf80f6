"""Networks run in processes of their own: one that samples, and one for each training.

The page's process runs none, and the kernel gives its event loop a core whenever it needs one: the
others are nicer. A worker that dies, hangs or takes too much memory ends its own runs alone.

A worker is forked from a process that has imported everything and computed nothing, so it is there
in a moment and shares that memory; where processes can't be forked, it is spawned. Calls go through
`multiprocessing.managers`: functions by name, values pickled, errors with their type and words.
"""

from __future__ import annotations

import atexit
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
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from itertools import islice
from multiprocessing import connection, managers
from pathlib import Path
from typing import Any

import gradio as gr
import psutil
import torch

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from page.compute import interface, plain, this_process
from page.compute.interface import Draw, Learned, Load, Sampling, Trajectory
from page.compute.this_process import ThisProcess
from page.server import event_log
from page.server.files import picture_pool
from page.server.limits import LIMITS
from page.server.machine import memory
from page.texts import both

CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
PRELOADED = ["page.server.patches.gradio_stubs", "page.layout"]  # the first before gradio
PRELOADED += ["accelerate", "torch._dynamo"]  # what a training imports when it begins
SAMPLES, TRAINS = 3, 10  # niceness; the page's process has 0
LEARN_S = 0.1  # seconds of a training between two reports to the page's process
START_S = 120.0  # at most, for a worker to start on a busy machine
LOOK_S = 0.5  # between looks at a worker's memory
RETRY_S = 1.0  # until the next try, if a worker can't start
LIKELY = "500"  # to be killed when the machine has no more memory: before the page


class Ended(gr.Error):
    """The process that had this run has ended."""

    def __init__(self):
        super().__init__(both("worker_ended"), print_exception=False)


# ------------------------------------------------------------------ in a worker


class _Desk:
    def call(self, function: Callable, *values) -> Any:
        with _logged():
            return function(*values)


class _Stream:
    """A generator."""

    def __init__(self, function: Callable[..., Iterator], *values):
        self._steps = function(*values)

    def next(self) -> list:
        """What it yields next, if anything."""
        with _logged():
            return list(islice(self._steps, 1))

    def close(self) -> None:
        self._steps.close()  # pyright: ignore[reportAttributeAccessIssue]


class _Training:
    def __init__(self, config: Config, load: Load, earlier: str | None):
        with _logged():
            self._training = ThisProcess().train(config, load, earlier)
        self._error: Exception | None = None

    def learn(self) -> list[Learned]:
        """The steps of a moment; none after the last."""
        if self._error:
            raise self._error
        done, until = [], time.monotonic() + LEARN_S
        try:
            for (step,) in self._training.steps:
                done.append(Learned(step.step, step.loss))
                if time.monotonic() > until:
                    break
        except Exception as error:  # after the steps before it
            if not done:
                raise
            self._error = error
        return done

    def ask(self, what: str, *values) -> Any:
        with _logged():
            return getattr(self._training, what)(*values)

    def packed(self, seconds: float) -> tuple[plain.Packed, dict]:
        model = self._training.model(seconds)
        return plain.packed(model), model.info


class _Manager(managers.BaseManager):
    @property
    def process(self) -> multiprocessing.Process:
        return self._process  # pyright: ignore[reportAttributeAccessIssue]

    @cached_property
    def _desk(self) -> Any:
        return self.desk()  # pyright: ignore[reportAttributeAccessIssue]

    def call(self, function: Callable, *values) -> Any:
        return self._desk.call(function, *values)


_Manager.register("desk", _Desk, exposed=["call"])
_Manager.register("stream", _Stream, exposed=["next", "close"])
_Manager.register("training", _Training, exposed=["learn", "ask", "packed"])


def _begin(nice: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # for the page alone, which ends this too
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


@contextmanager
def _logged() -> Iterator[None]:
    """Errors that no visitor has made are logged here, where they have their traceback."""
    try:
        yield
    except (gr.Error, ValueError, OSError, ddpm.TrainingDiverged):
        raise
    except Exception:
        event_log.LOG.exception("worker_failed")
        raise


def _sample(draw: Draw, own: plain.Packed | None, *requests: Sampling) -> Iterator[tuple]:
    system = this_process.faster(plain.unpacked(own)) if own else None
    yield from plain.plain(draw(system, *requests)[1])


def _device() -> tuple[str, int]:
    return this_process.device_name(ckpt.best_device()), ThisProcess().most_in_batch()


# ------------------------------------------------------------------ in the page's process


class Worker:
    """A process that is asked for what it computes."""

    def __init__(self, nice: int, lasting: bool = True):
        """`lasting`: when it has died, another takes its place."""
        self.lasting, self._nice = lasting, nice
        self._asked: dict[object, float] = {}  # when, for each answer that is waited for
        self._started: Future[_Manager] = Future()  # replaced by the next one's
        self._replaced = threading.Condition()
        self._died = self._closed = False  # by itself; by us
        threading.Thread(target=self._keep, name="worker", daemon=True).start()

    def make(self, kind: str, *values) -> Any:
        """A `_Stream` or a `_Training`. If the process has just died, in the one that follows."""
        started = self._started
        try:
            return self.ask(started.result(START_S), kind, *values)
        except Ended:
            if not self.lasting:
                raise
        with self._replaced:
            self._replaced.wait_for(lambda: self._started is not started, START_S)
        return self.ask(self._started.result(START_S), kind, *values)

    def call(self, function: Callable, *values) -> Any:
        return self.ask(self._started.result(START_S), "call", function, *values)

    def ask(self, thing: Any, what: str, *values) -> Any:
        """`thing.what(*values)`. Raises Ended if the process dies meanwhile."""
        asked = object()
        self._asked[asked] = time.monotonic()
        try:
            return getattr(thing, what)(*values)
        except (EOFError, ConnectionError) as error:
            self._died = True
            raise Ended from error
        finally:
            del self._asked[asked]

    def stream(self, function: Callable[..., Iterator], *values) -> Iterator:
        """What this generator yields there; it is closed with this one, after its current step."""
        steps = self.make("stream", function, *values)
        try:
            while found := self.ask(steps, "next"):
                yield found[0]
        finally:
            with suppress(Ended, managers.RemoteError):  # or it is gone already
                self.ask(steps, "close")

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed = True
        with suppress(Ended):
            self._started.result(START_S).process.kill()

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


class Workers:
    continues = True
    here = "cpu"

    def __init__(self):
        if CONTEXT.get_start_method() == "forkserver":
            CONTEXT.set_forkserver_preload([*picture_pool.PRELOADED, *PRELOADED])
        self._sampler = Worker(SAMPLES)
        atexit.register(self._sampler.close)  # or another would take its place

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        """What the page's process must know of it; a worker that draws has its own."""
        return ddpm.load_checkpoint(path, self.here)

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        x, _ = draw(system, *requests)
        own = None if requests[0].is_shipped else plain.packed(system)
        return x, plain.as_steps(self._sampler.stream(_sample, draw, own, *requests))

    def run(self, function: Callable, *values) -> Any:
        return self._sampler.call(function, *values)

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        next(steps)

    def train(self, config: Config, load: Load, earlier: str | None = None) -> interface.Training:
        # a process for each training alone, but one for all that use a GPU
        worker = self._sampler if torch.cuda.is_available() else Worker(TRAINS, lasting=False)
        return Training(worker, config, load, earlier)  # pyright: ignore[reportReturnType]

    def device_name(self, system: Any) -> str:
        return self._device[0]

    def most_in_batch(self) -> int:
        return self._device[1]

    @cached_property
    def _device(self) -> tuple[str, int]:
        return self.run(_device)


class Training:
    """A run in a worker, which is asked for everything that `interface.Training` has."""

    def __init__(self, worker: Worker, *values):
        self._worker = worker
        try:
            self._run = worker.make("training", *values)
        except BaseException:
            self.close()
            raise

    @property
    def steps(self) -> Iterator[list[Learned]]:
        while found := self._worker.ask(self._run, "learn"):
            yield found

    def __getattr__(self, what: str) -> Callable:
        return partial(self._worker.ask, self._run, "ask", what)

    def model(self, seconds: float) -> ddpm.Checkpoint:
        model, info = self._worker.ask(self._run, "packed", seconds)
        return plain.unpacked(model, torch.device("cpu"), **info)

    def close(self) -> None:
        if not self._worker.lasting:
            self._worker.close()
