"""Share the machine among visitors: a few runs at a time, the others in line."""

from __future__ import annotations

import heapq
import math
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gradio as gr

from page.jobs import batches
from page.jobs.batches import Batch, Part
from page.jobs.line import Line, Ticket, View
from page.server import event_log, work
from page.server.visitors.shares import address_of, network_of
from page.texts import Refusal

POLL_S = 1.0  # seconds between looks of a waiting run at Stop
# Between two reports of a waiting run, each of which costs as much as a frame: a share of the wait,
# but no more than this, since a page that has gone keeps its place as long.
SHARE, MOST_POLLS = 8, 5
END_S = 2.0  # for a stopped run to end, before its session's next one is refused
LOOK_S = 0.2  # seconds between looks at a line that other servers have too


class Closing(Refusal):
    """For a run that was in line when the server shut down."""


class Turn:
    """One run's place in a pool, and its time from the moment it begins."""

    def __init__(self, pool: Pool, visit: gr.Request, needs: int, part: Part | None):
        self._began: float | None = None
        self._reports: list[tuple[float, float]] = []  # the first and the newest: when, share done
        self.ended = "done"  # for the log; the run sets it if it ends otherwise
        self.session = visit.session_hash
        place = secrets.token_hex(8), pool.server, network_of(address_of(visit)), needs
        self.ticket = Ticket(*place, *((part.key, part.size, part.most) if part else ()))
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
                expected = max(1, round(pool.expected_s(self)))
            yield {"ahead": ahead, "expected": expected}
            for _ in range(min(max(1, expected // SHARE), MOST_POLLS)):
                if self.called.wait(POLL_S) or (stop and stop.is_set()):
                    break
        if work.closing.is_set():
            raise Closing("server_closing")
        if self.gave_way:
            raise pool.full()
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since it began; 0 before."""
        return time.monotonic() - self._began if self._began else 0.0

    def report(self, done: float) -> None:
        """Note what share of it is done, for the estimate that those in line see."""
        self._reports[1:] = [(time.monotonic(), done)]

    def left_s(self) -> float:
        """Seconds to its end, at its pace since the first report; before, as long as is typical."""
        left = self._pool.typical_s - self.seconds
        if len(self._reports) == 2:
            (since, first), (_, done) = self._reports
            if done > first:
                left = (time.monotonic() - since) / (done - first) * (1 - done)
        return max(0.0, min(left, self._pool.budget_s - self.seconds))

    @property
    def is_over(self) -> bool:
        """Whether its time is up or the server is shutting down."""
        return work.closing.is_set() or self.seconds > self._pool.budget_s


class Pool:
    """This server's runs of a kind, one for each session, and the line in which they wait."""

    def __init__(
        self,
        places: int,
        max_waiting: int,
        budget_s: float,
        typical_s: float,
        memory: float = math.inf,
        most: int | None = None,
    ):
        self.line = Line(places, max_waiting, most or places + 1 + max_waiting, memory)
        self.server = secrets.token_hex(8)
        self.budget_s = budget_s  # time limit of one run
        self.typical_s = typical_s  # duration of a run: a guess, then a running average
        self.moved = threading.Condition()
        self._turns: dict[str, Turn] = {}  # by ticket, in order of arrival
        self._seen: View  # of the line
        # sessions whose next run awaits the end of their last
        self._second: set[str | None] = set()
        self.look()

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
                self._turns[turn.ticket.name] = turn
                try:
                    self.look()
                except BaseException:  # a shared line that is out of reach
                    del self._turns[turn.ticket.name]
                    raise
                if turn.gave_way:
                    raise self.full()
            try:
                yield turn
                line["ended"] = turn.ended
            finally:
                line["at_work_s"] = round(turn.seconds, 3)
                if turn.batch and turn.batch.pictures:
                    line["batch"] = turn.batch.pictures
                with self.moved:
                    self._turns.pop(turn.ticket.name, None)
                    self.typical_s += (turn.seconds - self.typical_s) / 4 if turn.seconds else 0
                    self.look()
                    self.moved.notify_all()

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
            raise Refusal("run_running")

    def _has(self, session: str | None) -> bool:
        return session is not None and any(each.session == session for each in self._turns.values())

    def look(self) -> None:
        """Bring this server's tickets to the line, and see what has become of them."""
        with self.moved:
            tickets = defaultdict[Batch | None, list[Ticket]](list)
            for turn in self._turns.values():
                tickets[turn.batch].append(turn.ticket)
            waiting = tickets.pop(None, [])
            self._seen = self.line.update(self.server, [*tickets.values()], waiting)
            for names in self._seen.at_work:
                turns = [self._turns[name] for name in names]
                if not turns[0].batch:
                    self._begin(turns)
            for turn in [self._turns[each.name] for each in waiting]:
                if not turn.batch and turn.ticket.name not in self._seen.waiting:
                    turn.gave_way = True
                    turn.called.set()
                    del self._turns[turn.ticket.name]

    def _begin(self, turns: list[Turn]) -> None:
        batch = Batch(sum(turn.part.size for turn in turns if turn.part))
        for turn, steps in zip(turns, batches.readers([turn.part for turn in turns]), strict=True):
            turn.batch, turn.steps = batch, steps
            turn.called.set()

    def share(self, line: Line) -> None:
        """Stand in this line, which other servers have too."""
        self.line = line
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            with suppress(Exception):  # out of reach: the next run says so to its visitor
                self.look()
            time.sleep(LOOK_S)

    def full(self) -> gr.Error:
        return Refusal("pool_full", waiting=self._seen.length)

    def ahead(self, turn: Turn) -> int:
        """How many runs must end before this one's turn."""
        return self._seen.waiting.get(turn.ticket.name, (0, 0))[0]

    def expected_s(self, turn: Turn) -> float:
        """Seconds until this one's turn: until those at work have ended, then those in line. Of
        those at another server it is known only how long they typically take."""
        with self.moved:
            seen = self._seen
            left = [max(self._turns[name].left_s() for name in names) for names in seen.at_work]
        left += [self.typical_s] * (seen.taken - len(left))
        ends = sorted(left)[-seen.places :]
        for _ in range(seen.waiting[turn.ticket.name][1] - 1):
            heapq.heapreplace(ends, ends[0] + self.typical_s)
        return ends[0]

    def wake(self) -> None:
        with self.moved:
            for turn in self._turns.values():
                turn.called.set()

    def counts(self) -> dict:
        return {"at_work": sum(map(len, self._seen.at_work)), "waiting": len(self._seen.waiting)}


# On two cores, a thousand steps of DDPM for 16 pictures stay within the budget
SAMPLING = Pool(places=2, max_waiting=30, budget_s=120.0, typical_s=3.0, most=150)
TRAINING = Pool(places=2, max_waiting=60, budget_s=1800.0, typical_s=120.0, memory=6e9)
READING = Pool(places=2, max_waiting=30, budget_s=60.0, typical_s=10.0)  # pictures to train on
work.pools |= {"sampling": SAMPLING, "training": TRAINING, "reading": READING}
