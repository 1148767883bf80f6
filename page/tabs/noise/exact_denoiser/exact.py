"""What a schedule alone does to samples: an exact denoiser draws under each of the chosen ones.

It makes no mistakes, so whatever is wrong with its samples comes from the schedule, or from too few
steps. The noise is the same for all schedules.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gradio as gr
import torch
from gradio.components import Component
from torch import Tensor

import ddpm
from ddpm.data import USUAL
from ddpm.diffusion.ideal import exact_denoiser, nearest
from ddpm.evaluation.neighbours import energy_distance
from ddpm.settings import Setting
from page.compute import COMPUTE
from page.server import event_log
from page.server.listeners.endpoints import OBJECT, Value, endpoint
from page.server.listeners.pools import AT_ONCE, LIVE, quick
from page.server.listeners.validation import check_setting
from page.tabs.noise.exact_denoiser.mismatch import BARS, CLASSES, known_pictures
from page.tabs.noise.forward import color_of, named_schedules
from page.tabs.noise.settings import SETTINGS, TAB, check, half_typed
from page.texts import Refusal, text
from page.widgets.instrument import instrument
from page.widgets.sliders.sliders import log_slider

SAMPLES = 400  # under each schedule
KNOWN_PER_CLASS = 30  # pictures of each class that the denoiser knows
STEPS = Setting("steps", int, "steps of the sampler, at most T", 20, low=1, high=200, step=1)
STOPS = [1, 2, 5, 10, 20, 50, 100, 200]  # of its slider
FAIR_DRAWS = 10  # sets of pictures from which the floor is measured
LINE = {"concurrency_id": "exact", "concurrency_limit": 2}
RETURNS = {
    "result": Value(
        "rows, one for each schedule, with the shares of the classes and the distance to the "
        "data: 0 if the samples are spread like the data, 1 if they have nothing in common; floor, "
        "the distance of as many fair draws; samples, how many each schedule has; both are null "
        "in rows that are still to come",
        OBJECT,
    )
}


@cache
def _points() -> tuple[Tensor, Tensor]:
    """The known pictures (N, 1, 1, N) in an orthonormal basis of what they span, and their labels.

    Noise is the same in every such basis, and where it leaves the span, it tells no two pictures
    apart: this denoiser draws what that of the pictures does, for a third of the work.
    """
    pictures, labels = known_pictures(KNOWN_PER_CLASS)
    flat = pictures.flatten(1)
    basis, _ = torch.linalg.qr(flat.T)
    return (flat @ basis)[:, None, None], labels


@cache
def _floor() -> float:
    """The distance between the data and as many fair draws as there are samples."""
    data = _points()[0].flatten(1)
    seed = torch.Generator().manual_seed(0)
    draws = [data[torch.randint(len(data), (SAMPLES,), generator=seed)] for _ in range(FAIR_DRAWS)]
    return sum(energy_distance(draw, data) for draw in draws) / FAIR_DRAWS


def samples(name: str, T: int, rescale: bool, steps: int, seed: int) -> dict:
    """The share of each class among SAMPLES samples, and their distance to the data."""
    schedule = ddpm.Schedule.named(name, T, rescale=rescale)
    data, labels = _points()
    x = ddpm.sample(
        exact_denoiser(schedule, data),
        SAMPLES,
        sampler="ddim",
        steps=min(steps, int((schedule.exact_alphas_cumprod > 0).sum())),
        spacing="trailing",
        clip=False,  # x̂_0 is a mean of pictures, and no coordinate here is a pixel
        seed=seed,
    )
    counts = labels[nearest(x, data)].bincount(minlength=CLASSES)
    distance = energy_distance(x.flatten(1), data.flatten(1))
    return {"shares": (counts / SAMPLES).tolist(), "distance": distance}


def draw(
    seed: int, T: int, schedules: list[str], notebook: bool, zero_terminal: bool, steps: int
) -> Iterator[dict]:
    """Draw with an exact denoiser of 300 garments under each schedule, one after the other.

    The denoiser makes no mistakes, so unequal shares and distance come from the schedule and the
    number of steps alone.
    """
    check(seed=seed)
    chosen = named_schedules(T, schedules, notebook, zero_terminal)
    check_setting(STEPS, steps, TAB)
    if not chosen:
        raise Refusal("noise_none")
    rows = [
        {"schedule": name, "color": color_of(name), "shares": None, "distance": None}
        for name in chosen
    ]
    common = {"T": T, "steps": steps, "samples": SAMPLES, "floor": COMPUTE.run(_floor)}
    common["classes"] = USUAL.classes
    asked = {"T": T, "schedules": schedules, "notebook": notebook, "seed": seed, "steps": steps}
    with event_log.entry("exact_denoiser", **asked, zero_terminal=zero_terminal):
        yield common | {"rows": rows}
        for k, name in enumerate(chosen):
            found = COMPUTE.run(samples, name, T, not notebook, steps, seed)
            rows = [*rows[:k], rows[k] | found, *rows[k + 1 :]]
            yield common | {"rows": rows}


def follow(is_open: bool, seed: int | None, T: int | None, *settings) -> Iterator:
    """No update while the fold is closed, or a field is being edited."""
    if not is_open or seed is None or half_typed(T) or settings[-1] is None:
        yield gr.skip()
    else:
        yield from draw(seed, T, *settings)


def build(controls: dict[str, Component], with_drawn: str) -> None:
    """The fold, which draws when it is opened and then follows the tab's controls.

    `with_drawn` is a script that adds the schedule drawn by hand to those that are chosen.
    """
    is_open = gr.State(False)
    with gr.Accordion(text("exact_title"), open=False, elem_id="noise-exact") as fold:
        gr.Markdown(text("exact_intro"), elem_classes="intro")
        steps = log_slider(STEPS, STOPS, label="noise_steps")
        view = instrument(Path(__file__), **BARS, elem_id="exact-view")
    settings = [*(controls[name] for name in SETTINGS), steps]
    common = LIVE | {"js": with_drawn}
    for event, now_open in ((fold.expand, True), (fold.collapse, False)):
        event(quick(lambda now_open=now_open: now_open), None, is_open, **AT_ONCE)
    fold.expand(draw, settings, view, **common, **LINE)
    following = {"inputs": [is_open, *settings], "outputs": view} | common | LINE
    gr.on([each.change for each in settings], follow, **following)
    view.redrawn(follow, **following)
    endpoint(draw, "exact_denoiser", SETTINGS | {"steps": STEPS}, RETURNS, **LINE)
