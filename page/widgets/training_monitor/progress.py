"""The training monitor: samples from the same noise, the loss curve, and the run's numbers.

Python sends numbers and names; progress.js words them in the page's language.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.data.images import to_float
from ddpm.evaluation.frechet import features_and_logits, load_classifier
from ddpm.figures.curves import running_mean
from page.widgets import data_uri
from page.widgets.instrument import instrument

POINTS = 300  # points of a loss curve sent to the browser
SHOWN = 20  # pictures, of each class in turn
CALLS, GUIDANCE = 8, 2.0  # early in training, a network follows the class only with guidance
_classifier = cache(load_classifier)


def preview(model: ddpm.Denoiser, judge: Path | None = None) -> dict:
    """The model's pictures as a data URI, and how many the classifier of this file recognises (None
    without one). The noise is always the same, so only learning changes them."""
    classes = model.network.num_classes
    labels = None if classes is None else torch.arange(SHOWN) % classes
    calls = min(CALLS, model.schedule.T)
    x = ddpm.sample(
        model, SHOWN, labels=labels, sampler="dpm_solver", steps=calls, guidance=GUIDANCE
    )
    shown = {"picture": data_uri.grid_uri(x, 10)}
    if labels is None or judge is None:
        return shown | {"recognised": None}
    _, logits = features_and_logits(ddpm.to_uint8(x).cpu(), _classifier(judge))
    return shown | {"recognised": int((logits.argmax(1) == labels).sum())}


class Curve:
    """Losses by step, thinned to `POINTS`: step 1 and every `stride`-th after it.

    The stride is fixed for the whole run, so points are only appended and none moves.
    """

    def __init__(self, steps: int):
        self.stride = math.ceil(steps / POINTS)
        self.raw: list[float] = []
        self.smoothed: list[float] = []
        self._mean, self._seen = 0.0, 0

    def add(self, loss: float) -> None:
        self._mean = running_mean(self._mean, loss, self._seen + 1)
        if self._seen % self.stride == 0:
            self.raw.append(float(f"{loss:.4g}"))
            self.smoothed.append(float(f"{self._mean:.4g}"))
        self._seen += 1

    def to_dict(self) -> dict:
        return {"stride": self.stride, "raw": [*self.raw], "smoothed": [*self.smoothed]}


class Monitor:
    """Makes one run's reports, the values of `view`."""

    def __init__(self, run: str, recipe: dict):
        """`recipe`: the run's settings by name, including `steps`."""
        self.fixed = {"run": run, "recipe": recipe, "steps": recipe["steps"]}
        self.curve = Curve(recipe["steps"])
        self.step, self.loss = 0, 0.0
        self.seconds = 0.0  # of work until now, the newest report's
        self.bands: list[tuple[int, list[float | None]]] = []  # the loss by noise level, by step

    def to_dict(self) -> dict:
        """Numbers and strings, from which `of` makes it again."""
        return vars(self) | {"curve": dict(vars(self.curve))}

    @classmethod
    def of(cls, values: dict) -> Monitor:
        monitor = cls(values["fixed"]["run"], values["fixed"]["recipe"])
        vars(monitor.curve).update(values["curve"])
        vars(monitor).update(values | {"curve": monitor.curve})
        return monitor

    def learned(self, step: ddpm.TrainStep) -> None:
        self.step, self.loss = step.step, step.loss
        self.curve.add(step.loss)

    def saw(self, drawn: dict) -> dict:
        """What a training's `preview` returned, without the loss by noise level, which is kept."""
        bands = drawn.pop("bands")
        if self.step > 0:
            self.bands.append((self.step, bands))
        return drawn

    def report(self, phase: str, **more) -> dict:
        """`more`: the results of `preview` and of the training's `machine`, once there are any."""
        rate = self.step / self.seconds if self.seconds else 0.0
        left = (self.fixed["steps"] - self.step) / rate if rate else 0.0
        now = {"phase": phase, "step": self.step, "loss": self.loss, "seconds": self.seconds}
        curves = {"curve": self.curve.to_dict(), "bands": [*self.bands]}
        return self.fixed | now | {"rate": rate, "left": left} | curves | more


def data(source: str, images: Tensor, labels: Tensor) -> dict:
    """The data's source and size, and the first pictures of each class in turn, as in `preview`."""
    places = [(labels == k).nonzero()[:, 0] for k in range(int(labels.max()) + 1)]
    turns = [divmod(k, len(places)) for k in range(SHOWN)]
    first = torch.stack([places[k][turn % len(places[k])] for turn, k in turns])
    picture = data_uri.grid_uri(to_float(images[first]), 10)
    return {"source": source, "count": len(images), "picture": picture}


def view(elem_id: str, stop: str, files: str) -> gr.HTML:
    """Pictures, numbers and curves. Its value is a report; its prop `data` comes from `data`.
    `stop` and `files` are selectors of what the view answers at once: the button that stops the
    run, and the component that takes a visitor's own pictures."""
    return instrument(
        Path(__file__),
        value={"phase": "empty"},
        data=None,
        stop=stop,
        files=files,
        parts=("own_preview.js", "legend.js", "bands.js"),
        plot=True,
        elem_id=elem_id,
    )
