"""Makes the component for a setting from its declaration.

By convention its elem_id is `tab-name`, and its text keys are `tab_name` for the label,
`tab_name_info`, and `tab_name_choice` for each choice; label and choices may omit the tab. What a
choice is good for, in a line, is under its key and `_for`.
"""

import json

import gradio as gr
from gradio.components import Component

from ddpm.settings import Setting
from page.server.listeners.pools import PRIVATE
from page.texts import TEXTS, key_of, text

FEW = 6  # choices shown side by side; more go into a dropdown


def control(tab: str, setting: Setting, *, grows: bool = False, **more) -> Component:
    """`more` adds or overrides arguments of the component: value, choices, render, …; choices that
    may become more, however few they are, go into a dropdown."""
    key = key_of(tab, setting.name)
    arguments = {
        "value": list(setting.default) if setting.many else setting.default,
        "label": text(key),
        "elem_id": f"{tab}-{setting.name}".replace("_", "-"),
    }
    if (info := f"{tab}_{setting.name}_info") in TEXTS:
        arguments["info"] = text(info)
    if setting.choices is not None and "choices" not in more:
        arguments["choices"] = named_choices(tab, setting)
    if lines := good_for(tab, setting):
        arguments["info"] = lines[more.get("value", setting.default)]
    return _component(setting, arguments | more, grows)


def named_choices(tab: str, setting: Setting) -> list[tuple]:
    """A setting's choices as (label, value)."""
    singular = setting.name.removesuffix("s") if setting.many else setting.name
    return [(text(key_of(tab, f"{singular}_{value}")), value) for value in setting.choices]


def good_for(tab: str, setting: Setting) -> dict:
    """What each choice is good for, by value, of those that have such a line."""
    keys = {each: f"{key_of(tab, f'{setting.name}_{each}')}_for" for each in setting.choices or ()}
    return {value: text(key) for value, key in keys.items() if key in TEXTS}


def say_good_for(component: Component, tab: str, setting: Setting) -> None:
    """Below the control's name stands the line of what is chosen."""
    by_value = json.dumps({value: str(line) for value, line in good_for(tab, setting).items()})
    js = f"(value) => ({{ __type__: 'update', info: {by_value}[value] ?? '' }})"
    component.change(None, component, component, js=js, **PRIVATE)


def _component(setting: Setting, arguments: dict, grows: bool) -> Component:
    if "choices" in arguments:
        if setting.many:
            return gr.CheckboxGroup(**arguments)
        is_short = len(arguments["choices"]) <= FEW and not grows
        return (gr.Radio if is_short else gr.Dropdown)(**arguments)
    if setting.kind is bool:
        return gr.Checkbox(**arguments)
    if setting.most is not None:
        return gr.Textbox(max_length=setting.most, **arguments)
    precision = 0 if setting.kind is int else None
    limits = {"minimum": setting.low, "maximum": setting.high, "precision": precision}
    if setting.step is None:
        return gr.Number(**limits, **arguments)
    return gr.Slider(**limits, step=setting.step, **arguments)
