"""Values from a visitor, checked where they come in.

Each check raises gr.Error, in both languages, which names the field and what it takes.
"""

from __future__ import annotations

from collections.abc import Collection

import gradio as gr

from tabs.texts import TEXTS, both

MAX_SEED = 2**31 - 1


def field(key: str) -> str:
    """What a field is called on the page, in both languages."""
    return " / ".join(dict.fromkeys(TEXTS[key]))


def check_whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise gr.Error(both("whole_range").format(name=name, low=low, high=high))


def check_number(name: str, value: object, low: float, high: float) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise gr.Error(both("number_range").format(name=name, low=low, high=high))


def check_choice(name: str, value: object, known: Collection[str]) -> None:
    if not isinstance(value, str) or value not in known:
        raise gr.Error(both("choice").format(name=name, known=", ".join(known)))


def check_choices(name: str, values: object, known: Collection[str]) -> None:
    """A list with nothing else in it, and nothing twice; it may be empty."""
    if not isinstance(values, list) or len(values) > len(known):
        raise gr.Error(both("choice").format(name=name, known=", ".join(known)))
    for value in values:
        check_choice(name, value, known)
