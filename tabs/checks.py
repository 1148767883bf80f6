"""Numbers from a visitor, checked where they come in."""

from __future__ import annotations

import gradio as gr

from tabs.texts import both

MAX_SEED = 2**31 - 1


def check_whole(name: str, value: object, low: int, high: int) -> None:
    """gr.Error, which names the field and its range, unless value is a whole number in it."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise gr.Error(both("whole_range").format(name=name, low=low, high=high))
