"""What starts and stops a run of this tab."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from gradio.events import Dependency

from page.jobs.job import job
from page.server.listeners.pools import AT_ONCE, PRIVATE, quick
from page.tabs.generate.controls.stops import Stops
from page.widgets.kept import begins, forget
from page.widgets.run_buttons import busy, idle

STOPPING = "(value) => ({ ...value, stopping: true })"  # said at once, before the server hears it


def run_on(
    kind: str,
    event: Callable,
    fn: Callable,
    inputs: list,
    outputs: list,
    buttons: list[gr.Button],
    **more,
) -> Dependency:
    """Start `fn`, which streams a run of this kind, on an event. `buttons` are the one that starts
    it, and Stop; the last of `inputs` is a field for the run's secret.

    Returns the run's event.
    """
    event(None, None, buttons, js=busy(buttons), api_visibility="private")
    run = event(
        job(kind, fn),
        inputs,
        outputs,
        js=begins(kind, buttons[0]),
        concurrency_limit=None,  # limited by run_queue
        preprocess=False,  # settings are checked with our own messages
        **PRIVATE,
        **more,
    )
    for ends in (run.then, run.failure):  # Gradio's `then` doesn't follow an error
        ends(None, None, buttons, js=idle(buttons), api_visibility="private")
    forget(kind, run)
    return run


def stop_on(stop: gr.Button, stops: Stops, view: gr.HTML) -> None:
    """Let the Stop button end the visit's runs, and `view` say so."""
    stop.click(None, view, view, js=STOPPING, api_visibility="private")
    stop.click(quick(stops.ask), **AT_ONCE)
