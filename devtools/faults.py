"""What a process that computes may do wrong, and what it does in the meantime for others."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PIECE = 20_000_000  # bytes


def counts(closed: Path | None = None) -> Iterator[int]:
    """0, 1, 2 …; and a file once it is closed."""
    try:
        yield from itertools.count()
    finally:
        if closed:
            closed.touch()


def allocates() -> Iterator[int]:
    """Never has enough."""
    pieces = []
    while True:
        pieces.append(b"x" * PIECE)
        if len(pieces) < 2:
            yield len(pieces)


def hangs() -> Iterator[int]:
    """Returns once."""
    yield 1
    time.sleep(10_000)


def fails(error: Exception) -> Iterator[int]:
    yield 1
    raise error


def poisoned(batches: Callable[..., Iterator]) -> Callable[..., Iterator]:
    """The same batches, but for the fifth: it is not finite."""

    def made(*args, **kwargs) -> Iterator:
        for k, (x, labels) in enumerate(batches(*args, **kwargs)):
            yield (x * float("nan") if k == 4 else x), labels

    return made
