"""How long a run has taken, and how long it will still take."""

from __future__ import annotations

import time


class Progress:
    """A run's time, from the moment it begins."""

    def __init__(self):
        self._began: float | None = None
        self._reports: list[tuple[float, float]] = []  # the first and the newest: when, share done

    def begin(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since it began; 0 before."""
        return time.monotonic() - self._began if self._began else 0.0

    def report(self, done: float) -> None:
        """Note what share of it is done, for the estimate that those in line see."""
        self._reports[1:] = [(time.monotonic(), done)]

    def left_s(self, typical_s: float, budget_s: float) -> float:
        """Seconds to its end, at its pace since the first report; before, as long as is typical."""
        left = typical_s - self.seconds
        if len(self._reports) == 2:
            (since, first), (_, done) = self._reports
            if done > first:
                left = (time.monotonic() - since) / (done - first) * (1 - done)
        return max(0.0, min(left, budget_s - self.seconds))
