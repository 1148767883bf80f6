"""What a reload of the page brings back, values of controls and runs: page/scripts/visit.js stores
it."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from page.jobs import job
from page.server.listeners.pools import AT_ONCE, PRIVATE, quick
from page.widgets.run_buttons import at_end, busy, idle


def keep(key: str, controls: list[Component], file: gr.Textbox | None = None) -> None:
    """Keep the values of these controls. `file` gets the path of the first one's file when it comes
    back: its `change` can then do with the file what a new one would have done.
    """
    changes = [control.change for control in controls if hasattr(control, "change")]
    if changes:
        gr.on(changes, **remembering(key, controls))
    # no trigger: runs when the page opens
    back = [*controls, file] if file else controls
    gr.on(None, None, None, back, js=f"() => recallValues('{key}')", **PRIVATE)


def remembering(key: str, controls: list[Component]) -> dict[str, Any]:
    """Of an event after which the values of these controls are kept."""
    script = f"(...values) => remember('{key}', values)"
    return {"fn": None, "inputs": controls, "js": script, **PRIVATE}


def came_back() -> gr.Textbox:
    """A field that nobody sees."""
    return gr.Textbox(visible="hidden")


def run_on(
    kind: str,
    event: Callable,
    fn: Callable,
    inputs: list,
    outputs: list,
    buttons: list[gr.Button],
    **more,
) -> Dependency:
    """Start `fn`, which streams a run of this kind, on an event, as a click on the first of
    `buttons` does; the last one is Stop. The last of `inputs` is a field for the run's secret.

    Returns the run's event.
    """
    event(None, None, buttons, js=busy(buttons), **PRIVATE)  # first: listeners take turns
    usual = PRIVATE | {
        "js": f"(...values) => beginRun('{kind}', '#{buttons[0].elem_id}', values)",
        "concurrency_limit": None,  # limited by run_queue
        "preprocess": False,  # settings are checked with our own messages
    }
    run = event(job.job(kind, fn), inputs, outputs, **usual | more)
    at_end(run, buttons, idle(buttons))
    at_end(run, None, f"() => endRun('{kind}')")  # once the page has seen it
    return run


def find_again(
    kind: str, again: gr.Button, outputs: list[Component], buttons: list[gr.Button]
) -> Dependency:
    """After a reload, or when `again` is clicked, go on showing the page's run of this kind in
    `outputs`, see `job`; begin it again where nobody knows it. `buttons` are those that start it,
    and Stop. Returns the event."""

    def run(named: str | None) -> job.Job | None:
        return job.find(kind, str(named).partition(" ")[0])  # `runToFind` in visit.js

    def known(named: str | None) -> tuple:
        return (named, gr.skip()) if run(named) else (gr.skip(), named)

    def switched(is_on: bool) -> list[gr.Button]:
        """With their names: in a tab that was never opened, an update without would drop them."""
        return [
            gr.Button(value=each.value, interactive=is_on == (each is not buttons[-1]))
            for each in buttons
        ]

    async def follow(visit: gr.Request, named: str | None) -> AsyncIterator[list]:
        if found := run(named):
            # all values each time: a tab that was never opened loses what it gets only once
            async with aclosing(found.follow(visit.session_hash, repeats=True)) as updates:
                async for values in updates:
                    yield [*values, *switched(False)]
        yield [*(gr.skip() for _ in outputs), *switched(True)]

    kept = came_back()
    named = {"js": f"() => runToFind('{kind}')", **PRIVATE}
    gr.on(None, None, None, kept, **named)  # no trigger: runs when the page opens
    again.click(None, None, kept, **named)
    there, gone = came_back(), came_back()
    # the change of `there` alone touches the outputs: an empty update would harm a view that was
    # never opened
    kept.change(quick(known), kept, [there, gone], **AT_ONCE)
    gone.change(None, gone, js=f"(named) => beginAgain('{kind}', named.split(' ')[0])", **PRIVATE)
    found = there.change(
        follow,
        there,
        [*outputs, *buttons],
        api_name=f"follow_{kind}",
        concurrency_limit=None,  # it takes no thread
        trigger_mode="multiple",  # again, before the page knows that the last one was cut off
        **PRIVATE,
    )
    found.failure(None, None, buttons, js=idle(buttons), **PRIVATE)
    at_end(found, None, f"() => endRun('{kind}')")
    return found
