"""Share one machine among visitors: a few runs at a time, the others in line."""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import gradio as gr

from page.jobs import batches
from page.jobs.batches import Batch, Part
from page.jobs.progress import Progress
from page.server import event_log, work
from page.server.limits import LIMITS
from page.server.visitors.shares import address_of, by_turns
from page.texts import both

POLL_S = 1.0  # seconds between looks of a waiting run at Stop
# Between two reports of a waiting run, each of which costs as much as a frame: a share of the wait,
# but no more than this, since a page that has gone keeps its place as long.
SHARE, MOST_POLLS = 8, 5
END_S = 2.0  # for a stopped run to end, before its session's next one is refused
KNOWN = 1000  # addresses of which it is known when they last began a run


class Closing(gr.Error):
    """For a run that was in line when the server shut down."""

    def __init__(self):
        super().__init__(both("server_closing"), print_exception=False)


class Turn(Progress):
    """One run's place in a pool."""

    def __init__(self, pool: Pool, visit: gr.Request, needs: int, part: Part | None):
        super().__init__()
        self.ended = "done"  # for the log; the run sets it if it ends otherwise
        self.address = address_of(visit)
        self.session = visit.session_hash
        self.needs = needs  # bytes of memory
        self.part = part
        self.batch: Batch | None = None  # once it has begun
        self.steps: Iterator | None = None  # of its batch, if it has begun with others
        self.gave_way = False  # its place in the full line went to another address
        self.called = threading.Event()  # it waits no longer, for whatever reason
        self._pool = pool

    def waiting(self, stop: threading.Event | None = None) -> Iterator[dict]:
        """Wait for this run's turn, yielding the runs ahead and the expected wait in seconds, the
        more seldom the longer it is. Once `stop` is set, the next one comes within a second.

        gr.Error if it must give way; Closing when the server ends, even if a place is just free.
        """
        pool = self._pool
        while not work.closing.is_set():
            with pool.moved:
                if not (ahead := pool.ahead(self)):
                    break
                expected = max(1, round(pool.expected_s(ahead)))
            yield {"ahead": ahead, "expected": expected}
            for _ in range(min(max(1, expected // SHARE), MOST_POLLS)):
                if self.called.wait(POLL_S) or (stop and stop.is_set()):
                    break
        if work.closing.is_set():
            raise Closing
        if self.gave_way:
            raise pool.full()
        self.begin()

    @property
    def is_over(self) -> bool:
        """Whether its time is up or the server is shutting down."""
        return work.closing.is_set() or self.seconds > self._pool.budget_s


class Pool:
    """A few runs at a time, one for each session, and the addresses in turn.

    One more place is for an address that has no run at work, so that it need not wait until
    another's long runs end. Where all share an address, the first come is the first served.
    A run takes those behind it along into its place, as long as they can be done with it. So the
    line is full with `max_waiting` of such batches, which its end waits for; or when there are
    `most` runs, in line and at work, each of which has a thread.
    """

    def __init__(
        self,
        places: int,
        max_waiting: int,
        budget_s: float,
        typical_s: float,
        memory: float = math.inf,
        most: int | None = None,
    ):
        self.places = places
        self.max_waiting = max_waiting
        self.most = most or places + 1 + max_waiting
        self.budget_s = budget_s  # time limit of one run
        self.typical_s = typical_s  # duration of a run: a guess, then a running average
        self.memory = memory  # bytes of all runs with the additional place
        self.moved = threading.Condition()
        self._at_work: list[Turn] = []
        self._waiting: list[Turn] = []  # in order of arrival
        self._served: dict[str, float] = {}  # when each address last began a run
        # sessions whose next run awaits the end of their last
        self._second: set[str | None] = set()

    @contextmanager
    def turn(
        self, what: str, visit: gr.Request, needs: int = 0, part: Part | None = None, **asked
    ) -> Iterator[Turn]:
        """A place in line for the duration of the block. gr.Error if the line is full, or if this
        session has a place already.

        `what` and `asked` go into the log when the block ends.
        """
        turn = Turn(self, visit, needs, part)
        with event_log.entry(what, **asked) as line:
            with self.moved:
                self._await_last_run(turn.session)
                self._join(turn)
            try:
                yield turn
                line["ended"] = turn.ended
            finally:
                line["at_work_s"] = round(turn.seconds, 3)
                if turn.batch and turn.batch.pictures:
                    line["batch"] = turn.batch.pictures
                with self.moved:
                    self._leave(turn)

    def _await_last_run(self, session: str | None) -> None:
        """A run that was stopped just now has some moments to end."""
        if not self._has(session):
            return
        ended = False
        if session not in self._second:
            self._second.add(session)
            ended = self.moved.wait_for(lambda: not self._has(session), END_S)
            self._second.discard(session)
        if not ended:
            raise gr.Error(both("run_running"), print_exception=False)

    def _has(self, session: str | None) -> bool:
        return session is not None and any(
            each.session == session for each in self._at_work + self._waiting
        )

    def _join(self, turn: Turn) -> None:
        everyone = self._at_work + self._waiting
        if sum(each.address == turn.address for each in everyone) >= LIMITS.runs_at_address:
            raise self.full()
        line = by_turns([*self._waiting, turn], self._at_work, self._served)
        most, give_way = self.most - len(self._at_work), []
        while line and (len(line) > most or batches.count(line) > self.max_waiting):
            give_way.append(line.pop())
        if turn in give_way:
            raise self.full()
        for last in give_way:
            last.gave_way = True
            last.called.set()
            self._waiting.remove(last)
        self._waiting.append(turn)
        self._fill()

    def _leave(self, turn: Turn) -> None:
        self._at_work = [each for each in self._at_work if each is not turn]
        self._waiting = [each for each in self._waiting if each is not turn]
        self.typical_s += (turn.seconds - self.typical_s) / 4 if turn.seconds else 0
        self._fill()
        self.moved.notify_all()

    def _fill(self) -> None:
        """Give free places to those whose turn it is."""
        while turns := self._next():
            batch = Batch.of(turns)
            for turn, steps in zip(turns, batches.readers(turns), strict=True):
                turn.batch, turn.steps = batch, steps
                self._waiting.remove(turn)
                self._at_work.append(turn)
                self._served.pop(turn.address, None)  # the newest last
                self._served[turn.address] = time.monotonic()
                if len(self._served) > KNOWN:
                    del self._served[next(iter(self._served))]
                turn.called.set()

    def _next(self) -> Sequence[Turn]:
        """Those who begin together, if there is a place."""
        line = by_turns(self._waiting, self._at_work, self._served)
        taken = len({turn.batch for turn in self._at_work})
        if taken < self.places:
            return batches.taken_along(line)
        if taken > self.places:
            return []
        busy = {each.address for each in self._at_work}
        left = self.memory - sum(each.needs for each in self._at_work)
        return [each for each in line if each.address not in busy and each.needs <= left][:1]

    def full(self) -> gr.Error:
        return gr.Error(both("pool_full").format(waiting=len(self._waiting)), print_exception=False)

    def ahead(self, turn: Turn) -> int:
        """How many runs must end before this one's turn."""
        with self.moved:
            if turn not in self._waiting:
                return 0
            return by_turns(self._waiting, self._at_work, self._served).index(turn) + 1

    def expected_s(self, ahead: int) -> float:
        """Seconds until this many runs have ended: those at work, then those in line."""
        with self.moved:
            left = defaultdict[Batch | None, float](float)
            for turn in self._at_work:
                of_turn = turn.left_s(self.typical_s, self.budget_s)
                left[turn.batch] = max(left[turn.batch], of_turn)
            line = by_turns(self._waiting, self._at_work, self._served)[:ahead]
        ends = sorted(left.values())[-self.places :]
        for _ in range(batches.count(line) - 1):
            heapq.heapreplace(ends, ends[0] + self.typical_s)
        return ends[0]

    def wake(self) -> None:
        with self.moved:
            for turn in self._waiting:
                turn.called.set()

    def counts(self) -> dict:
        return {"at_work": len(self._at_work), "waiting": len(self._waiting)}


# On two cores, a thousand steps of DDPM for 16 pictures stay within the budget
SAMPLING = Pool(places=2, max_waiting=30, budget_s=120.0, typical_s=3.0, most=150)
TRAINING = Pool(places=2, max_waiting=60, budget_s=1800.0, typical_s=120.0, memory=6e9)
READING = Pool(places=2, max_waiting=30, budget_s=60.0, typical_s=10.0)  # pictures to train on
work.pools |= {"sampling": SAMPLING, "training": TRAINING, "reading": READING}
