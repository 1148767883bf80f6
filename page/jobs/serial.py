"""Work of a few hundredths of a second that visitors ask for again and again: one piece at a time,
on a thread of its own, so that runs keep the other cores however many ask. The addresses take
turns, and of each only so much waits.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import gradio as gr

from page.server.limits import LIMITS
from page.server.visitors.shares import address_of, by_turns, network_of
from page.texts import Refusal

T = TypeVar("T")


@dataclass(eq=False)
class _Place:
    address: str
    turn: asyncio.Future[None]


class Serial:
    """Used in the server's event loop alone, so nothing is locked."""

    def __init__(self, name: str):
        self._thread = ThreadPoolExecutor(1, name)
        self._waiting: list[_Place] = []  # in order of arrival
        self._at_work: _Place | None = None
        self._served: dict[str, float] = {}  # when each address had its last turn, while any wait

    async def run(self, visit: gr.Request, fn: Callable[..., T], *values) -> T:
        """`fn(*values)`, when it is its turn. gr.Error if too much of this address waits."""
        loop = asyncio.get_running_loop()
        place = _Place(network_of(address_of(visit)), loop.create_future())
        if sum(each.address == place.address for each in self._waiting) >= LIMITS.runs_at_address:
            raise Refusal("server_busy")
        self._waiting.append(place)
        self._next()
        try:
            await place.turn
            context = copy_context()  # where gr.Warning finds its event
            return await loop.run_in_executor(self._thread, partial(context.run, fn, *values))
        finally:
            if self._at_work is place:
                self._at_work = None
            else:
                self._waiting.remove(place)
            self._next()

    def _next(self) -> None:
        if self._at_work is not None:
            return
        if not self._waiting:
            self._served.clear()
            return
        place = by_turns(self._waiting, (), self._served)[0]
        self._waiting.remove(place)
        self._at_work = place
        self._served[place.address] = asyncio.get_running_loop().time()
        place.turn.set_result(None)
