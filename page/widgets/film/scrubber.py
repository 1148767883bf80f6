"""A sampler's run as a film: x_t beside x̂_0, streamed once, then scrubbed without requests."""

from pathlib import Path

import gradio as gr
import torch
from PIL import Image
from torch import Tensor

import ddpm
from ddpm.figures import strip_places
from ddpm.figures.pictures import Frame
from page.compute.plain import Told
from page.widgets import data_uri
from page.widgets.instrument import BADGE, instrument

FRAME_S = 0.12  # seconds between frames: a browser shows about ten per second
MAX_FRAMES = 60  # per film; more steps don't make it better
MAX_IMAGES = 1280  # in all frames together: at most some 2 MB for the browser, whatever the request


class Film:
    """The states of a run, each with the network's guess; a long run is thinned out. It may have
    `parts` beside its frames, by name, each what a script shows.

    A frame is x_t before a step and the x̂_0 of that step; the last one is what the last step made,
    x_0 unless the run was cut short.
    """

    def __init__(self, x: Tensor, t: int, steps: int, **parts: dict):
        self.parts = parts
        count = min(MAX_FRAMES, steps + 1, max(2, MAX_IMAGES // len(x)))
        self.kept = {round(k * steps / (count - 1)) for k in range(count)}
        self.in_strip = {*strip_places(steps)}
        self.steps = steps
        self.nrow = data_uri.columns(len(x))
        self.x = x  # the newest state, not yet seen by the network
        self.pictures: list[Image.Image] = []  # of the x_t, for a GIF
        self.frames: list[dict] = []
        self.strip: list[Frame] = []  # fewer, for a figure
        self._keep(0, t, torch.zeros_like(x))  # shown at once; the guess follows

    def add(self, step: ddpm.Step, cut: bool = False) -> None:
        """`cut`: the run ends with this step, whatever was planned."""
        if isinstance(step, Told):
            self.x = step.before  # a stage begins with noise of its own
            for name, news in step.tell().items():
                self.parts[name] |= news
        if step.i == 0:
            # again: a sampler may begin below the last t, and of a picture there was no x_T yet
            self.frames.clear()
            self.pictures.clear()
            self._keep(0, step.t, step.x_start)
        elif step.i in self.kept:
            self._keep(step.i, step.t, step.x_start)
        if step.i in self.in_strip:
            self.strip.append((step.t, self.x, step.x_start))
        self.x = step.x
        if cut or step.i + 1 == self.steps:
            self._keep(step.i + 1, None, step.x_start)
            self.strip.append((None, step.x, step.x_start))

    def value(self, **progress) -> dict:
        """The value of `view`. Gradio sends only what is new since the last update."""
        film = {"frames": list(self.frames), "planned": len(self.kept), "steps": self.steps}
        return film | self.more() | progress

    def more(self) -> dict:
        """The parts as they are now."""
        return {name: dict(part) for name, part in self.parts.items()}

    def _keep(self, step: int, t: int | None, x_start: Tensor) -> None:
        self.pictures.append(ddpm.to_pil(ddpm.make_grid(self.x, self.nrow)))
        x = data_uri.grid_uri(self.x)
        # most end with x̂_0
        guess = x if torch.equal(self.x, x_start) else data_uri.grid_uri(x_start)
        self.frames.append({"step": step, "t": t, "x": x, "x_start": guess})


def view(elem_id: str) -> gr.HTML:
    """Shows `Film.value(began=, calls=, doubled=, by_classifier=, by_worse=, seconds=, device=)`,
    where `began` identifies the run; with `left`, in seconds, once there is an estimate, with
    `schedule` if the model learned under another, with `interval` if guidance acts at some times
    only, with `ahead` and `expected` while it waits, `stopping` once Stop is pressed, and `ended`:
    done, stopped, out_of_time, or left (the line). Until then it shows the film in its property
    `opening`, for which it triggers the event `opened`. Of a run of two stages, `more` has what
    stages.js shows; of DALL·E 2's way, what proposal.js does."""
    return instrument(
        Path(__file__),
        value={"frames": []},
        opening=None,
        parts=("stages.js", "stages.css", "proposal.js", "proposal.css", *BADGE),
        elem_id=elem_id,
    )
