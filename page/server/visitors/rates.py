"""How many requests an address may post in a second: a bucket of tokens for each."""

from __future__ import annotations

import time

from page.server.limits import LIMITS, Limits
from page.server.refusal import Refused
from page.texts import both

REFUSED = 10  # tokens that a refused request costs on top: honest visitors are seldom refused


class Rates:
    """Used in the server's event loop alone, so nothing is locked."""

    def __init__(self, limits: Limits = LIMITS):
        self._limits = limits
        self._left: dict[str, tuple[float, float]] = {}  # tokens, and when; the oldest first

    def take(self, address: str) -> None:
        """A token for a request. Raises Refused if none is left."""
        left = self._at(address)
        if left < 1:
            raise Refused(429, both("requests_many"))
        self._put(address, left - 1)

    def charge(self, address: str) -> None:
        """Its request was refused after all."""
        self._put(address, max(0.0, self._at(address) - REFUSED))

    def _at(self, address: str) -> float:
        most = float(self._limits.posts_at_once)
        left, when = self._left.get(address, (most, 0.0))
        return min(most, left + (time.monotonic() - when) * self._limits.posts_a_second)

    def _put(self, address: str, left: float) -> None:
        now = time.monotonic()
        self._left.pop(address, None)
        self._left[address] = (left, now)
        fills_s = self._limits.posts_at_once / self._limits.posts_a_second
        while now - next(iter(self._left.values()))[1] > fills_s:  # as good as new
            del self._left[next(iter(self._left))]
