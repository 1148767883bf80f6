"""What each address has of the server: bytes on disk, and requests.

An address is one visitor or a whole school, and a customer of an IPv6 provider has thousands: those
of a /48 have one account. Nothing is refused as long as something older can go. What goes is of the
account that has the most, and there of the session that has the most, so that whoever takes much
loses their own. A byte counts for less the longer it took to make: an hour has only so many
seconds, so a model that took a minute outlives any number that took a second.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from page.server.limits import LIMITS, Limits
from page.server.refusal import Refused
from page.server.visitors.shares import network_of
from page.texts import both

FRESH_S = 60.0  # an upload sent or opened since then is in use
WINDOW_S = 10  # for which a session's share of the requests is reckoned
PIECE = 4096  # bytes of a body that cost another token


Pile = tuple[str, Hashable]  # what an owner keeps, usually a session: by account and owner


@dataclass
class _Kept:
    size: int
    weight: float
    used: float


class Ledger:
    """What visitors keep of one kind. `delete` is called for what goes; an owner may have
    `of_owner` things, an address `of_address` bytes, all together `of_all`."""

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
        self._piles: dict[Pile, dict[Hashable, _Kept]] = {}  # each the least recently used first
        self._bytes: Counter[str] = Counter()  # of each account, with what is arriving
        self._weights: defaultdict[str | Pile, float] = defaultdict(float)  # and of each pile
        self._total = 0
        # a well-known file is kept, and charged, once for each who sent it
        self._holders: defaultdict[Hashable, set[Pile]] = defaultdict(set)
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
        pile = account, _ = network_of(address), owner
        with self._lock:
            self._take_out(pile, key)  # the same, sent again
            kept = self._piles.setdefault(pile, {})
            kept[key] = new = _Kept(size, size / (1 + work), time.monotonic())
            self._holders[key].add(pile)
            self._count(account, size, new.weight)
            self._weights[pile] += new.weight
            while self._of_owner and len(kept) > self._of_owner:
                self._remove(pile, next(iter(kept)))
            fits = self._make_room(account, fresh_s, key)
            if not fits:
                self._remove(pile, key)
        return fits

    def used(self, key: Hashable) -> None:
        """Note that something is in use."""
        with self._lock:
            for pile in self._holders.get(key, ()):
                kept = self._piles[pile]
                kept[key] = found = kept.pop(key)
                found.used = time.monotonic()

    def remove(self, key: Hashable) -> None:
        """Delete something, whoever has it."""
        with self._lock:
            for pile in list(self._holders.get(key, ())):
                self._remove(pile, key)

    def items(self) -> list[tuple[Any, Any]]:
        """Everything, each with an owner."""
        with self._lock:
            return [(key, owner) for key, ((_, owner), *_) in self._holders.items()]

    def bytes_of(self, address: str) -> int:
        return self._bytes[network_of(address)]

    def _make_room(self, own: str, fresh_s: float, new: Hashable = None) -> bool:
        """Delete until all is within its limits, but not the new one. With `fresh_s`, False if the
        account that needs the room has the most, and is using it."""
        until = time.monotonic() - fresh_s
        while (full := self._bytes[own] > self._of_address) or self._total > self._of_all:
            piles = [
                pile
                for pile, kept in self._piles.items()
                if len(kept) > (new in kept) and (pile[0] == own or not full)
            ]
            if not piles:
                return not fresh_s  # the new one alone is more than all may have
            pile = max(piles, key=lambda each: (self._weights[each[0]], self._weights[each]))
            first = next(key for key in self._piles[pile] if key != new)
            if pile[0] == own:
                in_use = self._piles[pile][first].used > until
            else:  # its own has nothing besides what arrives
                in_use = self._weights[own] > self._weights[pile[0]]
            if fresh_s and in_use:
                return False
            self._remove(pile, first)
        return True

    def _remove(self, pile: Pile, key: Hashable) -> None:
        self._take_out(pile, key)
        if key not in self._holders:
            self._delete(key)

    def _take_out(self, pile: Pile, key: Hashable) -> None:
        if (gone := self._piles.get(pile, {}).pop(key, None)) is None:
            return
        self._holders[key].remove(pile)
        if not self._holders[key]:
            del self._holders[key]
        self._count(pile[0], -gone.size, -gone.weight)
        self._weights[pile] -= gone.weight
        if not self._piles[pile]:
            del self._piles[pile], self._weights[pile]

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
        self._full: dict[str, float] = {}  # when each account's bucket will be full again
        self._had: defaultdict[str, Counter[str]] = defaultdict(Counter)  # see _begin_window
        self._window = 0

    def take(self, address: str, session: str | None = None, size: int = 0) -> None:
        """The tokens for a request with a body of this size. `session` is one that the server
        knows: it could be made up otherwise. Raises Refused if none is left."""
        account, cost, now = network_of(address), 1 + size // PIECE, time.monotonic()
        self._begin_window(now)
        had, rate = self._had[account], self._limits.posts_a_second
        full = max(now, self._full.get(account, now))
        if self._limits.posts_at_once - (full - now) * rate >= 1:
            self._full[account] = full + cost / rate
        elif session is None or had[session] + cost > rate * WINDOW_S / max(1, len(had)):
            raise Refused(429, both("requests_many"))
        if session is not None:
            had[session] += cost

    def _begin_window(self, now: float) -> None:
        """At the start of a window no session has had anything; full buckets are forgotten."""
        if self._window != (window := int(now // WINDOW_S)):
            self._window = window
            self._had.clear()
            self._full = {account: full for account, full in self._full.items() if full > now}
