"""Walk, in the Generate tab: pictures that change while a hand moves.

A model draws in two calls, fast enough to follow a hand. The corners of a pad are four noises or
four classes; the noise of the second call is the same everywhere, so that nothing else moves.
"""

import time
from dataclasses import asdict, dataclass

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.config import TrainConfig
from ddpm.sampling.sample import sample
from ddpm.settings import like, setting, settings_of
from ddpm.systems.run import noise_of
from page.compute import COMPUTE
from page.in_browser import files
from page.jobs.serial import Serial
from page.models.registry import Request, drawn_in_browser, walker
from page.models.request import ANY, MOST_CLASSES
from page.server.listeners.endpoints import OBJECT, Value, endpoint
from page.server.listeners.validation import check
from page.texts import Refusal, text
from page.widgets import data_uri
from page.widgets.links import Values
from page.widgets.walk import walk as instrument

TAB = "walk"
CORNERS = 4
SEED = settings_of(TrainConfig)["seed"]
REDRAWS = Serial("walk")
RETURNS = {
    "drawn": Value("picture: a PNG data URI, 28 pixels wide; seconds: that drawing it took", OBJECT)
}


@dataclass(frozen=True)
class Place:
    """Where on the pad, and what its corners are. gr.Error names a value that is wrong."""

    x: float = setting(0.5, "from the left edge of the pad to the right", low=0, high=1)
    y: float = setting(0.5, "from the top of the pad to the bottom", low=0, high=1)
    corners: str = setting(
        "noises", "what is mixed from corner to corner", choices=("noises", "classes")
    )
    label: int = like(Request, "label", low=ANY)
    classes: tuple[int, ...] = setting(
        (0, 3, 7, 9),
        "four classes: top left, top right, bottom left, bottom right",
        low=0,
        high=MOST_CLASSES - 1,
    )
    seed: int = like(
        TrainConfig, "seed", about="the corners' noises are those of seed to seed + 3, or all seed"
    )
    seeds: tuple[int, ...] = setting(
        (),
        "four seeds of the corners' noises; none for seed to seed + 3",
        low=SEED.low,
        high=SEED.high,
    )

    def __post_init__(self):
        check(self, TAB)
        if len(self.classes) != CORNERS:
            raise Refusal("walk_four")
        if len(self.seeds) not in (0, CORNERS):
            raise Refusal("walk_four_seeds")

    @property
    def weights(self) -> Tensor:
        """Of the corners, (4,): bilinear, so that they sum to 1."""
        across = torch.tensor([1 - self.x, self.x], dtype=torch.float32)
        down = torch.tensor([1 - self.y, self.y], dtype=torch.float32)
        return torch.outer(down, across).flatten()

    @property
    def sources(self) -> list[torch.Generator]:
        """Of the corners' noises."""
        return ddpm.generators(CORNERS, self.seeds or self.seed)


SETTINGS = settings_of(Place)


def seeds_from(seed: int) -> tuple[int, ...]:
    return tuple(min(seed + k, int(SEED.high or 0)) for k in range(CORNERS))


def place_of(values: Values) -> Place:
    """The place on the pad that a link names."""
    own = {name: value for name, value in values.items() if name in SETTINGS}
    classes = tuple(values[f"corner_{k}"] for k in range(CORNERS))
    seeds = tuple(values[f"seed_{k}"] for k in range(CORNERS))
    return Place(**own, classes=classes, seeds=() if seeds == seeds_from(own["seed"]) else seeds)


def names() -> tuple[str, ...]:
    """Of the classes that the corners may be."""
    kind = walker()
    assert kind is not None
    return kind.classes(None)


def mixed_noise(weights: Tensor, noises: Tensor) -> Tensor:
    """Σ w z / √Σ w² of noises (K, C, H, W): as normal as they are, (1, C, H, W)."""
    return (torch.einsum("k,k...->...", weights, noises) / weights.norm()).unsqueeze(0)


def mixed_classes(weights: Tensor, corners: tuple[int, ...], classes: int) -> Tensor:
    """The weight of each of the classes, (1, K): one that is in two corners has both weights."""
    return torch.zeros(classes).index_add(0, torch.tensor(corners), weights).unsqueeze(0)


def picture(place: Place) -> Tensor:
    """What the model draws there, (1, C, H, W)."""
    kind = walker()
    assert kind is not None
    system, calls = kind.load(None), kind.walk_calls
    noise, labels = None, None if place.label == ANY else place.label
    if place.corners == "classes":
        labels = mixed_classes(place.weights, place.classes, len(system.classes))
    else:
        noise = mixed_noise(place.weights, noise_of(system.model, place.sources))
    return sample(system, 1, labels=labels, noise=noise, steps=calls, seed=place.seed).cpu()


def redraw(place: Place) -> dict:
    begin = time.perf_counter()
    drawn = data_uri.picture_uri(ddpm.to_pil(picture(place)[0]))
    return {"picture": drawn, "seconds": round(time.perf_counter() - begin, 4)}


async def walk(visit: gr.Request, *values) -> dict:
    """Draw the picture at a place between four noises or four classes, in two network calls."""
    return await REDRAWS.run(visit, COMPUTE.run, redraw, Place(*values))


def in_browser() -> dict | None:
    """What its script draws with where the visitor is, if that is possible."""
    kind, exported = walker(), drawn_in_browser()
    if kind is None or exported is None:
        return None
    return {"files": files.addresses(exported), "calls": kind.walk_calls}


def build() -> gr.HTML:
    """The view, which is returned, and /walk, which its script asks for each picture."""
    gr.Markdown(text("walk_intro"), elem_classes="intro")
    view = instrument.view("walk-view", TAB, asdict(Place()), names(), in_browser())
    endpoint(walk, TAB, SETTINGS, RETURNS, queue=False)
    return view
