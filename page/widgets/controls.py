"""The component that sets a setting, made from what the setting says of itself.

By convention its elem_id is `tab-name`, and its text keys are `tab_name` for the label,
`tab_name_info` and `tab_name_choice`; label and choices may stand without the tab.
"""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

from ddpm.settings import Setting
from page.texts import TEXTS, key_of, text

FEW = 6  # choices that stand side by side; more go into a list that unfolds


def control(tab: str, known: Setting, **more) -> Component:
    """`more` adds to the component's arguments, or replaces them: value, choices, render, …"""
    key = key_of(tab, known.name)
    arguments = {
        "value": list(known.default) if known.many else known.default,
        "label": text(key),
        "elem_id": f"{tab}-{known.name}".replace("_", "-"),
    }
    if (info := f"{tab}_{known.name}_info") in TEXTS:
        arguments["info"] = text(info)
    if known.choices is not None and "choices" not in more:
        arguments["choices"] = named_choices(tab, known)
    return _kind(known, arguments | more)


def named_choices(tab: str, known: Setting) -> list[tuple]:
    """Each choice of a setting, after its name on the page."""
    one = known.name.removesuffix("s") if known.many else known.name
    return [(text(key_of(tab, f"{one}_{value}")), value) for value in known.choices]


def _kind(known: Setting, arguments: dict) -> Component:
    if "choices" in arguments:
        if known.many:
            return gr.CheckboxGroup(**arguments)
        return (gr.Radio if len(arguments["choices"]) <= FEW else gr.Dropdown)(**arguments)
    if known.kind is bool:
        return gr.Checkbox(**arguments)
    precision = 0 if known.kind is int else None
    span = {"minimum": known.low, "maximum": known.high, "precision": precision}
    if known.step is None:
        return gr.Number(**span, **arguments)
    return gr.Slider(**span, step=known.step, **arguments)
