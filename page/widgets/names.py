"""Names of settings' values, as the page's scripts name them."""

import re
from collections.abc import Sequence
from typing import Any

from page.texts import TEXTS
from page.widgets.figure_menu.figure_menu import Choice


def schedule_name(text: str, choice: Choice) -> str:
    """Of a schedule by its text form; as common.js."""
    name, *parts = text.split("~")
    words = [choice.say(f"schedule_{name}")]
    for part in parts:
        if option := re.fullmatch(r"([a-z]\D*?)(?:_([\d.]+))?", part):  # the others are points
            words.append(choice.say(f"schedule_{option[1]}", value=option[2]))
    return choice.say("comma").join(words)


def class_name(label: int, choice: Choice, classes: Sequence[str]) -> str:
    key = {-1: "generate_any", -2: "class_each"}.get(label) or f"class_{classes[label]}"
    return choice.say(key) if key in TEXTS else classes[label]


def value_name(setting: str, value: Any, choice: Choice, classes: Sequence[str]) -> str:
    """As compare.js names what changes from row to row."""
    if setting == "label":
        return class_name(value, choice, classes)
    if setting == "schedule":
        return schedule_name(str(value), choice)
    if setting == "interval":
        return choice.say("compare_interval", low=value[0], high=value[1])
    prefix = {"model": "generate_model", "sampler": "sampler"}.get(setting, f"compare_{setting}")
    key = f"{prefix}_{value}"  # of a choice
    return choice.say(key) if key in TEXTS else choice.say(f"compare_{setting}", value=value)
