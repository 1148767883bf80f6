"""Who sent a request, and whose turn it is: each address in turn, and so no address before another.

A visitor can have any number of sessions, but few addresses. A school is a single one, within which
the first come is the first served.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol, TypeVar


class HasAddress(Protocol):
    address: str


T = TypeVar("T", bound=HasAddress)


def address_of(request: Any) -> str:
    """The sender of a gr.Request or a Starlette request; for IPv6, the /64 that a host is given: as
    the gate has found it (client_address.py)."""
    return request.client.host if request.client else ""


@lru_cache(4096)
def network_of(address: str) -> str:
    """The account that an address has: its own, and for IPv6 the /48 that a customer is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address) or parsed.is_loopback:
        return address
    return str(IPv6Address(int(parsed) >> 80 << 80))


def by_turns(
    waiting: Iterable[T], at_work: Iterable[HasAddress], served: Mapping[str, float] | None = None
) -> list[T]:
    """In the order in which they should be served, given in order of arrival.

    First the first of each address that has none at work, then the second, and so on; among equals,
    the address that was `served` longest ago (monotonic seconds; never: first), then arrival.
    """
    have = Counter(each.address for each in at_work)
    ranks = []
    for each in waiting:
        ranks.append((have[each.address], (served or {}).get(each.address, 0.0), len(ranks), each))
        have[each.address] += 1
    return [each for *_, each in sorted(ranks, key=lambda rank: rank[:3])]
