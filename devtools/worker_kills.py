"""Kill what computes for the page, again and again, in the middle of its work: what is lost?

Two visitors: one draws, one trains. The process of one is killed; the other's run must go on, the
visitor must be told, and the next run begins in another process.
"""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace

import psutil

from devtools.honest_visitor import HonestVisitor, visit
from devtools.server import App, running_app
from devtools.visit import in_both_languages
from devtools.visitors import Refused
from page.compute.workers import SAMPLES, TRAINS
from page.tabs.train.run import KEEP_S

MOMENT_S = 3.0  # at most, from the first picture to the kill
DRAWING = {"generate-sampler": "ddpm", "generate-steps": 1000}
RECIPE = {"train-dim": 16, "train-steps": 20_000}
STOPPED = re.compile(rb'"stopped": ?"([^"]+)"')


@dataclass(frozen=True)
class Kill:
    whose: str  # the sampling worker, or a training's
    told_s: float  # until its visitor was told
    next_s: float  # until the next run computed: of a training, what is left of it


def of_niceness(app: App, nice: int) -> list[psutil.Process]:
    below = app.process.children(recursive=True)
    return [each for each in below if each.nice() == app.process.nice() + nice]


async def begun(visitor: HonestVisitor, name: str, asked: dict, pictures: int) -> asyncio.Task:
    """A run that has sent so many messages with pictures; its last message."""
    messages = visitor.run(name, asked)
    while pictures:
        pictures -= b"image/png" in (await anext(messages))[1]

    async def rest() -> bytes:
        return b"".join([message async for _, message in messages][-3:])

    return asyncio.create_task(rest())


async def kills(count: int) -> AsyncIterator[Kill]:
    """Both workers in turns, `count` times each."""
    draw = random.Random(0)
    with running_app(DDPM_COMPUTE="workers") as app:
        async with visit(app.url) as artist, visit(app.url) as student:
            rest = student.events["show_rest"]
            for _ in range(count):
                training = await begun(student, "show_run", RECIPE, 1)
                drawing = await begun(artist, "sample", DRAWING, 2)
                await asyncio.sleep(draw.uniform(0, MOMENT_S))
                yield await _kill_sampler(app, artist, drawing, training)
                await asyncio.sleep(KEEP_S + draw.uniform(0, MOMENT_S))
                yield await _kill_trainer(app, student, rest, training)


async def _kill_sampler(app: App, artist, drawing: asyncio.Task, other: asyncio.Task) -> Kill:
    (process,) = of_niceness(app, SAMPLES)
    begin = time.monotonic()
    process.kill()
    try:
        raise AssertionError(f"the drawing ended as if nothing had happened: {await drawing}")
    except Refused as refusal:
        assert in_both_languages(str(refusal)), refusal
    told = time.monotonic()
    short = await begun(artist, "sample", {"generate-steps": 10}, 2)
    begun_s = time.monotonic() - begin
    await short
    assert not other.done(), "the training ended too"
    return Kill("sampling", told - begin, begun_s)


async def _kill_trainer(app: App, student: HonestVisitor, rest, training: asyncio.Task) -> Kill:
    (process,) = of_niceness(app, TRAINS)
    begin = time.monotonic()
    process.kill()
    path = STOPPED.search(await training)
    told = time.monotonic()
    assert path, "it can't be continued"
    given = [path[1].decode(), None]
    student.events["rest"] = SimpleNamespace(number=rest.number, data=lambda _: given)
    again = await begun(student, "rest", {}, 1)
    begun_s = time.monotonic() - begin
    await student.at_once("ask_to_stop")
    await again
    return Kill("training", told - begin, begun_s)
