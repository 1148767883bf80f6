"""How much of the disk visitors' uploads may take: each address's, and all together.

An address is one visitor or a whole school, so nothing is refused as long as older files can go:
first those that nobody has used for a minute. Gradio deletes all of them within the hour.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.texts import both

FRESH_S = 60.0  # a file sent or opened since then is in use
BLOCK = 8192  # bytes of disk that a small file takes, with its folder


@dataclass
class _File:
    address: str
    size: int
    used: float


class Quotas:
    """The uploaded files, least recently used first."""

    def __init__(self):
        self._files: dict[Path, _File] = {}
        self._arriving: Counter[str] = Counter()  # bytes of unfinished uploads, by address
        self._lock = threading.Lock()

    @contextmanager
    def arriving(self, address: str, size: int) -> Iterator[None]:
        """Reserve room for a request of so many bytes. Raises Refused if there is none."""
        if size > LIMITS.bytes_at_address:
            raise Refused(413, both("uploads_large"))
        with self._lock:
            self._make_room(address, size)
            self._arriving[address] += size
        try:
            yield
        finally:
            with self._lock:
                self._arriving[address] -= size
                if not self._arriving[address]:
                    del self._arriving[address]

    def add(self, address: str, paths: Iterable[Path]) -> None:
        """Register files that have arrived. Raises Refused, and deletes those that are too many:
        their number is known only now."""
        now, refused = time.monotonic(), None
        with self._lock:
            count = sum(file.address == address for file in self._files.values())
            for path in paths:
                size = BLOCK + (path.stat().st_size if path.exists() else 0)
                known = self._files.pop(path, None)  # the same name and content, sent again
                self._files[path] = _File(known.address if known else address, size, now)
                count += known is None
                if count > LIMITS.files_at_address:
                    count -= 1
                    try:
                        self._delete_oldest(address, FRESH_S)
                    except Refused as error:
                        refused = error
                        self._delete(path)
        if refused:
            raise refused

    def opened(self, path: Path) -> None:
        """Note that a file is in use."""
        with self._lock:
            if known := self._files.pop(path, None):
                known.used = time.monotonic()
                self._files[path] = known

    def tidy(self) -> None:
        """Forget files that others have deleted."""
        with self._lock:
            for path in list(self._files):
                if not path.exists():
                    self._delete(path)

    def bytes_of(self, address: str) -> int:
        return self._bytes()[address]

    def _bytes(self) -> Counter[str]:
        """By address, with what is arriving."""
        sizes = self._arriving.copy()
        for file in self._files.values():
            sizes[file.address] += file.size
        return sizes

    def _make_room(self, address: str, size: int) -> None:
        sizes = self._bytes()
        files = Counter(file.address for file in self._files.values())
        sizes[address] += size
        while sizes[address] > LIMITS.bytes_at_address or files[address] >= LIMITS.files_at_address:
            files[address] -= 1
            sizes[address] -= self._delete_oldest(address, FRESH_S)
        while sizes.total() > LIMITS.bytes_of_all:
            ((most, _),) = sizes.most_common(1)
            sizes[most] -= self._delete_oldest(most, FRESH_S if most == address else 0.0)

    def _delete_oldest(self, address: str, unused_s: float) -> int:
        """Delete this address's file that was used longest ago, and return its size. Raises
        Refused if each was used within `unused_s` seconds."""
        until = time.monotonic() - unused_s
        for path, file in self._files.items():
            if file.address == address and file.used <= until:
                return self._delete(path)
        raise Refused(429, both("uploads_full"))

    def _delete(self, path: Path) -> int:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            path.parent.rmdir()  # Gradio makes one for each file; not if another name is in it
        return self._files.pop(path).size


QUOTAS = Quotas()
