"""What a link to the Train tab says: a preset, and what differs from it."""

from dataclasses import asdict

import gradio as gr

from page.tabs.train.own_pictures import SOURCE
from page.tabs.train.recipe import DEFAULT, SETTINGS, TAB, Recipe
from page.widgets.drawn_schedule import offered
from page.widgets.links import Linked, Values


def _of_preset(values: Values) -> Values:
    filled_in = asdict(Recipe.of(str(values.get("preset", DEFAULT))))
    del filled_in["preset"]
    return filled_in


LINKED = Linked(TAB, SETTINGS | {"data": SOURCE}, TAB, changed_defaults=_of_preset)


def updates(values: Values) -> list:
    """Of the controls, in the order of the settings."""
    schedule = values["schedule"]
    chosen = gr.update(choices=offered(TAB, SETTINGS["schedule"], schedule), value=schedule)
    return [(values | {"schedule": chosen})[name] for name in LINKED.settings]
