"""What an address may keep and ask for, and what makes room, on a clock that the test sets."""

import itertools
import sys
import time
from contextlib import suppress

import pytest

from page.server.limits import Limits
from page.server.refusal import Refused
from page.server.visitors.ledger import FRESH_S, PIECE, Ledger, Tokens
from page.texts import both

LIMITS = Limits(posts_a_second=8, posts_at_once=16)  # powers of two: exact on this clock


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


class Uploads:
    """Files of 300 bytes; room for three of an address, five of all."""

    def __init__(self, clock):
        self.gone = []
        self.ledger = Ledger(1600, self.gone.append, of_address=1000)
        self.clock = clock

    def send(self, address, name, size=300):
        with self.ledger.arriving(address, size):
            pass
        fits = self.ledger.add(address, None, name, size, fresh_s=FRESH_S)
        self.clock[0] += 1
        return fits


@pytest.fixture
def uploads(clock):
    return Uploads(clock)


# ------------------------------------------------------------------ what is kept


def test_the_senders_oldest_unused_file_makes_room(uploads, clock):
    for name in "abc":
        uploads.send("foe", name)
    uploads.send("home", "d")
    clock[0] += 100
    uploads.ledger.used("a")
    assert uploads.send("foe", "e") and uploads.gone == ["b"]


def test_what_is_in_use_stays_and_the_sender_is_refused(uploads):
    for name in "abc":
        uploads.send("foe", name)
    with pytest.raises(Refused) as refused:
        uploads.send("foe", "d")
    assert (refused.value.status, refused.value.why) == (429, both("uploads_full"))
    # its real size is known only when it has arrived
    assert not uploads.ledger.add("foe", None, "e", 300, fresh_s=FRESH_S)
    assert uploads.gone == ["e"]
    assert uploads.send("home", "f")


def test_the_greediest_address_makes_room_for_another(uploads):
    for name in "abc":
        uploads.send("foe", name)
    for name in "def":  # although nothing is older than a minute
        uploads.send(f"home {name}", name)
    assert uploads.gone == ["a"]


def test_unfinished_uploads_count(uploads):
    arriving = uploads.ledger.arriving
    with arriving("foe", 600), pytest.raises(Refused), arriving("foe", 600):
        pass
    with arriving("foe", 600):
        pass
    assert not uploads.ledger.bytes_of("foe")


def test_one_request_can_not_be_larger_than_the_quota(uploads):
    uploads.send("foe", "a")
    with pytest.raises(Refused) as refused, uploads.ledger.arriving("foe", 1001):
        pass
    assert (refused.value.status, refused.value.why) == (413, both("uploads_large"))
    assert not uploads.gone


def test_a_well_known_file_is_each_senders(uploads, clock):
    """Who sent it first can't have it deleted from under another."""
    uploads.send("foe", "cat"), uploads.send("home", "cat")
    clock[0] += 100
    for name in "abc":
        uploads.send("foe", name)
    assert uploads.ledger.bytes_of("foe") == 900 and not uploads.gone  # it lost its "cat"
    assert uploads.ledger.bytes_of("home") == 300
    uploads.ledger.remove("cat")
    assert uploads.gone == ["cat"] and not uploads.ledger.bytes_of("home")


def test_the_same_file_counts_once(uploads):
    uploads.send("foe", "a"), uploads.send("foe", "a")
    assert uploads.ledger.bytes_of("foe") == 300


def test_a_customers_many_networks_have_one_account(uploads):
    for k, name in enumerate("abc"):
        assert uploads.send(f"2001:db8:1:{k}::", name)
    with pytest.raises(Refused):
        uploads.send("2001:db8:1:9::", "d")
    assert uploads.send("2001:db8:2::", "e")


def test_an_upload_costs_the_same_however_many_there_are(clock):
    """Counting 235,000 files again for each took 87 ms of the event loop."""

    def lines(files):
        ledger, count = Ledger(10**9, lambda key: None, of_address=10**9), 0
        for k in range(files):
            ledger.add(f"192.0.2.{k % 9}", None, k, 100, fresh_s=FRESH_S)

        def trace(frame, event, arg):
            nonlocal count
            if frame.f_code.co_filename != Ledger.add.__code__.co_filename:
                return None  # not what the collector finalizes meanwhile
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            with ledger.arriving("192.0.2.1", 100):
                ledger.add("192.0.2.1", None, "new", 100, fresh_s=FRESH_S)
        finally:
            sys.settrace(before)
        return count

    assert lines(20) == lines(2000) > 0


# ------------------------------------------------------------------ what is asked for


def admitted(tokens: Tokens, address: str, count: int, session=None, size=0) -> int:
    """How many of so many requests at the same moment."""
    passed = 0
    for _ in range(count):
        with suppress(Refused):
            tokens.take(address, session, size)
            passed += 1
    return passed


def test_a_burst_then_a_rate(clock):
    tokens = Tokens(LIMITS)
    assert admitted(tokens, "a", 100) == 16
    clock[0] += 0.5
    assert admitted(tokens, "a", 100) == 4
    clock[0] += 0.0625  # half a token
    assert admitted(tokens, "a", 100) == 0
    clock[0] += 0.0625  # being refused cost nothing
    assert admitted(tokens, "a", 100) == 1
    clock[0] += 3600
    assert admitted(tokens, "a", 100) == 16


def test_addresses_do_not_share_but_those_of_one_customer_do(clock):
    tokens = Tokens(LIMITS)
    admitted(tokens, "a", 100)
    assert admitted(tokens, "b", 100) == 16
    assert admitted(tokens, "2001:db8:1:1::", 100) == 16
    assert admitted(tokens, "2001:db8:1:2::", 100) == 0


def test_why_is_said(clock):
    tokens = Tokens(LIMITS)
    admitted(tokens, "a", 16)
    with pytest.raises(Refused, match="Too many requests") as refused:
        tokens.take("a")
    assert refused.value.status == 429


def test_a_long_request_costs_more_and_is_paid_back(clock):
    tokens = Tokens(LIMITS)
    tokens.take("a", size=23 * PIECE)  # 24 tokens of 16
    clock[0] += 1
    assert admitted(tokens, "a", 100) == 0
    clock[0] += 0.125
    assert admitted(tokens, "a", 100) == 1


def test_a_flood_leaves_classmates_their_share(clock):
    """Of one address: 49 who press Stop now and then, and one who sends what it can."""
    tokens, stopped = Tokens(Limits()), 0
    for tenth in range(300):  # of a second
        clock[0] += 0.1
        admitted(tokens, "school", 50, "foe")
        stopped += admitted(tokens, "school", 1, f"pupil {tenth % 49}")
    assert stopped == 300
    assert admitted(tokens, "school", 50) == 0  # those whom nobody knows have none


def test_in_the_long_run_shares_at_most_double_the_rate(clock):
    tokens, passed = Tokens(LIMITS), 0
    for _ in range(3000):
        clock[0] += 0.01
        passed += sum(admitted(tokens, "a", 1, f"foe {k}") for k in range(5))
    assert passed < 16 + 2 * 8 * 30 + 5


def test_a_school_that_arrives_within_half_a_minute_is_admitted(clock):
    """Of 300, five requests each on arrival, then two in five seconds."""
    tokens, here, refused = Tokens(), 0, 0
    for _tenth in range(600):  # of a second
        clock[0] += 0.1
        arriving = 1 if here < 300 else 0
        here += arriving
        asked = 5 * arriving + here * 2 // 50
        refused += asked - admitted(tokens, "school", asked)
    assert here == 300 and refused == 0


def test_addresses_that_rest_are_forgotten(clock):
    tokens = Tokens(LIMITS)
    for k in range(10_000):
        clock[0] += 0.01
        tokens.take(f"address {k}")
    assert len(tokens._full) <= 1_201  # of the window, and of the two seconds before it


def test_a_process_that_is_held_up_at_any_moment_answers(monkeypatch):
    """A second passes at each look at the clock: what was entered is as good as new at once."""
    seconds = itertools.count(1000)
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    tokens = Tokens(LIMITS)
    for _ in range(3):
        tokens.take("alone")
