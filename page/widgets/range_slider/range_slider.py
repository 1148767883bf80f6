"""Two handles on one axis, for a setting that is a pair (low, high)."""

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument


def range_slider(setting: Setting, *, label: str, elem_id: str, **more) -> gr.HTML:
    """A control for `setting`; its value is a list of two whole numbers.

    `label` is the text key of its name. Those of its handles, its ends and its explanation begin
    with it.
    """
    assert isinstance(setting.default, tuple)
    return instrument(
        Path(__file__),
        value=[*setting.default],
        elem_id=elem_id,
        elem_classes="block",
        parts=("../slider.css",),
        **range_slider_props(setting, label=label),
        **more,
    )


def range_slider_props(setting: Setting, *, label: str) -> dict:
    """What the script is given, in each update: see `log_slider_props`."""
    return {"low": setting.low, "high": setting.high, "named": label}
