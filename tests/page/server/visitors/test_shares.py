"""Whose turn it is, and who sent a request."""

from types import SimpleNamespace

import pytest

from page.server.visitors.shares import address_of, by_turns


def arrived(*names):
    """Each named by its address and a number: a1, b1."""
    return [SimpleNamespace(name=name, address=name[0]) for name in names]


@pytest.mark.parametrize(
    "waiting, at_work, served, order",
    [
        (["a1", "a2", "a3"], ["a0", "a9"], {"a": 5.0}, ["a1", "a2", "a3"]),  # a school
        (["a1", "a2", "a3", "b1"], [], {}, ["a1", "b1", "a2", "a3"]),
        (["a1", "a2", "b1"], ["a0"], {}, ["b1", "a1", "a2"]),
        (["a1", "b1", "c1"], [], {"a": 9.0, "b": 5.0}, ["c1", "b1", "a1"]),
        (["a1", "b1"], ["a0", "b0", "b9"], {"a": 9.0}, ["a1", "b1"]),
        ([], ["a0"], {}, []),
    ],
)
def test_the_addresses_take_turns(waiting, at_work, served, order):
    turns = by_turns(arrived(*waiting), arrived(*at_work), served)
    assert [each.name for each in turns] == order


def test_a_unix_socket_has_no_address():
    assert address_of(SimpleNamespace(client=None)) == ""
