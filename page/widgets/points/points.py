"""Points in the plane in place of pictures. modules/ has what draws them, which a page fetches once
they are in sight, and page/in_browser/points their mathematics."""

from pathlib import Path

import gradio as gr

from page.in_browser import files
from page.widgets.instrument import instrument

HERE = Path(__file__).parent
PARTS = ("open.js", "points.css")


def forward(elem_id: str, *, view: str) -> gr.HTML:
    """A cloud that dissolves at the t of the Noise tab's view, which has this selector."""
    return instrument(
        HERE / "points_forward",
        script=files.address("points/modules/forward.js"),
        view=view,
        parts=(*PARTS, "../over_time.css"),
        min_height=56,
        elem_id=elem_id,
    )


def backward_props(settings: dict | None = None, linked: int = 0) -> dict:
    """What its script reads: the settings that a link names, if one does, and the link's number."""
    return {
        "value": {"settings": settings, "linked": linked},
        "script": files.address("points/modules/backward.js"),
    }


def backward(elem_id: str) -> gr.HTML:
    """Points that follow a sampler from noise to a cloud."""
    return instrument(HERE / "points_backward", **backward_props(), parts=PARTS, elem_id=elem_id)
