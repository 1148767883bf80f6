"""Points, in the Generate tab: what a link to it may say, and the program that does the same. All
else is done in the visitor's browser, by page/widgets/points."""

from dataclasses import dataclass

import gradio as gr

from ddpm.settings import like, setting, settings_of
from page.models.registry import Request
from page.models.request import TAB
from page.server.listeners.validation import check
from page.texts import text
from page.widgets.links import OPENINGS, Linked, Values
from page.widgets.points import points

PLACE = "points"
CLOUDS = ("moons", "spiral", "checkerboard", "gaussians")
WAYS = ("diffusion", "flow", "reflow")
MOST_CALLS = 1000


@dataclass(frozen=True)
class InPlane:
    """gr.Error names a value that is wrong. What was drawn by hand or learned is in no link."""

    cloud: str = setting("moons", "the shape of the cloud", choices=CLOUDS)
    way: str = setting("diffusion", "how to get from noise to it", choices=WAYS)
    schedule: str = setting(
        "cosine", "the noise schedule of diffusion", choices="schedules.SCHEDULES",
        form="schedules.text_form.is_drawn",
    )  # fmt: skip
    sampler: str = setting("ddim", "the sampler of diffusion", choices="sampling.samplers.SAMPLERS")
    calls: int = setting(20, "calls of the denoiser", low=1, high=MOST_CALLS)
    guide: str = setting("none", "what guides", choices=("none", "class", "worse"))
    label: int = setting(0, "the class that guides", low=0, high=7)
    scale: float = setting(2.0, "of guidance", low=0, high=5)
    seed: int = like(Request, "seed")

    def __post_init__(self):
        check(self, PLACE)


LINKED = Linked(PLACE, settings_of(InPlane), TAB, PLACE)


def updates(values: Values) -> list[gr.HTML]:
    """Of the view, which may never have been opened."""
    return [gr.HTML(**points.backward_props(values, next(OPENINGS)))]


def build() -> tuple[gr.Tab, gr.HTML]:
    """Its tab, among the views of Generate, and what is in it."""
    with gr.Tab(text("points_tab"), id=PLACE, elem_id="points-tab") as tab:
        gr.Markdown(text("plane_intro"), elem_classes="intro")
        view = points.backward("points-backward")
    return tab, view
