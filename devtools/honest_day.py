"""What an honest visitor does while others attack: how long each answer takes, what is lost."""

import asyncio
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from devtools import ROOT
from devtools.honest_visitor import HonestVisitor

PICTURE = ROOT / "page/tabs/noise/examples/cat.jpg"
PATIENCE_S = 60.0  # an answer that takes longer is lost
SMALL = {"train-dim": 8, "train-batch-size": 8}  # leaves the cores to the others
DREW = b'"calls"'  # in the update with a new frame


@dataclass
class Day:
    """What the visitor saw: seconds waited for each kind of answer, and what was lost."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def try_to(self, what: str, action: Awaitable) -> None:
        try:
            await asyncio.wait_for(action, PATIENCE_S)
        except asyncio.TimeoutError:
            self.lost[f"{what}: no answer in {PATIENCE_S:.0f} s"] += 1
            self.waits[what].append(PATIENCE_S)
        except Exception as error:
            self.lost[f"{what}: {type(error).__name__} {error}"[:120]] += 1

    def took(self, what: str, begin: float) -> None:
        self.waits[what].append(time.monotonic() - begin)

    def p(self, what: str, percent: int) -> float:
        """A percentile, in seconds; inf if there was no answer."""
        waits = self.waits[what]
        if len(waits) < 2:
            return waits[0] if waits else float("inf")
        return statistics.quantiles(waits, n=100, method="inclusive")[percent - 1]


async def sample(visitor: HonestVisitor, day: Day, **changes: object) -> None:
    begin, frames = time.monotonic(), 0
    settings = {"generate-count": 16, "generate-steps": 10}
    async for what, message in visitor.run("sample", settings | changes):
        if what == "process_generating" and DREW in message:
            frames += 1
            if frames == 2:
                day.took("first frame", begin)
    day.took("sampling", begin)


async def change_setting(visitor: HonestVisitor, day: Day) -> None:
    begin = time.monotonic()
    async for _ in visitor.run("new_tables"):
        pass
    day.took("setting", begin)


async def show_picture(visitor: HonestVisitor, day: Day) -> None:
    begin = time.monotonic()
    async for _ in visitor.run("new_picture", {"noise-image": await visitor.upload(PICTURE)}):
        pass
    day.took("picture", begin)


async def press_stop(visitor: HonestVisitor, day: Day) -> None:
    begin = time.monotonic()
    await visitor.at_once("ask_to_stop")
    day.took("stop", begin)


async def again(what: str, act: Callable, visitor: HonestVisitor, day: Day, until: float) -> None:
    """Act and rest, until then."""
    while time.monotonic() < until:
        await day.try_to(what, act(visitor, day))
        await asyncio.sleep(0.5)


async def train(visitor: HonestVisitor) -> None:
    """A model of ten steps, for the Generate tab."""
    async for _ in visitor.run("show_run", SMALL | {"train-steps": 10}):
        pass


class Training:
    """Another training of this visitor, under way until it is stopped."""

    def __init__(self, visitor: HonestVisitor):
        self.visitor = visitor
        self.began = asyncio.Event()
        self.phases = b""
        self._run = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for _, report in self.visitor.run("show_run", SMALL | {"train-steps": 20_000}):
            self.phases = report if re.search(rb'"(stopped|done)"', report) else self.phases
            if b'"training"' in report:
                self.began.set()

    async def stop(self) -> None:
        """It must still be running, and keep what it has learned when it is stopped."""
        if self._run.done():
            self._run.result()  # raises what ended it
            raise RuntimeError(f"it ended by itself: {self.phases[:80]}")
        await self.visitor.at_once("ask_to_stop")
        await self._run
        if b'"stopped"' not in self.phases:
            raise RuntimeError("it was not stopped but lost")
        await self.visitor.fetch(self.visitor.results["show_run"])
