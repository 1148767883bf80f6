"""Draw where the visitor is: a button beside the one that asks the server, for the model that
browsers can draw with. Scripts do it all, and the server sees no request."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
from gradio.components import Component

from page.in_browser import files
from page.models.base import Model
from page.models.registry import SETTINGS, drawn_in_browser, walker
from page.tabs.generate.controls.controls import Controls
from page.texts import text
from page.widgets.run_buttons import busy, idle

READS = ("label", "count", "steps", "seed")  # settings of a run there
HIDDEN = {"show_progress": "hidden", "api_visibility": "private"}
# the functions are in page/scripts/here.js
OFFER = "(model, start) => ({{ __type__: 'update', visible: isOfferedHere({name}, model, start) }})"
DRAW = "(...values) => drawHere({how}, values)"


def button() -> gr.Button:
    return gr.Button(text("generate_go_here"), visible=False, elem_id="generate-here")


def connect(
    here: gr.Button,
    stop: gr.Button,
    buttons: list[gr.Button],
    settings: Controls,
    downloads: list[gr.DownloadButton],
) -> None:
    """`buttons` are those that start a run, and Stop; `downloads` get the run's files."""
    kind, exported = walker(), drawn_in_browser()
    if kind is None or exported is None:
        return
    values = settings.values
    asked: list[Component] = [values["model"], settings.start]
    offer = OFFER.format(name=json.dumps(kind.name))
    gr.on([each.change for each in asked], None, asked, here, js=offer, **HIDDEN)
    here.click(None, None, buttons, js=busy(buttons), **HIDDEN)
    how = json.dumps(_how(files.addresses(exported), kind))
    given = [values[name] for name in READS]
    run = here.click(None, given, downloads, js=DRAW.format(how=how), **HIDDEN)
    run.then(None, None, buttons, js=idle(buttons), **HIDDEN)
    stop.click(None, js="() => stopHere()", **HIDDEN)


def _how(addresses: dict[str, str], kind: Model) -> dict[str, Any]:
    """For drawHere: where its modules are, what the request has besides what is read, what that may
    be, and the names of model and classes."""
    (sampler,) = kind.samplers
    fixed = {name: SETTINGS[name].default for name in ("guidance", "schedule")}
    ranges = {name: [SETTINGS[name].low, SETTINGS[name].high] for name in READS}
    plain = fixed | {"sampler": sampler}
    named = {"model": kind.name, "classes": kind.classes(None)}
    return {"files": addresses, "ranges": ranges, "few": kind.few, "plain": plain} | named
