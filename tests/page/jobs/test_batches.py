"""Runs that begin together: who joins whom, who reads what, and what the others in line see."""

import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest

from page.jobs import run_queue
from page.jobs.batches import Part, readers
from page.jobs.line import Ticket, in_batches


class Work:
    """Steps 0, 1, … of whatever is asked, computed once each; it notes what became of it."""

    def __init__(self, steps: int = 5, fails_at: int | None = None):
        self.steps, self.fails_at = steps, fails_at
        self.done: list[int] = []
        self.closed = False

    def draw(self, asked: list[str]) -> Iterator[list[str]]:
        try:
            for i in range(self.steps):
                if i == self.fails_at:
                    raise ZeroDivisionError(f"at {i}")
                self.done.append(i)
                yield [f"{each}{i}" for each in asked]
        finally:
            self.closed = True


def part(key: str, work: Work | None = None) -> Part:
    """Of a run that asks for its key."""
    return Part(key, (work or Work()).draw, key, 16, 64)


def ticket(key: str | None, size: int = 16, most: int = 64) -> Ticket:
    return Ticket("", "", "", 0, key, size, most)


def sizes(line: Iterable[Ticket]) -> list[int]:
    return [len(batch) for batch in in_batches([*line])]


@pytest.mark.parametrize(
    ("line", "batches"),
    [
        ([], []),
        ([None, "a"], [1, 1]),
        (["a", "a", "a"], [3]),
        (["a", "b", "a"], [1, 1, 1]),  # the last a would overtake b
        (["a", None, "a"], [1, 1, 1]),
        (["a"] * 5, [4, 1]),  # 64 of 80 pictures
    ],
)
def test_a_run_takes_along_those_right_behind_it(line, batches):
    assert sizes(ticket(key) for key in line) == batches


def test_whoever_does_not_fit_ends_the_batch():
    assert sizes(ticket("a", size) for size in (40, 16, 16, 1)) == [2, 2]
    assert sizes([ticket("a", 64, most=16), ticket("a", 1, most=16)]) == [1, 1]


# ------------------------------------------------------------------ reading


def test_each_reads_its_own_of_every_step_and_each_step_is_done_once():
    work = Work()
    first, second = readers([part("a", work=work), part("b", work=work)])
    assert [next(first), next(first), next(second)] == ["a0", "a1", "b0"] and work.done == [0, 1]
    assert list(second) == ["b1", "b2", "b3", "b4"]
    assert list(first) == ["a2", "a3", "a4"] and work.done == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("leaver", [0, 1], ids=["who was ahead", "who was behind"])
def test_when_one_leaves_the_others_go_on(leaver):
    work = Work()
    of = readers([part("a", work=work) for _ in range(3)])
    next(of[0])
    of[leaver].close()
    of[leaver] = None
    assert list(of[2]) == [f"a{i}" for i in range(5)] and work.done == [0, 1, 2, 3, 4]


def test_when_all_have_left_nothing_more_is_done():
    """One of them never began to read."""
    work = Work()
    first, second = readers([part("a", work=work) for _ in range(2)])
    next(first)
    first.close()
    del second
    gc.collect()
    assert work.closed and work.done == [0]


def test_what_all_have_read_is_not_kept():
    class Big:
        alive = 0

        def __init__(self):
            Big.alive += 1

        def __del__(self):
            Big.alive -= 1

    big = Part("", lambda asked: ([Big(), Big()] for _ in range(50)), "", 1, 2)
    first, second = readers([big, big])
    for _ in zip(first, second, strict=True):
        assert Big.alive <= 8
    del first, second, _
    gc.collect()
    assert Big.alive == 0


def test_an_error_is_everyones():
    work = Work(fails_at=2)
    for reader in readers([part("a", work=work) for _ in range(3)]):
        seen = []
        with pytest.raises(ZeroDivisionError, match="at 2"):
            seen.extend(reader)
        assert seen == ["a0", "a1"]


def test_many_threads_read_the_same_steps():
    work = Work(steps=200)
    with ThreadPoolExecutor(8) as threads:
        seen = [*threads.map(list, readers([part("a", work=work) for _ in range(8)]))]
    assert work.done == [*range(200)] and seen == [[f"a{i}" for i in range(200)]] * 8


# ------------------------------------------------------------------ the line


@pytest.fixture
def join(enter):
    """join("a1", "x"): a run of session a1 at address a with a part of key x. One place."""

    def joined(name, key):
        return enter(joined.pool, name, part=key and part(key))

    joined.pool = run_queue.Pool(places=1, max_waiting=9, budget_s=60.0, typical_s=8.0)
    return joined


def test_those_who_wait_together_begin_together(join):
    first = join("a1", "x")
    turns = [join(f"a{k}", "x") for k in (2, 3, 4)]
    assert first.steps is None  # who comes to a free place waits for nobody
    assert [join.pool.ahead(turn) for turn in turns] == [1, 2, 3]
    first.leave()
    assert join.pool.counts() == {"at_work": 3, "waiting": 0}
    assert [next(turn.steps) for turn in turns] == ["x0", "x0", "x0"]
    assert {turn.batch.pictures for turn in turns} == {48}


def test_addresses_take_turns_in_batches_too(join):
    """Of another address the first comes before the second of this one, and ends its batch."""
    first = join("a1", "x")
    join("c1", "z")  # in the additional place
    turns = [join(name, key) for name, key in (("a2", "x"), ("a3", "x"), ("b1", "y"))]
    first.leave()
    assert [join.pool.ahead(turn) for turn in turns] == [1, 2, 0]


def test_an_address_without_a_run_need_not_wait_for_a_batch(join):
    first = join("a1", "x")
    turns = [join(f"a{k}", "x") for k in (2, 3)]
    first.leave()
    assert join.pool.ahead(join("b1", "y")) == 0
    assert join.pool.ahead(join("c1", "y")) == 1  # one place more, not two
    assert all(turn.steps for turn in turns)


def test_the_line_is_full_by_batches(join):
    """Nine wait here at most: runs that join are one, however many they are."""
    first = join("a1", "x")
    join.pool.line.most = 64
    turns = [join(f"a{k}", "x") for k in range(2, 38)]  # nine times four
    with pytest.raises(gr.Error, match="36 are waiting already"):
        join("a38", "x")
    first.leave()
    assert join.pool.counts() == {"at_work": 4, "waiting": 32}
    join("a39", "y")
    with pytest.raises(gr.Error, match="33 are waiting already"):
        join("a40", "z")
    assert join.pool.ahead(turns[4]) == 1


def test_the_line_is_full_by_threads_too(join):
    join.pool.line.most = 3
    join("a1", "x"), join("a2", "x"), join("a3", "x")
    with pytest.raises(gr.Error, match="2 are waiting already"):
        join("a4", "x")


def test_a_newcomer_who_parts_a_batch_takes_as_much_room_as_that(join):
    """b's first comes before all of a's, of which two batches become three."""
    join("a1", "x"), join("c1", "x")  # at work, one in the additional place
    join.pool.line.max_waiting = 2
    turns = [join(f"a{k}", "x") for k in range(2, 10)]
    newcomer = join("b1", "y")
    assert join.pool.ahead(newcomer) == 1
    assert [turn.gave_way for turn in turns] == [False] * 4 + [True] * 4


def test_the_wait_is_counted_in_batches(join):
    """Eight seconds each: that at work, x with x, and y."""
    first = join("a1", "x")
    assert list(first.waiting()) == []
    turns = [join(f"a{k}", key) for k, key in enumerate("xxy", 2)]
    expected = [next(turn.waiting())["expected"] for turn in turns]
    assert expected == [8, 8, 16]
