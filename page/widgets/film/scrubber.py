"""A sampler's run as a film: x_t beside x̂_0, streamed once, then scrubbed without a request."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import torch
from PIL import Image
from torch import Tensor

import ddpm
from page.widgets import data_uri
from page.widgets.instrument import instrument

MAX_FRAMES = 60  # of a film; a thousand steps make no better one
MAX_IMAGES = 1280  # in all its frames together: some 2 MB reach the browser, whatever is asked


class Film:
    """The states of a run, each with what the network made of it; of a long run, some of them.

    Frame k is x_t before a step and the x̂_0 of that step; the last one is x_0 itself.
    """

    def __init__(self, x: Tensor, t: int, steps: int):
        count = min(MAX_FRAMES, steps + 1, max(2, MAX_IMAGES // len(x)))
        self.kept = {round(k * steps / (count - 1)) for k in range(count)}
        self.steps = steps
        self.nrow = data_uri.columns(len(x))
        self.x = x  # the newest state, which the network has not seen yet
        self.pictures: list[Image.Image] = []  # of the x_t, for a GIF
        self.frames: list[dict] = []
        self._keep(0, t, torch.zeros_like(x))  # at once; the guess follows

    def add(self, step: ddpm.Step, cut: bool = False) -> None:
        """`cut`: the film ends here, before its time."""
        if step.i == 0:
            self.frames[0] = self.frames[0] | {"x_start": self._uri(step.x_start)}
        elif step.i in self.kept or cut:
            self._keep(step.i, step.t, step.x_start)
        self.x = step.x
        if step.i + 1 == self.steps:
            self._keep(self.steps, None, step.x_start)

    def value(self, **progress) -> dict:
        """What `view` shows: Gradio sends only what has been added since the last one."""
        return {"frames": list(self.frames), "steps": self.steps} | progress

    def _keep(self, step: int, t: int | None, x_start: Tensor) -> None:
        self.pictures.append(ddpm.to_pil(ddpm.make_grid(self.x, self.nrow)))
        x = data_uri.picture_uri(self.pictures[-1])
        self.frames.append({"step": step, "t": t, "x": x, "x_start": self._uri(x_start)})

    def _uri(self, images: Tensor) -> str:
        return data_uri.grid_uri(images, self.nrow)


def view(elem_id: str) -> gr.HTML:
    """Shows `Film.value(began=, calls=, doubled=, seconds=, device=)`, where `began` tells one
    run from another; with `ahead` and `expected` while it waits, `cut` if its time was up."""
    words = ("play", "pause", "generate_queue")
    return instrument(Path(__file__), value={"frames": []}, words=words, elem_id=elem_id)
