"""Networks run on a Ray cluster, which several page servers may share.

Samplings go to a Ray Serve application, which has as many replicas as there is to do; each training
is an actor. Both are asked as workers are (page/compute/worker.py). What a lost node computed is
computed again elsewhere; of a sampling, the page gets the steps that it has not had.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayError, RayTaskError

from page.compute import fork_server
from page.compute.worker import Ended, Thing
from page.compute.workers import Workers
from page.jobs import run_queue
from page.jobs.line import Line, Ticket, View

NAME = "ddpm"  # of the application, and of the namespace
TRIES = 5  # nodes that may be lost, one after another, under what is asked
LEAST, MOST = 1, 8  # replicas
AT_ONCE = 2  # samplings of a replica; on two cores more are no faster


@serve.deployment(
    name="sampler",
    max_ongoing_requests=AT_ONCE,
    autoscaling_config={
        "min_replicas": LEAST, "max_replicas": MOST, "target_ongoing_requests": AT_ONCE
    },
)  # fmt: skip
class Sampler:
    """A replica. Its networks run in threads, so that it answers Serve meanwhile."""

    async def call(self, function: Callable, *values) -> Any:
        return await asyncio.to_thread(function, *values)

    async def stream(self, function: Callable[..., Generator], *values) -> AsyncIterator:
        steps = await asyncio.to_thread(function, *values)
        try:
            while (found := await asyncio.to_thread(next, steps, None)) is not None:
                yield found
        finally:
            with suppress(ValueError):  # it is at a step, and forgotten after that
                steps.close()


samplers = Sampler.bind()  # for deploy/ray.yaml  # pyright: ignore[reportAttributeAccessIssue]


class RayCluster(Workers):
    def __init__(self):
        fork_server.prepare()  # for pictures; and what Ray starts here finds the project
        logging.getLogger("ray").setLevel(logging.WARNING)
        ray.init(namespace=NAME, log_to_driver=False)  # RAY_ADDRESS, or a cluster of this machine
        self._sampler = _Samplers()

    def _trainer(self) -> _Trainer:
        return _Trainer()


def of_page_server() -> RayCluster:
    """For a server whose visitors wait in the cluster's lines."""
    cluster = RayCluster()
    for kind, pool in (("sampling", run_queue.SAMPLING), ("training", run_queue.TRAINING)):
        pool.share(SharedLine(kind, pool.line))
    return cluster


class SharedLine(Line):
    """The line of a kind of runs for all page servers, as an actor that outlives each of them."""

    def __init__(self, kind: str, first: Line):
        """As `first`, if no other server was here before."""
        named = {"name": f"line-{kind}", "get_if_exists": True, "lifetime": "detached"}
        lasts = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1}
        limits = (first.places, first.max_waiting, first.most, first.memory)
        self._there = ray.remote(Line).options(**named, **lasts).remote(*limits)

    def update(self, server: str, at_work: list[list[Ticket]], waiting: list[Ticket]) -> View:
        return ray.get(self._there.update.remote(server, at_work, waiting, _scale()))


def _scale() -> int:
    """How many times the places of one server: they are for a GPU, or two cores."""
    there = ray.cluster_resources()
    return min(MOST, int(there.get("GPU") or there.get("CPU", 0) // 2)) or 1


class _Samplers:
    def __init__(self):
        try:
            self._replicas = serve.get_app_handle(NAME)
        except serve.exceptions.RayServeException:  # nobody has deployed it yet
            serve.start(proxy_location="Disabled")  # nobody asks it by http
            self._replicas = serve.run(samplers, name=NAME, route_prefix=None)

    def call(self, function: Callable, *values) -> Any:
        for _ in range(TRIES):
            with suppress(Ended):
                return _answer(lambda: self._replicas.call.remote(function, *values).result())
        raise Ended

    def stream(self, function: Callable[..., Iterator], *values) -> Iterator:
        given = 0
        for _ in range(TRIES):
            steps = self._replicas.options(stream=True).stream.remote(function, *values)
            try:
                for found in islice(steps, given, None):
                    yield found
                    given += 1
                return
            except RayTaskError as error:
                raise error.cause from error
            except RayError:
                continue  # its node is lost
            finally:
                steps.cancel()
        raise Ended


class _Trainer:
    """An actor for one training."""

    lasting = False

    def make(self, function: Callable, *values) -> Any:
        gpus = min(1, ray.cluster_resources().get("GPU", 0))
        actor = ray.remote(Thing).options(num_cpus=1, num_gpus=gpus, max_concurrency=8)
        self._there = actor.remote(function, *values)
        _answer(lambda: ray.get(self._there.__ray_ready__.remote()))
        return self._there

    def ask(self, thing: Any, what: str, *values) -> Any:
        return _answer(lambda: ray.get(thing.ask.remote(what, *values)))

    def drop(self, thing: Any) -> None:
        self.close()

    def close(self) -> None:
        with suppress(RayError):
            ray.kill(self._there)


def _answer(ask: Callable) -> Any:
    try:
        return ask()
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:
        raise Ended from error
