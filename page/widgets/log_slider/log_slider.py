"""A whole number on a logarithmic scale: a slider through round values, beside a box for any."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument


def log_slider(setting: Setting, stops: list[int], *, label: str, elem_id: str) -> gr.HTML:
    """A control for `setting`; its value is the number, or None while the box is empty.

    `label` is the text key of its name.
    """
    return instrument(
        Path(__file__),
        value=setting.default,
        low=setting.low,
        high=setting.high,
        stops=stops,
        named=label,
        words=(label,),
        elem_id=elem_id,
        elem_classes="block",
    )
