"""What the notebook's β range does to samples: two rows from the same noise, and their classes.

Both rows come from the exact denoiser, so only the range differs.
"""

from functools import cache
from pathlib import Path

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.data import USUAL
from ddpm.data.images import to_float
from ddpm.diffusion.ideal import exact_denoiser, nearest
from ddpm.schedules import has_beta_range
from page.compute import COMPUTE
from page.server import event_log
from page.server.listeners.pools import LIVE
from page.tabs.noise.settings import check, half_typed
from page.texts import Refusal
from page.widgets import data_uri
from page.widgets.instrument import instrument

CLASSES = len(USUAL.classes)
LINE = {"concurrency_id": "mismatch", "concurrency_limit": 2}
RANGES = "notebook", "rescaled"  # of β
# of this view and of exact.py's, with room for Gradio's spinner while they are empty
BARS = {"parts": ("class_bars.js", "class_bars.css"), "min_height": 56}
KNOWN_PER_CLASS = 100  # pictures of each class in the denoiser's data set
SAMPLES, SHOWN = 200, 40  # drawn and counted; shown
# Above this √ᾱ_T, x_T shows the picture. Noise alone shifts the mean of a 28 × 28 picture by
# 1/28 ≈ 0.036, which should hide √ᾱ_T times the picture's own mean, at most 1.
NOISE_ENOUGH = 0.05
SHOW_VIEW = """(...inputs) => {
    document.querySelector("#mismatch-view").scrollIntoView({ block: "nearest" });
    return inputs;
}"""
STEPS = 20  # more change nothing: each sample is already one of the known pictures


def signal_left(schedule: ddpm.Schedule) -> float:
    """√ᾱ_T, the weight of the picture in x_T."""
    return schedule.sqrt_alphas_cumprod[-1].item()


def is_noise(schedule: ddpm.Schedule) -> bool:
    return signal_left(schedule) <= NOISE_ENOUGH


@cache
def known_pictures(per_class: int) -> tuple[Tensor, Tensor]:
    """The first pictures of each class (N, 1, 28, 28) in [-1, 1], and their labels."""
    found = USUAL.load("train", "shipped")
    chosen = torch.cat([(found.labels == k).nonzero()[:per_class, 0] for k in range(CLASSES)])
    return to_float(found.images[chosen]), found.labels[chosen]


def samples(schedule: ddpm.Schedule, seed: int) -> tuple[Tensor, list[float]]:
    """Samples (SAMPLES, 1, 28, 28) from N(0, I) with DDIM, and the share of each class.

    A sample's class is that of the nearest known picture.
    """
    data, labels = known_pictures(KNOWN_PER_CLASS)
    steps = min(STEPS, schedule.T)
    model = exact_denoiser(schedule, data)
    x = ddpm.sample(model, SAMPLES, sampler="ddim", steps=steps, spacing="trailing", seed=seed)
    counts = labels[nearest(x, data)].bincount(minlength=CLASSES)
    return x, (counts / SAMPLES).tolist()


def compare(T: int, schedules: list[str], seed: int) -> dict:
    """For mismatch.js: the notebook's range beside the rescaled one.

    Uses the first chosen schedule with a range, or the first if none has one.
    """
    check(T=T, seed=seed, schedules=schedules)
    if not schedules:
        raise Refusal("noise_none")
    name = next((name for name in schedules if has_beta_range(name)), schedules[0])
    if not has_beta_range(name):
        why = "no_range"
    elif is_noise(_schedule("notebook", name, T)):
        why = "same"
    else:
        why = "differ"
    with event_log.entry("mismatch", T=T, schedule=name, seed=seed):
        rows = [COMPUTE.run(_row, beta_range, name, T, seed) for beta_range in RANGES]
    return {"T": T, "schedule": name, "why": why, "classes": USUAL.classes, "rows": rows}


def _schedule(beta_range: str, name: str, T: int) -> ddpm.Schedule:
    return ddpm.Schedule.named(name, T, rescale=beta_range == "rescaled")


def _row(beta_range: str, name: str, T: int, seed: int) -> dict:
    schedule = _schedule(beta_range, name, T)
    x, shares = samples(schedule, seed)
    return {
        "range": beta_range,
        "left": signal_left(schedule),
        "is_noise": is_noise(schedule),
        "picture": data_uri.grid_uri(x[:SHOWN], 10),
        "shares": shares,
    }


def follow(is_shown: bool, T: int | None, schedules: list[str], seed: int | None):
    """No update before the first click, or while a field is being edited."""
    if not is_shown or seed is None or half_typed(T):
        return gr.skip()
    return compare(T, schedules, seed)


def build(go: gr.Button, T: gr.Slider, schedules: gr.CheckboxGroup, seed: gr.Number) -> None:
    """The comparison that the button `go` opens, and that then follows the settings."""
    view = instrument(Path(__file__), **BARS, elem_id="mismatch-view")
    is_shown = gr.State(False)
    settings = [T, schedules, seed]
    go.click(
        lambda *values: (compare(*values), True),
        settings,
        [view, is_shown],
        js=SHOW_VIEW,
        preprocess=False,
        api_visibility="private",
        **LINE,
    )
    gr.on([each.change for each in settings], follow, [is_shown, *settings], view, **LIVE, **LINE)
