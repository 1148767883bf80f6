"""A run's buttons: those that start it are off while it lasts, and Stop, the last one, is off
otherwise. Scripts whose outputs are those: no request is needed."""

from gradio.events import Dependency

from page.server.listeners.pools import PRIVATE

_SWITCH = """() => Array.from({{ length: {} }}, (_, k) =>
    ({{ __type__: 'update', interactive: (k < {} - 1) === {} }}))"""


def busy(buttons: list) -> str:
    return _SWITCH.format(len(buttons), len(buttons), "false")


def idle(buttons: list) -> str:
    return _SWITCH.format(len(buttons), len(buttons), "true")


def at_end(run: Dependency, outputs: object, js: str) -> None:
    """However it ends: Gradio's `then` doesn't follow an error."""
    for ends in (run.then, run.failure):
        ends(None, None, outputs, js=js, **PRIVATE)
