"""What a network is trained on: a data set by name, or a visitor's own pictures."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import torch
from torch import Tensor

import ddpm
from ddpm.config import Config
from ddpm.data import DATASETS, USUAL
from ddpm.data.dataset import Dataset
from ddpm.data.images import to_float
from ddpm.settings import Setting
from page.jobs import run_queue
from page.server.files import result_files
from page.server.files.uploads import Refused, open_upload, uploaded
from page.server.listeners.endpoints import FILES, OBJECT, Value, endpoint
from page.server.listeners.pools import DATA, quick
from page.server.listeners.validation import check_setting
from page.server.patches.gradio_patches import upload_folder
from page.tabs.train import zipped
from page.texts import TEXTS, both, text
from page.widgets import data_uri
from page.widgets.controls import control
from page.widgets.training_monitor import progress

MIN_COUNT, MAX_COUNT = 10, 5000
SIZE = 28  # pixels, so that every recipe fits
READ_S = 60.0  # seconds; 5,000 photographs take longer, while others wait
KEPT_S = 3600  # seconds, as long as a trained model
NAMED = 3  # file names shown in a warning
MAX_NAME = 100  # characters of a file name that are shown
POLL_S = 0.5  # seconds between checks whether the page is still open
# By the names that links and programs know; those of one's own pictures are in no `DATASETS`.
CHOICES = {"fashion": USUAL, "own": Dataset("own")}
CHOICES |= {name: each for name, each in DATASETS.items() if each != USUAL}
SOURCE = Setting(
    "data",
    str,
    "fashion for Fashion-MNIST, own for the pictures sent to /train_pictures",
    default="fashion",
    table=CHOICES,
)


def read(visit: gr.Request, files: list[dict] | None) -> Iterator[tuple]:
    """Read a visitor's pictures; unreadable files are skipped, and a warning says which and why.

    Yields the pictures, uint8 (N, C, SIZE, SIZE), and their `facts`; before that, no-op updates
    so that Gradio can cancel when the page closes.
    """
    if not files:
        yield None, facts(None)
        return
    if not isinstance(files, list):
        raise gr.Error(both("train_own_none").format(low=MIN_COUNT, high=MAX_COUNT))
    try:
        zips = {k: path for k, file in enumerate(files) if (path := _zip(file))}
        count = len(files) - len(zips) + sum(len(zipped.names(path)) for path in zips.values())
        if not MIN_COUNT <= count <= MAX_COUNT:
            raise gr.Error(
                both("train_own_count").format(low=MIN_COUNT, high=MAX_COUNT, count=count)
            )
        with run_queue.READING.turn("train_pictures", visit, count=count) as turn:
            for _ in turn.waiting():
                yield gr.skip(), gr.skip()
            accepted, refused = yield from _read_each(_each(files, zips))
    except zipped.Unreadable as error:
        values = {"most": zipped.MAX_ENTRIES, "megabytes": zipped.MAX_BYTES // 10**6}
        raise gr.Error(both(error.key).format(**values), print_exception=False) from error
    if refused:
        message = _skipped(refused)
        if len(accepted) < MIN_COUNT:
            left = both("train_own_left").format(count=len(accepted), low=MIN_COUNT)
            raise gr.Error(f"{message}<br>{left}")
        gr.Warning(message)
    images = torch.stack(accepted)
    is_grey = bool((images == images[:, :1]).all())
    pictures = images[:, :1].contiguous() if is_grey else images
    yield pictures, facts(pictures)


def show_own(visit: gr.Request, files: list[dict] | None, known: int | None) -> Iterator[tuple]:
    """`read`, as updates of the page's state and view, and which files it has read: after a reload
    Gradio says twice that they have changed."""
    if known == (these := hash(str(files))):
        yield gr.skip(), gr.skip(), gr.skip()
        return
    yield these, None, gr.skip()  # refused files leave no pictures, not the previous ones
    for pictures, update in read(visit, files):
        shown = gr.update(data=update) if "count" in update else update
        yield these, _stored(visit, pictures), shown


def train_pictures(visit: gr.Request, files: list[dict] | None) -> Iterator[tuple]:
    """Upload pictures of your own to train on; unreadable files are skipped.

    `/train(source="own")` then trains on them, in the same session.
    """
    for pictures, update in read(visit, files):
        yield _stored(visit, pictures), update if "count" in update else None


def _stored(visit: gr.Request, pictures: object) -> object:
    """The path of a file of these pictures, for the session to keep in their place: they may take
    12 MB of memory, for an hour. Anything else as it is."""
    if not isinstance(pictures, Tensor):
        return pictures
    with result_files.STORE.folder("pictures", visit) as folder:
        np.save(path := folder / "pictures.npy", pictures.numpy())
    return str(path)


def _opened(path: str | None) -> Tensor | None:
    """None as well if they had to go."""
    return torch.from_numpy(np.load(path)) if path and Path(path).exists() else None


def _zip(file: object) -> Path | None:
    """Where a visitor's file is, if it is a zip by name."""
    name = file.get("path") if isinstance(file, dict) else file
    if not str(name).lower().endswith(".zip"):
        return None
    return file if isinstance(file, Path) else uploaded(file)


def _each(files: list[dict], zips: dict[int, Path]) -> Iterator[tuple[str, dict | Path | None]]:
    """Each picture's name, and what opens it; None for one that is damaged in its zip."""
    for k, file in enumerate(files):
        if k in zips:
            yield from zipped.unpacked(zips[k], upload_folder())
        else:
            yield _name(file), file


def _read_each(files: Iterator[tuple[str, dict | Path | None]]) -> Iterator[tuple]:
    """Yields no-op updates; returns the readable pictures, each (3, SIZE, SIZE), and the names of
    the other files, by the text key of what is wrong with them."""
    accepted, refused = [], {}
    begin = yielded = time.monotonic()
    for name, file in files:
        now = time.monotonic()
        if now - begin > READ_S:
            raise gr.Error(both("train_own_slow").format(count=len(accepted)))
        if now - yielded > POLL_S:
            yielded = now
            yield gr.skip(), gr.skip()
        try:
            accepted.append(ddpm.to_uint8(ddpm.from_pil(open_upload(file), SIZE, 3)))
        except Refused as error:
            refused.setdefault(error.key, []).append(html.escape(name))
    return accepted, refused


def _skipped(refused: dict[str, list[str]]) -> str:
    """For each reason, how many files were skipped, and the first of their names."""
    lines = []
    for key, names in refused.items():
        shown = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
        for sentence, why in zip(TEXTS["train_own_refused"], TEXTS[key], strict=True):
            lines.append(sentence.format(count=len(names), names=shown, why=why))
    return "<br>".join(lines)


def _name(file: object) -> str:
    """The visitor's name for the file."""
    name = (file.get("orig_name") or file.get("path")) if isinstance(file, dict) else file
    return Path(str(name)[-MAX_NAME:]).name


def facts(pictures: Tensor | None) -> dict:
    """The data shown by `progress.view`, in the form of `progress.data`."""
    if pictures is None:
        return {"source": "own", "count": 0, "picture": ""}
    shown = torch.ones(progress.SHOWN, *pictures.shape[1:])  # white if there are fewer
    shown[: len(pictures)] = to_float(pictures[: progress.SHOWN])
    return {"source": "own", "count": len(pictures), "picture": data_uri.grid_uri(shown, 10)}


def chosen(source: str = "fashion", stored: str | None = None) -> Tensor | None:
    """A visitor's pictures to train on; None for a data set. gr.Error if they are missing."""
    check_setting(SOURCE, source, "train")
    pictures = _opened(stored) if source == "own" else None
    if source == "own" and pictures is None:
        raise gr.Error(both("train_own_none").format(low=MIN_COUNT, high=MAX_COUNT))
    return pictures


def config(config: Config, source: str, pictures: Tensor | None = None) -> Config:
    """Adapt a recipe to a data set or to these pictures: their shape and classes, batches no larger
    than all."""
    data, train = CHOICES[source], config.train
    channels, size, _ = data.shape or pictures.shape[1:]
    if pictures is not None:
        train = replace(train, batch_size=min(train.batch_size, len(pictures)))
    classes = len(data.classes) or None
    unet = replace(config.unet, channels=channels, image_size=size, num_classes=classes)
    return replace(config, unet=unet, train=train, data=data.name)


def build() -> tuple[gr.Radio, gr.File, gr.State]:
    """The controls: source, files, and the pictures read from them."""
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
    load: Callable[[str], tuple[str, Tensor, Tensor]],
) -> None:
    """Show in `view` what a run would train on."""
    source, files, pictures = controls

    def show(source: str, stored: str | None) -> dict:
        own = source == "own"
        return gr.update(data=facts(_opened(stored)) if own else progress.data(*load(source)))

    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    # not on page load: the data may have to be downloaded
    shows = [tab.select, source.change]  # the last choice, whichever takes longer to load
    gr.on(shows, show, [source, pictures], view, trigger_mode="always_last", **hidden, **DATA)
    show_files = quick(lambda name: gr.File(visible=name == "own"))
    source.change(show_files, source, files, queue=False, **hidden)
    known = gr.State(None)
    files.change(
        show_own,
        [files, known],
        [known, pictures, view],
        preprocess=False,  # otherwise Gradio leaves an empty file for each picture
        api_visibility="private",
        concurrency_limit=None,  # limited by run_queue
        show_progress="minimal",
        show_progress_on=files,
    )
    words = (
        f"{MIN_COUNT} to {MAX_COUNT} of them, PNG, JPEG, WebP, GIF, BMP or TIFF, or zips of such"
    )
    taken = "their source and count, and the first of them (a PNG data URI)"
    endpoint(
        train_pictures,
        "train_pictures",
        {"files": Value(words, FILES)},
        {"pictures": pictures, "taken": Value(taken, OBJECT)},
        concurrency_limit=None,
    )
