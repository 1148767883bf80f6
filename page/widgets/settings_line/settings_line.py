"""A tab's settings fold to one line, which says what differs from the usual: what a link to the
tab would name. It is the first thing in the column of settings; one_screen.css folds the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ddpm.figures.style import LANGUAGES
from ddpm.settings import Setting
from page.server.listeners.pools import FOLLOWS, quick
from page.texts import TEXTS, key_of, text
from page.widgets.figure_menu.figure_menu import Choice
from page.widgets.instrument import instrument
from page.widgets.links import Linked, Values
from page.widgets.names import class_name, schedule_name

Classes = Callable[[Values], Sequence[str]]  # that the model of these values knows


def line(*places: str) -> gr.HTML:
    """The line of a tab, in which these are the places with settings."""
    return instrument(
        Path(__file__),
        value={place: [] for place in places},
        elem_id=f"{places[0]}-settings-line",
        elem_classes="settings-line",
    )


def connect(
    view: gr.HTML,
    places: Sequence[Linked],
    column: Mapping[str, Component],
    beside: Mapping[str, Component] | None = None,
    classes: Classes = lambda values: (),
) -> None:
    """Keep the line true. `column` are the tab's settings, by name; `beside` is what stands
    elsewhere and decides which of them matter."""
    reads = {**column, **(beside or {})}

    def told(*given) -> gr.HTML:
        values = dict(zip(reads, given, strict=True))
        found = {each.place: differing(each, values, column, classes) for each in places}
        # with its language: Gradio shows what was hidden with the props of its last update alone
        return gr.HTML(found, label=text("language"))

    changes = [each.change for each in reads.values() if not isinstance(each, gr.State)]
    gr.on(changes, quick(told), list(reads.values()), view, **FOLLOWS)


def differing(
    linked: Linked, values: Values, among: Mapping[str, Any], classes: Classes
) -> list[list[str]]:
    """What differs from the usual, in English and in Chinese."""
    found, known = linked.differing(values), classes(values)
    return [
        [_said(linked.tab, linked.settings[name], found[name], known, each) for each in LANGUAGES]
        for name in among
        if name in found
    ]


def _said(tab: str, setting: Setting, value: Any, classes: Sequence[str], language: str) -> str:
    """A setting with its value, in few words."""
    say, name = Choice("", "", language).say, setting.name
    if setting.pair:
        return say(f"is_{name}", low=value[0], high=value[1])
    label = say(key_of(tab, name))
    if setting.kind is bool:
        return label
    values = value if setting.many else [value]
    if not values or value == "":
        return say("settings_line_none", name=label)
    shown = say("comma").join(_value(tab, name, each, classes, language) for each in values)
    if (key := key_of(tab, f"is_{name}")) in TEXTS:
        return say(key, value=shown)
    is_number = setting.kind is not str and name != "label"
    return f"{label} {shown}" if is_number else shown


def _value(tab: str, name: str, value: Any, classes: Sequence[str], language: str) -> str:
    choice = Choice("", "", language)
    if name == "label":
        return class_name(value, choice, classes) if value < len(classes) else str(value)
    if name.startswith("schedule"):
        return schedule_name(value, choice)
    short = f"{name}_{value}"
    keys = (f"is_{short}", f"compare_{short}", key_of(tab, short))
    return next((choice.say(key) for key in keys if key in TEXTS), str(value))
