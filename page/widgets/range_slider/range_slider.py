"""Two handles on one axis, for a setting that is a pair (low, high)."""

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument
from page.widgets.log_slider.log_slider import slider_props


def range_slider(setting: Setting, *, label: str, **more) -> gr.HTML:
    """A control for `setting`; its value is a list of two whole numbers.

    `label` is the text key of its name, and with dashes its elem_id. The keys of its handles, its
    ends and its explanation begin with it.
    """
    assert isinstance(setting.default, tuple)
    return instrument(
        Path(__file__),
        value=[*setting.default],
        elem_id=label.replace("_", "-"),
        elem_classes="block",
        parts=("../slider.css",),
        **slider_props(setting, label),
        **more,
    )
