"""Short work: one piece at a time, the addresses in turn, a bounded line."""

import asyncio
import threading

import gradio as gr
import pytest

from devtools.visit import visitor
from page.jobs.serial import Serial
from page.server.limits import LIMITS

pytestmark = pytest.mark.anyio

CROWD, ALONE = visitor("crowd", "10.0.0.1"), visitor("alone", "10.0.0.2")


async def test_the_addresses_take_turns():
    """One who comes after a crowd is served second; the crowd's own order stays."""
    line, gate, done = Serial("test"), threading.Event(), []

    async def ask(visit, name):
        await line.run(visit, lambda: done.append(name) if gate.wait(10) else None)

    tasks = [asyncio.create_task(ask(CROWD, k)) for k in range(4)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(ask(ALONE, "alone")))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert done == [0, "alone", 1, 2, 3]


async def test_never_two_at_once_and_an_error_frees_the_place():
    line, at_work, most = Serial("test"), [], []

    def work(k):
        at_work.append(k)
        most.append(len(at_work))
        at_work.remove(k)
        if k == 2:
            raise ValueError("two")
        return k

    asked = [line.run(visit, work, k) for k, visit in enumerate([CROWD, ALONE] * 5)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(results.pop(2), ValueError) and results == [0, 1, *range(3, 10)]
    assert set(most) == {1}


async def test_one_address_cannot_fill_the_line():
    line, gate = Serial("test"), threading.Event()
    many = LIMITS.runs_at_address + 1  # one of them at work
    tasks = [asyncio.create_task(line.run(CROWD, gate.wait, 10)) for _ in range(many)]
    await asyncio.sleep(0)
    with pytest.raises(gr.Error, match="overloaded"):
        await line.run(CROWD, gate.wait, 10)
    tasks.append(asyncio.create_task(line.run(ALONE, gate.wait, 10)))
    tasks[5].cancel()  # its visitor has left
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results.pop(5), asyncio.CancelledError) and set(results) == {True}
