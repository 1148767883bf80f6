"""How many requests an address may post in a second, on a clock that the test sets."""

from __future__ import annotations

from contextlib import suppress

import pytest

from page.server.limits import Limits
from page.server.refusal import Refused
from page.server.visitors import rates
from page.server.visitors.rates import REFUSED, Rates

LIMITS = Limits(posts_a_second=8, posts_at_once=16)  # powers of two: exact on this clock


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(rates.time, "monotonic", lambda: now[0])
    return now


def admitted(bucket: Rates, address: str, count: int) -> int:
    """How many of so many requests at the same moment."""
    passed = 0
    for _ in range(count):
        with suppress(Refused):
            bucket.take(address)
            passed += 1
    return passed


def test_a_burst_then_a_rate(clock):
    bucket = Rates(LIMITS)
    assert admitted(bucket, "a", 100) == 16
    clock[0] += 0.5
    assert admitted(bucket, "a", 100) == 4
    clock[0] += 0.0625  # half a token
    assert admitted(bucket, "a", 100) == 0
    clock[0] += 0.0625  # being refused cost nothing
    assert admitted(bucket, "a", 100) == 1
    clock[0] += 3600
    assert admitted(bucket, "a", 100) == 16


def test_in_the_long_run_the_rate_holds(clock):
    bucket, passed = Rates(LIMITS), 0
    for _ in range(1000):
        clock[0] += 0.01
        passed += admitted(bucket, "a", 3)
    assert passed == pytest.approx(16 + 8 * 10, abs=1)


def test_addresses_do_not_share(clock):
    bucket = Rates(LIMITS)
    admitted(bucket, "a", 100)
    assert admitted(bucket, "b", 100) == 16


def test_why_is_said(clock):
    bucket = Rates(LIMITS)
    admitted(bucket, "a", 16)
    with pytest.raises(Refused, match="Too many requests") as refused:
        bucket.take("a")
    assert refused.value.status == 429


def test_a_refused_request_costs_more(clock):
    bucket = Rates(LIMITS)
    bucket.take("a")
    bucket.charge("a")
    assert admitted(bucket, "a", 100) == 16 - 1 - REFUSED
    bucket.charge("a")  # nobody owes anything
    clock[0] += 0.125
    assert admitted(bucket, "a", 100) == 1


def test_a_school_that_arrives_within_half_a_minute_is_admitted(clock):
    """Of 300, five requests each on arrival, then two in five seconds."""
    bucket, here, refused = Rates(), 0, 0
    for _tenth in range(600):  # of a second
        clock[0] += 0.1
        arriving = 1 if here < 300 else 0
        here += arriving
        asked = 5 * arriving + here * 2 // 50
        refused += asked - admitted(bucket, "school", asked)
    assert here == 300 and refused == 0


def test_addresses_that_rest_are_forgotten(clock):
    bucket = Rates(LIMITS)
    for k in range(10_000):
        clock[0] += 0.01
        bucket.take(f"address {k}")
    assert len(bucket._left) <= 201  # of the last two seconds
