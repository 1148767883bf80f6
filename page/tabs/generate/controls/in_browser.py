"""Draw and compare where the visitor is: a button beside the one that asks the server, for the
model that browsers can draw with. Scripts do it all, and the server sees no request."""

import json
from typing import Any

import gradio as gr
from gradio.components import Component

from page.in_browser import files
from page.models.registry import SETTINGS, drawn_in_browser, walker
from page.models.request import ANY
from page.server.listeners.pools import PRIVATE
from page.tabs.generate.controls.controls import Controls
from page.texts import text
from page.widgets.run_buttons import busy, idle

READS = ("label", "steps", "seed")  # settings of a run there; of a drawing, the count too
# the functions are in page/scripts/here.js
DRAW = "(...values) => drawHere({}, values)"
COMPARE = "(axis, across, ...values) => compareHere({}, axis, across, values)"
VISIBLE = "(...values) => ({{ __type__: 'update', visible: {} }})"


def button(place: str) -> gr.Button:
    return gr.Button(text(f"{place}_go_here"), visible=False, elem_id=f"{place}-here")


def connect(
    here: gr.Button,
    stop: gr.Button,
    buttons: list[gr.Button],
    settings: Controls,
    downloads: list[gr.DownloadButton],
) -> None:
    """`buttons` are those that start a run, and Stop; `downloads` get the run's files."""
    reads = (*READS, "count")
    if how := _how(reads):
        values = settings.values
        asked: list[Component] = [values["model"], settings.start]
        offer = VISIBLE.format(f"isOfferedHere({json.dumps(how['model'])}, ...values)")
        gr.on([each.change for each in asked], None, asked, here, js=offer, **PRIVATE)
        given = [values[name] for name in reads]
        _run("generate", here, stop, buttons, DRAW.format(json.dumps(how)), given, downloads)


def connect_comparison(
    here: gr.Button,
    stop: gr.Button,
    buttons: list[gr.Button],
    axes: tuple[gr.Dropdown, gr.Dropdown],
    values: dict[str, Component],
    figures: gr.HTML,
) -> None:
    """`figures` are of what the server drew last: they go while something else is shown."""
    if how := _how(READS):
        how["axes"] = {"steps": how["few"], "label": [ANY, *range(len(how["classes"]))]}
        asked = [values["model"], *axes]
        offer = VISIBLE.format(f"isComparedHere({json.dumps(how)}, ...values)")
        gr.on([each.change for each in asked], None, asked, here, js=offer, **PRIVATE)
        for each, is_there in ((here, "false"), (buttons[0], "true")):
            each.click(None, None, figures, js=VISIBLE.format(is_there), **PRIVATE)
        given = [*axes, *(values[name] for name in READS)]
        _run("compare", here, stop, buttons, COMPARE.format(json.dumps(how)), given, [])


def _run(place: str, here, stop, buttons, js: str, given: list[Component], outputs: list) -> None:
    here.click(None, None, buttons, js=busy(buttons), **PRIVATE)
    run = here.click(None, given, outputs, js=js, **PRIVATE)
    run.then(None, None, buttons, js=idle(buttons), **PRIVATE)
    stop.click(None, js=f"() => stopHere('{place}')", **PRIVATE)


def _how(reads: tuple[str, ...]) -> dict[str, Any] | None:
    """For here.js: where its modules are, what the request has besides what is read, and what that
    may be. None without a model that browsers can draw with."""
    kind, exported = walker(), drawn_in_browser()
    if kind is None or exported is None:
        return None
    (sampler,) = kind.samplers
    fixed = {name: SETTINGS[name].default for name in ("guidance", "schedule")}
    return {
        **{"files": files.addresses(exported), "plain": fixed | {"sampler": sampler}},
        "ranges": {name: [SETTINGS[name].low, SETTINGS[name].high] for name in reads},
        **{"few": kind.few, "model": kind.name, "classes": kind.classes(None)},
    }
