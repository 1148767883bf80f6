"""What a reload of the page brings back, values of controls and runs: page/scripts/visit.js stores
it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from page.server.listeners.pools import quick
from page.server.reconnecting import lasting
from page.widgets.run_buttons import idle

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
NO_UPDATE = "{ __type__: 'update' }"


def keep(key: str, controls: list[Component], file: gr.Textbox | None = None) -> None:
    """Keep the values of these controls. `file` gets the path of the first one's file when it comes
    back: its `change` can then do with the file what a new one would have done.
    """
    changes = [control.change for control in controls if hasattr(control, "change")]
    if changes:
        gr.on(changes, None, controls, js=f"(...values) => remember('{key}', values)", **PRIVATE)
    # no trigger: runs when the page opens
    gr.on(
        None,
        None,
        None,
        [*controls, file] if file else controls,
        js=f"() => recallValues('{key}')",
        **PRIVATE,
    )


def came_back() -> gr.Textbox:
    """A field that nobody sees."""
    return gr.Textbox(visible="hidden")


def find_again(
    kind: str, secret: gr.Textbox, outputs: list[Component], buttons: list[gr.Button]
) -> Dependency:
    """After a reload, go on showing a run of this kind in `outputs`. `secret` is filled in by its
    listener, see `lasting`; `buttons` are those that start it, and Stop. Returns the event.
    """

    def known(secret: str):
        return secret if lasting.is_known(kind, secret) else gr.skip()

    def switched(is_on: bool) -> list[gr.Button]:
        """With their names: in a tab that was never opened, an update without would drop them."""
        return [
            gr.Button(value=each.value, interactive=is_on == (each is not buttons[-1]))
            for each in buttons
        ]

    async def follow(visit: gr.Request, secret: str) -> AsyncIterator[list]:
        async with aclosing(lasting.follow(kind, visit, secret)) as updates:
            async for values in updates:
                yield [*values, *switched(False)]
        yield [*(gr.skip() for _ in outputs), *switched(True)]

    secret.change(None, secret, js=f"(secret) => remember('{kind}', secret)", **PRIVATE)
    kept = came_back()
    # no trigger: runs when the page opens
    gr.on(None, None, None, kept, js=f"() => recall('{kind}') || {NO_UPDATE}", **PRIVATE)
    there = came_back()  # its change alone touches the outputs: an empty update would harm a view
    kept.change(quick(known), kept, there, queue=False, **PRIVATE)  # that was never opened
    found = there.change(
        follow,
        there,
        [*outputs, *buttons],
        concurrency_limit=None,  # it takes no thread
        **PRIVATE,
    )
    found.failure(None, None, buttons, js=idle(buttons), **PRIVATE)
    found.then(None, js=f"() => remember('{kind}', '')", **PRIVATE)
    return found
