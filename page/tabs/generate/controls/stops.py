"""What the Stop buttons do, and reach: the runs of one visit that are under way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from page.jobs import job
from page.server.listeners.pools import AT_ONCE, PRIVATE, quick

STOPPING = "(value) => ({ ...value, stopping: true })"  # said at once, before the server hears it


class Stops:
    """One kind of run, such as drawing, by visit."""

    def __init__(self):
        self._runs: set[tuple[str | None, threading.Event]] = set()

    @contextmanager
    def run(self, visit: gr.Request) -> Iterator[threading.Event]:
        """The event of a run that lasts as long as the block: set once it should end."""
        mine = visit.session_hash, threading.Event()
        self._runs.add(mine)
        try:
            yield mine[1]
        finally:
            self._runs.discard(mine)

    def ask(self, visit: gr.Request) -> None:
        """End this visit's runs after their current step, or take them out of the line."""
        asked = job.sessions(visit)
        for session, stop in list(self._runs):
            if session in asked:
                stop.set()

    def on(self, stop: gr.Button, view: gr.HTML) -> None:
        """Let the Stop button end the visit's runs, and `view` say so."""
        stop.click(None, view, view, js=STOPPING, **PRIVATE)
        stop.click(quick(self.ask), **AT_ONCE)
