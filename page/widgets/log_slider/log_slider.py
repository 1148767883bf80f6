"""A whole number on a logarithmic scale: a slider through round values, beside a box for any."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument


def log_slider(value: object, *, elem_id: str, **props) -> gr.HTML:
    """A control with the value and the `log_slider_props`; its value is the number, or None while
    the box is empty."""
    return instrument(
        Path(__file__),
        value=value,
        words=(props["named"],),
        elem_id=elem_id,
        elem_classes="block",
        **props,
    )


def log_slider_props(setting: Setting, stops: list[int], *, label: str) -> dict:
    """What the slider offers for `setting`; `label` is the text key of its name.

    An update must have all of it: once Gradio has taken the slider off the page, it comes back with
    those of the last update alone.
    """
    return {"low": setting.low, "high": setting.high, "stops": stops, "named": label}
