"""Several servers that have one line: nobody's turn depends on which of them they came to."""

from unittest.mock import Mock

import gradio as gr
import pytest

from page.jobs import line, run_queue
from page.jobs.batches import Part


@pytest.fixture
def join(clock, enter):
    """join(0, "a1"): a run of session a1 at address a, at the first of two servers. Both have one
    place together, and three runs wait."""
    shared = line.Line(places=1, max_waiting=3, most=9)
    pools = [run_queue.Pool(1, 3, budget_s=60.0, typical_s=8.0) for _ in range(2)]
    for pool in pools:
        pool.line = shared

    def joined(server, name, key=None):
        part = key and Part(key, lambda asked: iter([asked]), key, 16, 64)
        return enter(pools[server], name, part=part)

    def ahead(*turns):
        for pool in pools:
            pool.look()
        return [turn._pool.ahead(turn) for turn in turns]

    joined.pools, joined.line, joined.ahead = pools, shared, ahead
    return joined


def test_a_place_goes_to_who_came_first_at_whichever_server(join):
    first, *turns = [join(k % 2, f"a{k}") for k in range(4)]
    assert join.ahead(first, *turns) == [0, 1, 2, 3]
    first.leave()
    assert join.ahead(*turns) == [0, 1, 2] and turns[0].called.is_set()
    assert [pool.counts() for pool in join.pools] == [
        {"at_work": 0, "waiting": 1},
        {"at_work": 1, "waiting": 1},
    ]


def test_a_run_that_found_the_line_out_of_reach_keeps_no_place(join, monkeypatch):
    with monkeypatch.context() as cut, pytest.raises(ConnectionError):
        cut.setattr(join.line, "update", Mock(side_effect=ConnectionError))
        join(0, "a1")
    assert join.ahead(join(0, "b1")) == [0]
    assert join.pools[0].counts() == {"at_work": 1, "waiting": 0}


def test_an_address_has_its_share_of_all_servers_together(join):
    """Of two that wait, b comes before a's second, and an address has no more runs at two servers
    than at one."""
    join(0, "a1"), join(0, "c1")  # at work, one in the additional place
    turns = join(0, "a2"), join(1, "a3"), join(1, "b1")
    assert join.ahead(*turns) == [2, 3, 1]
    join.line.of_address = 3
    with pytest.raises(gr.Error, match="3 are waiting already"):
        join(1, "a4")


def test_who_has_most_gives_way_at_the_other_server(join):
    join(0, "a1"), join(0, "c1")
    turns = [join(0, f"a{k}") for k in range(2, 5)]
    waits = turns[2].waiting()
    assert next(waits)["ahead"] == 3
    newcomer = join(1, "b1")
    assert join.ahead(newcomer, *turns[:2]) == [1, 2, 3]
    with pytest.raises(gr.Error, match="3 are waiting already"):
        next(waits)


def test_those_of_a_key_begin_together_each_at_their_own_server(join):
    """They take one place, which is free when the last of them has left."""
    first = join(0, "a1", "x")
    turns = [join(k % 2, f"a{k}", "x") for k in range(2, 5)]
    last = join(1, "a5", "y")
    first.leave()
    assert join.ahead(*turns, last) == [0, 0, 0, 1]
    assert [turn.batch.pictures for turn in turns] == [32, 16, 32]
    for turn in turns:
        assert join.ahead(last) == [1]
        turn.leave()
    assert join.ahead(last) == [0]


def test_a_server_that_is_silent_loses_its_places_and_they_go_on(join, clock):
    """And when it was only slow, it gets back what it has."""
    working, _, waiting = join(0, "a1"), join(0, "a2"), join(1, "a3")
    clock.now += line.SILENT_S / 2
    assert join.ahead(waiting) == [2]
    clock.now += line.SILENT_S
    join.pools[1].look()
    assert waiting.called.is_set() and join.pools[1].ahead(waiting) == 0
    join.pools[0].look()
    assert join.pools[0].counts() == {"at_work": 1, "waiting": 1}  # it does work
    waiting.leave(), working.leave()
    assert join.ahead() == [] and join.pools[0].counts() == {"at_work": 1, "waiting": 0}


def test_a_line_that_was_lost_is_filled_again_by_its_servers(join):
    working, *turns = [join(k % 2, f"a{k}") for k in range(4)]
    empty = line.Line(places=1, max_waiting=3, most=9)
    for pool in join.pools:
        pool.line = empty
    assert sorted(join.ahead(working, *turns)) == [0, 1, 2, 3]
    assert not any(turn.gave_way for turn in turns)


def test_more_computers_have_more_places_and_a_longer_line(join):
    turns = [join(0, f"a{k}") for k in range(4)]
    with pytest.raises(gr.Error):
        join(1, "a4")
    one = join.line.update
    join.line.update = lambda *tickets: one(*tickets, scale=2)
    assert join.ahead(*turns, *(join(1, f"a{k}") for k in range(4, 8))) == [0, 0, 1, 2, 3, 4, 5, 6]
    with pytest.raises(gr.Error):
        join(0, "a8")
