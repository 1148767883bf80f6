"""What the Stop buttons reach: the runs of one visit that are under way."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from page.jobs import job


class Stops:
    """One kind of run, such as drawing, by visit."""

    def __init__(self):
        self._runs: dict[str | None, set[threading.Event]] = defaultdict(set)

    @contextmanager
    def run(self, visit: gr.Request) -> Iterator[threading.Event]:
        """The event of a run that lasts as long as the block: set once it should end."""
        stop = threading.Event()
        self._runs[visit.session_hash].add(stop)
        try:
            yield stop
        finally:
            self._runs[visit.session_hash].discard(stop)
            if not self._runs[visit.session_hash]:
                del self._runs[visit.session_hash]

    def ask(self, visit: gr.Request) -> None:
        """End this visit's runs after their current step, or take them out of the line."""
        for session in job.sessions(visit):
            for stop in list(self._runs.get(session, ())):
                stop.set()
