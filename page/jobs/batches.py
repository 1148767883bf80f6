"""Runs that began together and are done as one."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """A run's part of a batch, which it makes with others of the same key."""

    asked: Any
    draw: Callable[[list[Any]], Iterator[list]]  # what each asked -> steps, with a part for each
    key: object
    size: int  # pictures that the network sees in one call
    most: int  # of those, in all parts of a batch


@dataclass(frozen=True, eq=False)
class Batch:
    """Runs that began together, or one alone."""

    pictures: int  # that the network sees in one call; 0 if they have no parts


def readers(parts: Sequence[Part | None]) -> list[Iterator | None]:
    """By each run's part, its steps of the batch, to be read at its own pace; None for a run alone.

    Whoever comes to a step first computes it, and the others find it there. So nobody drives the
    batch: those who stop or leave just read no more of it, and the rest goes on. An error is
    raised for each.
    """
    together = [part for part in parts if part]
    if len(together) < 2:
        return [None] * len(parts)
    steps, link, lock = _steps_or_error(together), [None, None], threading.Lock()
    return [_read(steps, link, k, lock) for k in range(len(together))]


def _steps_or_error(parts: Sequence[Part]) -> Iterator[list | Exception]:
    try:
        yield from parts[0].draw([part.asked for part in parts])
    except Exception as error:
        yield error


def _read(steps: Iterator[list | Exception], link: list, k: int, lock: threading.Lock) -> Iterator:
    """Link by link, a step and the next link, from where all began; what all have passed is freed.
    (`itertools.tee` keeps up to 57 steps longer.)"""
    while True:
        with lock:
            if link[1] is None:  # nobody has come here yet
                link[:] = next(steps, None), [None, None]
        step, link = link
        if step is None:
            return
        if isinstance(step, Exception):
            raise step
        yield step[k]
