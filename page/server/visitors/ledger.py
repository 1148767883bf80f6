"""What each address has of the server: bytes on disk, and requests.

An address is one visitor or a whole school, and a customer of an IPv6 provider has thousands: those
of a /48 have one account. Nothing is refused as long as something older can go. What goes is of the
account that has the most, and there of the session that has the most, so that whoever takes much
loses their own. A byte counts for less the longer it took to make: an hour has only so many
seconds, so a model that took a minute outlives any number that took a second.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from page.server.limits import LIMITS, Limits
from page.server.refusal import Refused
from page.server.visitors.shares import network_of
from page.texts import both

FRESH_S = 60.0  # an upload sent or opened since then is in use
WINDOW_S = 10  # for which a session's share of the requests is reckoned
PIECE = 4096  # bytes of a body that cost another token


@dataclass
class _Kept:
    size: int
    weight: float
    used: float


@dataclass
class _Pile:
    """What an owner keeps, least recently used first."""

    kept: dict[Hashable, _Kept] = field(default_factory=dict)
    weight: float = 0.0


class Ledger:
    """What visitors keep of one kind. `delete` is called for what goes; an owner, usually a
    session, may have `of_owner` things, an address `of_address` bytes, all together `of_all`."""

    def __init__(
        self,
        of_all: int,
        delete: Callable[[Any], None],
        of_address: int | None = None,
        of_owner: int | None = None,
    ):
        self._of_all = of_all
        self._of_address = of_address or of_all
        self._of_owner = of_owner
        self._delete = delete
        self._piles: dict[str, dict[Hashable, _Pile]] = {}  # by account and owner
        self._bytes: Counter[str] = Counter()  # of each account, with what is arriving
        self._weights: defaultdict[str, float] = defaultdict(float)
        self._total = 0
        # a well-known file is kept, and charged, once for each who sent it
        self._holders: dict[Hashable, list[tuple[str, Hashable]]] = {}
        self._lock = threading.RLock()

    @contextmanager
    def arriving(self, address: str, size: int) -> Iterator[None]:
        """Reserve room for so many bytes. Raises Refused if there is none."""
        if size > self._of_address:
            raise Refused(413, both("uploads_large"))
        account = network_of(address)
        with self._lock:
            self._count(account, size, size)
            fits = self._make_room(account, FRESH_S)
        try:
            if not fits:
                raise Refused(429, both("uploads_full"))
            yield
        finally:
            with self._lock:
                self._count(account, -size, -size)

    def add(
        self,
        address: str,
        owner: Hashable,
        key: Hashable,
        size: int,
        *,
        work: float = 0.0,
        fresh_s: float = 0.0,
    ) -> bool:
        """Enter something that took `work` seconds to make. False, with the new one deleted, if
        it would have to take the place of what its account used within `fresh_s` seconds."""
        account = network_of(address)
        kept = _Kept(size, size / (1 + work), time.monotonic())
        with self._lock:
            self._take_out(account, owner, key)  # the same, sent again
            pile = self._piles.setdefault(account, {}).setdefault(owner, _Pile())
            pile.kept[key] = kept
            pile.weight += kept.weight
            self._count(account, kept.size, kept.weight)
            self._holders.setdefault(key, []).append((account, owner))
            while self._of_owner and len(pile.kept) > self._of_owner:
                self._remove(account, owner, next(iter(pile.kept)))
            fits = self._make_room(account, fresh_s, key)
            if not fits and fresh_s:
                self._remove(account, owner, key)
        return fits or not fresh_s

    def used(self, key: Hashable) -> None:
        """Note that something is in use."""
        with self._lock:
            for account, owner in self._holders.get(key, ()):
                kept = self._piles[account][owner].kept
                kept[key] = found = kept.pop(key)
                found.used = time.monotonic()

    def remove(self, key: Hashable) -> None:
        """Delete something, whoever has it."""
        with self._lock:
            for account, owner in list(self._holders.get(key, ())):
                self._remove(account, owner, key)

    def items(self) -> list[tuple[Any, Any]]:
        """Everything, each with an owner."""
        with self._lock:
            return [(key, holders[0][1]) for key, holders in self._holders.items()]

    def bytes_of(self, address: str) -> int:
        return self._bytes[network_of(address)]

    def _make_room(self, own: str, fresh_s: float, new: Hashable = None) -> bool:
        """Delete until all is within its limits, but not the new one. With `fresh_s`, False if the
        account that needs the room has the most, and is using it."""
        until = time.monotonic() - fresh_s
        while self._bytes[own] > self._of_address or self._total > self._of_all:
            accounts = [own]
            if self._bytes[own] <= self._of_address:
                accounts = sorted(
                    {own, *self._piles}, key=lambda each: self._weights.get(each, 0.0), reverse=True
                )
            for account in accounts:
                first = self._first_to_go(account, new)
                in_use = first is None or first[2] > until
                if account == own and fresh_s and in_use:
                    return False
                if first is not None:
                    self._remove(account, *first[:2])
                    break
            else:
                return True  # the new one alone is more than all may have
        return True

    def _first_to_go(self, account: str, new: Hashable) -> tuple[Hashable, Hashable, float] | None:
        """Of an account: an owner, what they would lose, and when they used it."""
        piles = self._piles.get(account, {})
        for owner in sorted(piles, key=lambda each: piles[each].weight, reverse=True):
            for key, kept in piles[owner].kept.items():
                if key != new:
                    return owner, key, kept.used
        return None

    def _remove(self, account: str, owner: Hashable, key: Hashable) -> None:
        self._take_out(account, owner, key)
        if key not in self._holders:
            self._delete(key)

    def _take_out(self, account: str, owner: Hashable, key: Hashable) -> None:
        if (account, owner) not in self._holders.get(key, ()):
            return
        self._holders[key].remove((account, owner))
        if not self._holders[key]:
            del self._holders[key]
        pile = self._piles[account][owner]
        gone = pile.kept.pop(key)
        pile.weight -= gone.weight
        self._count(account, -gone.size, -gone.weight)
        if not pile.kept:
            del self._piles[account][owner]
        if not self._piles[account]:
            del self._piles[account]

    def _count(self, account: str, size: int, weight: float) -> None:
        self._total += size
        self._bytes[account] += size
        self._weights[account] += weight
        if not self._bytes[account]:  # and nothing is left of what rounding added
            del self._bytes[account], self._weights[account]


class Tokens:
    """How many requests an account may send: a bucket of tokens for each, of which a long request
    may take more than there are. Where none is left, those of its sessions that have had less than
    their share are still answered.

    Used in the server's event loop alone, so nothing is locked.
    """

    def __init__(self, limits: Limits = LIMITS):
        self._limits = limits
        self._left: dict[str, tuple[float, float]] = {}  # tokens, and when; the oldest first
        self._had: dict[str, Counter[str]] = {}  # by account and session, in this window
        self._window = 0

    def take(self, address: str, session: str | None = None, size: int = 0) -> None:
        """The tokens for a request with a body of this size. `session` is one that the server
        knows: it could be made up otherwise. Raises Refused if none is left."""
        account, cost = network_of(address), 1 + size // PIECE
        had = self._had_at(account)
        left = self._at(account)
        if left >= 1:
            self._put(account, left - cost)
        elif session is None or had[session] + cost > self._share(had):
            raise Refused(429, both("requests_many"))
        if session is not None:
            had[session] += cost

    def _share(self, had: Counter[str]) -> float:
        return self._limits.posts_a_second * WINDOW_S / max(1, len(had))

    def _had_at(self, account: str) -> Counter[str]:
        if self._window != (window := int(time.monotonic() // WINDOW_S)):
            self._window = window
            self._had.clear()
        return self._had.setdefault(account, Counter())

    def _at(self, account: str) -> float:
        most = float(self._limits.posts_at_once)
        left, when = self._left.get(account, (most, 0.0))
        return min(most, left + (time.monotonic() - when) * self._limits.posts_a_second)

    def _put(self, account: str, left: float) -> None:
        self._left.pop(account, None)
        self._left[account] = (left, time.monotonic())
        # as good as new; so is this one, if the process was held up after the line above
        while (
            self._left and self._at(first := next(iter(self._left))) >= self._limits.posts_at_once
        ):
            del self._left[first]
