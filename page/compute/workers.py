"""Networks run in processes of their own: one that samples, and one for each training.

The page's process runs none, and the kernel gives its event loop a core whenever it needs one: the
others are nicer. A worker that dies, hangs or takes too much memory ends its own runs alone.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

import torch

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from page.compute import fork_server, plain, this_process
from page.compute.interface import Draw, Load, Sampling, Trajectory
from page.compute.this_process import ThisProcess
from page.compute.training import Training
from page.compute.worker import Worker

SAMPLES, TRAINS = 2, 12  # niceness; the page's process has 0
LEARN_S = 0.1  # seconds of a training between two reports to the page's process
THREADS = torch.get_num_threads()


class Workers(ThisProcess):
    here = "cpu"  # the page's process has models too, to know them; it asks them for nothing

    def __init__(self):
        fork_server.prepare()
        self._sampler = Worker(SAMPLES)
        atexit.register(self._sampler.close)  # or another would take its place

    def _trainer(self) -> Worker:
        # a process for each training alone, but one for all that use a GPU
        return self._sampler if torch.cuda.is_available() else Worker(TRAINS, lasting=False)

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        return ddpm.load_checkpoint(path, self.here)

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        x, _ = draw(system, *requests)
        own = None if requests[0].is_shipped else plain.packed(system)
        return x, plain.as_steps(self._sampler.stream(_sample, draw, own, *requests))

    def run(self, function: Callable, *values) -> Any:
        return self._sampler.call(function, *values)

    def train(self, config: Config, load: Load, earlier: str | None = None) -> Training:
        used = self._trainer()
        try:
            there = used.make(_Learning, config, load, earlier)
        except BaseException:
            if not used.lasting:
                used.close()
            raise
        return _Training(used, there)  # pyright: ignore[reportReturnType]

    def device_name(self, system: Any) -> str:
        return self._device[0]

    def most_in_batch(self) -> int:
        return self._device[1]

    @cached_property
    def _device(self) -> tuple[str, int]:
        return self.run(_device)


class _Training:
    """A run in a worker, asked for whatever `training.Training` has."""

    at_work: ClassVar[set[_Training]] = set()  # they share the cores

    def __init__(self, used: Worker, there: Any):
        self._worker, self._there = used, there

    def __getattr__(self, what: str) -> Callable:
        return partial(self._worker.ask, self._there, what)

    @property
    def steps(self) -> Iterator[list[ddpm.TrainStep]]:
        self.at_work.add(self)
        try:
            while found := self.learn(len(self.at_work)):
                yield found
        finally:
            self.at_work.discard(self)

    def close(self) -> None:
        self._worker.drop(self._there)


# ------------------------------------------------------------------ in a worker


def _sample(draw: Draw, own: plain.Packed | None, *requests: Sampling) -> Iterator[tuple]:
    system = this_process.faster(plain.unpacked(own)) if own else None
    yield from plain.plain(draw(system, *requests)[1])


def _device() -> tuple[str, int]:
    return this_process.device_name(ckpt.best_device()), ThisProcess().most_in_batch()


class _Learning:
    """A training, by moments."""

    def __init__(self, *values):
        self._training = ThisProcess().train(*values)
        self._error: Exception | None = None

    def __getattr__(self, what: str) -> Any:
        return getattr(self._training, what)

    def learn(self, at_work: int) -> list[ddpm.TrainStep]:
        """The steps of a moment in which so many trainings are at work, without their model; none
        after the last."""
        # threads that wait for each other on a shared core are half as fast: benchmarks/room.py
        torch.set_num_threads(max(1, THREADS // at_work))
        if self._error:
            raise self._error
        done, until = [], time.monotonic() + LEARN_S
        try:
            for (step,) in self._training.steps:
                done.append(replace(step, model=None))
                if time.monotonic() > until:
                    break
        except Exception as error:  # after the steps before it
            if not done:
                raise
            self._error = error
        return done
