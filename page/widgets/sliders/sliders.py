"""Two sliders that Gradio doesn't have: through round values of a logarithmic scale, beside a box
for any; and with two handles on one axis."""

from pathlib import Path

import gradio as gr

from ddpm.settings import Setting
from page.widgets.instrument import instrument

HERE = Path(__file__).parent


def log_slider(setting: Setting, stops: list[int], *, label: str) -> gr.HTML:
    """A control for `setting`; its value is the number, or None while the box is empty.

    `label` is the text key of its name, and with dashes its elem_id.
    """
    return _slider("log_slider", setting.default, label, slider_props(setting, label, stops=stops))


def range_slider(setting: Setting, *, label: str, **more) -> gr.HTML:
    """A control for `setting`, a pair (low, high); its value is a list of two whole numbers.

    `label` as for `log_slider`; the keys of its handles, ends and explanation begin with it.
    """
    assert isinstance(setting.default, tuple)
    return _slider("range_slider", [*setting.default], label, slider_props(setting, label) | more)


def _slider(name: str, value: object, label: str, arguments: dict) -> gr.HTML:
    return instrument(
        HERE / name,
        value=value,
        elem_id=label.replace("_", "-"),
        elem_classes="block",
        parts=("slider.css",),
        **arguments,
    )


def slider_props(setting: Setting, label: str, **more) -> dict:
    """What a slider's script is given. An update must have all of it: a slider that Gradio has
    taken off the page comes back with the props of its last update alone.
    """
    return {"low": setting.low, "high": setting.high, "named": label} | more
