"""A line before a few places: who is at work, who is next, and for whom there is no room.

It knows runs by their tickets alone, so that several servers can have one (SharedLine in
page/compute/ray_cluster.py). A server brings all of its tickets each time, which does no harm
twice, and fills a line that was lost. One that is silent has ended, and its tickets go.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from page.server.limits import LIMITS
from page.server.visitors.shares import by_turns

SILENT_S = 5.0  # after which a server has ended
KNOWN = 1000  # addresses of which it is known when they last began a run


@dataclass(eq=False)
class Ticket:
    name: str  # that no other has
    server: str
    address: str
    needs: int  # bytes of memory
    # runs of one key can be done as a batch; None: alone
    key: object = None
    size: int = 0  # pictures that the network sees in one call
    most: int = 0  # of those, in all runs of a batch


@dataclass(frozen=True)
class View:
    """A line as one of its servers sees it: its own tickets, by name, and what all have."""

    at_work: list[list[str]]  # by batch
    waiting: dict[str, tuple[int, int]]  # how many runs must end before its turn, and batches
    places: int
    taken: int
    length: int


class Line:
    """A few runs at a time, and the addresses in turn.

    One more place is for an address that has no run at work, so that it need not wait until
    another's long runs end. Where all share an address, the first come is the first served.
    A run takes those behind it along into its place, as long as they can be done with it. So the
    line is full with `max_waiting` of such batches, which its end waits for; or when there are
    `most` runs for each server, in line and at work, each of which has a thread.
    """

    def __init__(self, places: int, max_waiting: int, most: int, memory: float = math.inf):
        self.places = places
        self.max_waiting = max_waiting
        self.most = most
        self.memory = memory  # bytes of all runs with the additional place
        self.of_address = LIMITS.runs_at_address
        self._scale = 1
        self._heard: dict[str, float] = {}  # when, from each server
        self._at_work: list[list[Ticket]] = []  # by batch, each in a place
        self._waiting: list[Ticket] = []  # in order of arrival
        self._served: dict[str, float] = {}  # when each address last began a run

    def update(
        self, server: str, at_work: list[list[Ticket]], waiting: list[Ticket], scale: int = 1
    ) -> View:
        """All that this server has at work, by batch, and waiting, in order of arrival. What is in
        neither part of its view must give way. `scale`: how many times the places there are."""
        now = time.monotonic()
        self._scale = scale
        self._heard[server] = now
        self._heard = {name: at for name, at in self._heard.items() if now - at < SILENT_S}
        there = {each.name for each in chain(*at_work, waiting)}

        def stays(each: Ticket) -> bool:
            return each.name in there if each.server == server else each.server in self._heard

        left = [[each for each in batch if stays(each)] for batch in self._at_work]
        self._at_work = [batch for batch in left if batch]
        self._waiting = [each for each in self._waiting if stays(each)]
        known = {each.name for each in chain(*self._at_work, self._waiting)}
        self._at_work += [batch for batch in at_work if batch[0].name not in known]
        self._fill()
        for each in waiting:
            if each.name not in known:
                self._join(each)
        return self._view(server)

    def _join(self, ticket: Ticket) -> None:
        everyone = [*self._runs, *self._waiting]
        if sum(each.address == ticket.address for each in everyone) >= self.of_address:
            return
        line = by_turns([*self._waiting, ticket], self._runs, self._served)
        most = self.most * len(self._heard) - len(self._runs)
        while line and (len(line) > most or len(in_batches(line)) > self.max_waiting * self._scale):
            line.pop()
        if ticket in line:
            self._waiting = [each for each in [*self._waiting, ticket] if each in line]
            self._fill()

    def _fill(self) -> None:
        """Give free places to those whose turn it is."""
        while batch := self._next():
            self._at_work.append(batch)
            self._waiting = [each for each in self._waiting if each not in batch]
            for each in batch:
                self._served.pop(each.address, None)  # the newest last
                self._served[each.address] = time.monotonic()
                if len(self._served) > KNOWN:
                    del self._served[next(iter(self._served))]

    def _next(self) -> list[Ticket]:
        """Those who begin together, if there is a place."""
        line, free = self._by_turns(), self.places * self._scale - len(self._at_work)
        if free > 0:
            return taken_along(line)
        if free < 0:
            return []
        busy = {each.address for each in self._runs}
        left = self.memory * self._scale - sum(each.needs for each in self._runs)
        return [each for each in line if each.address not in busy and each.needs <= left][:1]

    @property
    def _runs(self) -> list[Ticket]:
        return list(chain(*self._at_work))

    def _by_turns(self) -> list[Ticket]:
        return by_turns(self._waiting, self._runs, self._served)

    def _view(self, server: str) -> View:
        at_work = [[run.name for run in batch if run.server == server] for batch in self._at_work]
        waiting, ahead = {}, 0
        for k, batch in enumerate(in_batches(self._by_turns()), 1):
            for each in batch:
                ahead += 1
                if each.server == server:
                    waiting[each.name] = (ahead, k)
        places = self.places * self._scale
        return View([own for own in at_work if own], waiting, places, len(self._at_work), ahead)


def taken_along(line: Sequence[Ticket]) -> list[Ticket]:
    """The first in line, and those right behind it that can be done with it: whoever can't be ends
    the batch, so that nobody is overtaken."""
    batch, size = [*line[:1]], sum(each.size for each in line[:1])
    for each in line[1:]:
        size += each.size
        if each.key is None or each.key != batch[0].key or size > batch[0].most:
            break
        batch.append(each)
    return batch


def in_batches(line: Sequence[Ticket]) -> list[list[Ticket]]:
    """A line, by those who begin together."""
    found, begun = [], 0
    while batch := taken_along(line[begun:]):
        found.append(batch)
        begun += len(batch)
    return found
