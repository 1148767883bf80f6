"""A visitor's own pictures to train on, in place of Fashion-MNIST."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.config import Config
from ddpm.data.images import to_float
from ddpm.settings import Setting
from page.server import event_log
from page.server.endpoints import FILES, OBJECT, Value, endpoint
from page.server.uploads import opened
from page.server.validation import check_setting
from page.texts import both, text
from page.widgets import data_uri
from page.widgets.controls import control
from page.widgets.training_monitor import progress

LEAST, MOST = 10, 5000
SIZE = 28  # pixels, as Fashion-MNIST has, so that every recipe fits
READ_S = 60.0  # 5,000 photographs take longer, and others wait
KEPT_S = 3600  # as long as a trained model
SHOWN = len(progress.LABELS)  # as many as are drawn while it learns
NAMED = 3  # pictures that a warning names
MOST_OF_A_NAME = 100  # letters of it
LOOK_S = 0.5  # seconds after which reading looks whether the page is still open
SOURCE = Setting(
    "data",
    str,
    "fashion for Fashion-MNIST, own for the pictures that were sent to /train_pictures",
    default="fashion",
    table=("fashion", "own"),
)


def read(files: list[dict] | None) -> Iterator[tuple]:
    """Take pictures of your own to train on: what cannot be read is left out, and named.

    Yields the pictures, uint8 (N, C, SIZE, SIZE), and what `facts` says of them; before that
    gr.skip() for both, now and then, so that Gradio can cancel when the page closes.
    """
    if not files:
        yield None, facts(None)
        return
    if not isinstance(files, list):
        raise gr.Error(both("train_own_none").format(low=LEAST, high=MOST))
    if not LEAST <= len(files) <= MOST:
        raise gr.Error(both("train_own_count").format(low=LEAST, high=MOST, count=len(files)))
    with event_log.entry("train_pictures", count=len(files)):
        taken, refused = yield from _taken(files)
    if refused:
        names = ", ".join(refused[:NAMED]) + (" …" if len(refused) > NAMED else "")
        told = both("train_own_refused").format(count=len(refused), names=names)
        if len(taken) < LEAST:
            raise gr.Error(
                told + "<br>" + both("train_own_left").format(count=len(taken), low=LEAST)
            )
        gr.Warning(told)
    images = torch.stack(taken)
    grey = bool((images == images[:, :1]).all())
    pictures = images[:, :1].contiguous() if grey else images
    yield pictures, facts(pictures)


def show_own(files: list[dict] | None) -> Iterator[tuple]:
    """`read`, for the page's view of the data."""
    for pictures, known in read(files):
        yield pictures, gr.update(data=known) if "count" in known else known


def train_pictures(files: list[dict] | None) -> Iterator[tuple]:
    """Take pictures of your own to train on: what can't be read is left out.

    `/train(source="own")` then learns from them, in the same session.
    """
    for pictures, known in read(files):
        yield pictures, known if "count" in known else None


def _taken(files: list[dict]) -> Iterator[tuple]:
    """What can be read (3, SIZE, SIZE) each, and the names of the rest. It yields no-op updates
    so that Gradio can cancel when the page closes."""
    taken, refused = [], []
    begin = looked = time.monotonic()
    for file in files:
        now = time.monotonic()
        if now - begin > READ_S:
            raise gr.Error(both("train_own_slow").format(count=len(taken)))
        if now - looked > LOOK_S:
            looked = now
            yield gr.skip(), gr.skip()
        try:
            with opened(file) as image:
                taken.append(ddpm.to_uint8(ddpm.from_pil(image, SIZE, 3)))
        except gr.Error:
            refused.append(html.escape(_name(file)))
    return taken, refused


def _name(file: object) -> str:
    """What the visitor calls it."""
    told = (file.get("orig_name") or file.get("path")) if isinstance(file, dict) else file
    return Path(str(told)[-MOST_OF_A_NAME:]).name


def facts(pictures: Tensor | None) -> dict:
    """What `progress.view` tells of the data, as `progress.data` does of Fashion-MNIST."""
    if pictures is None:
        return {"source": "own", "count": 0, "picture": ""}
    shown = torch.ones(SHOWN, *pictures.shape[1:])  # white where there are fewer
    shown[: len(pictures)] = to_float(pictures[:SHOWN])
    return {"source": "own", "count": len(pictures), "picture": data_uri.grid_uri(shown, 10)}


def chosen(source: str = "fashion", pictures: Tensor | None = None) -> Tensor | None:
    """The pictures to learn from, None for Fashion-MNIST. gr.Error if they are missing."""
    check_setting(SOURCE, source, "train")
    if source == "own" and pictures is None:
        raise gr.Error(both("train_own_none").format(low=LEAST, high=MOST))
    return pictures if source == "own" else None


def config(config: Config, pictures: Tensor | None) -> Config:
    """The recipe for these pictures: their channels, no classes, and no more than all a step."""
    if pictures is None:
        return config
    unet = replace(config.unet, channels=pictures.shape[1], num_classes=None)
    batch_size = min(config.train.batch_size, len(pictures))
    return replace(config, unet=unet, train=replace(config.train, batch_size=batch_size))


def build() -> tuple[gr.Radio, gr.File, gr.State]:
    """The controls: `source` and `pictures` are inputs of a run, see `chosen`."""
    source = control("train", SOURCE)
    files = gr.File(
        file_count="multiple",
        label=text("train_own"),
        height=160,
        visible=False,
        elem_id="train-own",
    )
    return source, files, gr.State(None, time_to_live=KEPT_S)


def connect(
    tab: gr.Tab,
    view: gr.HTML,
    controls: tuple[gr.Radio, gr.File, gr.State],
    fashion: Callable[[], tuple[str, Tensor, Tensor]],
) -> None:
    """Show in `view` what a run would learn from."""
    source, files, pictures = controls

    def show(source: str, pictures: Tensor | None) -> dict:
        return gr.update(data=facts(pictures) if source == "own" else progress.data(*fashion()))

    at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    # not when the page opens: the answer may need the network
    tab.select(show, [source, pictures], view, **at_once)
    source.change(lambda name: gr.File(visible=name == "own"), source, files, **at_once)
    source.change(show, [source, pictures], view, **at_once)
    # pictures that are refused leave none, not the ones before
    files.change(lambda: None, outputs=pictures, **at_once).then(
        show_own,
        files,
        [pictures, view],
        preprocess=False,  # it would leave an empty file behind for each picture
        api_visibility="private",
        concurrency_limit=2,
        concurrency_id="train_pictures",
        show_progress="minimal",
        show_progress_on=files,
    )
    words = f"{LEAST} to {MOST} of them, PNG, JPEG, WebP, GIF, BMP or TIFF"
    taken = "their source and count, and the first of them (a PNG data URI)"
    endpoint(
        train_pictures,
        "train_pictures",
        {"files": Value(words, FILES)},
        {"pictures": pictures, "taken": Value(taken, OBJECT)},
        concurrency_limit=2,
        concurrency_id="train_pictures",
    )
