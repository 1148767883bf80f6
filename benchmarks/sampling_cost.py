"""Processor time of a sampling of 16 pictures with two calls of the student.

    python -m benchmarks.sampling_cost                # of a lone visitor's, then of 32 visitors'
    python -m benchmarks.sampling_cost --visitors 8 --seconds 20

Starts `python app.py`. None of the visitors rests, so that the samplings of many are joined.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import suppress

import psutil

from benchmarks.room import TWO_CALLS, Room
from devtools.honest_visitor import HonestVisitor
from devtools.server import running_app
from devtools.tables import head, row


def processor_s(process: psutil.Process) -> float:
    """Seconds that a process and those it has started have computed."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            total += sum(each.cpu_times()[:2])
    return total


async def cost(server: psutil.Process, room: Room, count: int) -> None:
    """A table: a row for one visitor, then one for `count`."""

    async def sample(visitor: HonestVisitor, until: float) -> None:
        while time.monotonic() < until:
            await room.guard(room.sample, visitor)

    visitors = [room.visitor() for _ in range(count)]
    await asyncio.gather(*(visitor.open() for visitor in visitors))
    await room.sample(visitors[0])  # warms up
    head("visitors", "samplings", "processor time of each")
    for some in (visitors[:1], visitors):
        room.times.clear()
        before, until = processor_s(server), time.monotonic() + room.seconds
        await asyncio.gather(*(sample(visitor, until) for visitor in some))
        spent, samplings = processor_s(server) - before, len(room.times["sample of 16"])
        each = f"{1000 * spent / samplings:.0f} ms" if samplings else "none was finished"
        row(len(some), samplings, each)
    for visitor in visitors:
        await visitor.close()
    print(dict(room.counts) or "no failures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="for each row")
    parser.add_argument("--visitors", type=int, default=32)
    args = parser.parse_args()
    with running_app() as app:
        room = Room(app.url, [app.url], args.seconds, TWO_CALLS)
        asyncio.run(cost(app.process, room, args.visitors))


if __name__ == "__main__":
    main()
