"""A whole number on a logarithmic scale: a slider through round values, beside a box for any."""

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument


def log_slider(setting: Setting, stops: list[int], *, label: str) -> gr.HTML:
    """A control for `setting`; its value is the number, or None while the box is empty.

    `label` is the text key of its name, and with dashes its elem_id.
    """
    return instrument(
        Path(__file__),
        value=setting.default,
        elem_id=label.replace("_", "-"),
        elem_classes="block",
        parts=("../slider.css",),
        **slider_props(setting, label, stops=stops),
    )


def slider_props(setting: Setting, label: str, **more) -> dict:
    """What a slider's script is given. An update must have all of it: a slider that Gradio has
    taken off the page comes back with the props of its last update alone.
    """
    return {"low": setting.low, "high": setting.high, "named": label} | more
