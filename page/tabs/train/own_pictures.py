"""What a network is trained on: a data set by name, or a visitor's own pictures."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import torch
from torch import Tensor

from ddpm.config import Config, UnetConfig
from ddpm.data import DATASETS, USUAL
from ddpm.data.dataset import Dataset
from ddpm.settings import Setting
from page.server.files import result_files
from page.server.listeners.endpoints import FILES, OBJECT, Value, endpoint
from page.server.listeners.pools import AT_ONCE, DATA, PRIVATE, quick
from page.server.listeners.validation import check_setting
from page.tabs.train.reading import MAX_COUNT, MIN_COUNT, facts, read
from page.texts import Refusal, text
from page.widgets.controls import control
from page.widgets.training_monitor import progress

KEPT_S = 3600  # seconds, as long as a trained model
PLACES = 16  # a side of the network's, at most: larger pictures enter it in larger patches
SIZES = {"own": 28, "own_64": 64}  # pixels of one's own pictures, by the name of the source
# By the names that links and programs know; those of one's own pictures are in no `DATASETS`.
CHOICES = {"fashion": USUAL, **{name: each for name, each in DATASETS.items() if each != USUAL}}
CHOICES |= dict.fromkeys(SIZES, Dataset("own"))
SOURCE = Setting(
    "data",
    str,
    "fashion for Fashion-MNIST, emoji for those in colour, own or own_64 for the pictures sent to "
    "/train_pictures",
    default="fashion",
    table=CHOICES,
)
SIZE = Setting(
    "size",
    int,
    "pixels of a side that they are resized to; for 64, train with source=own_64",
    default=SIZES["own"],
    table=tuple(SIZES.values()),
)


def show_own(
    visit: gr.Request, files: list[dict] | None, source: str, known: int | None
) -> Iterator[tuple]:
    """`read`, as updates of the page's state and view, and which files it has read, at which size:
    after a reload Gradio says twice that they have changed."""
    if source not in SIZES or known == (these := hash((str(files), source))):
        yield gr.skip(), gr.skip(), gr.skip()
        return
    yield these, None, gr.skip()  # refused files leave no pictures, not the previous ones
    for pictures, update in read(visit, files, SIZES[source]):
        shown = gr.update(data=update) if "count" in update else update
        yield these, _stored(visit, pictures), shown


def train_pictures(
    visit: gr.Request, files: list[dict] | None, size: int = SIZE.default
) -> Iterator[tuple]:
    """Upload pictures of your own to train on; unreadable files are skipped.

    `/train(source="own")` then trains on them, in the same session.
    """
    check_setting(SIZE, size, "train")
    for pictures, update in read(visit, files, size):
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


def chosen(source: str = "fashion", stored: str | None = None) -> Tensor | None:
    """A visitor's pictures to train on; None for a data set. gr.Error if they are missing."""
    check_setting(SOURCE, source, "train")
    pictures = _opened(stored) if source in SIZES else None
    if source in SIZES and pictures is None:
        raise Refusal("train_own_none", low=MIN_COUNT, high=MAX_COUNT)
    return pictures


def patch(unet: UnetConfig, size: int) -> int:
    """Of a network for pictures of this size: larger ones take no longer."""
    return max(unet.patch, size // PLACES)


def config(config: Config, source: str, pictures: Tensor | None = None) -> Config:
    """Adapt a recipe to a data set or to these pictures: their shape and classes, batches no larger
    than all."""
    data, train = CHOICES[source], config.train
    channels, size, _ = data.shape or pictures.shape[1:]
    if pictures is not None:
        train = replace(train, batch_size=min(train.batch_size, len(pictures)))
    shape = {"channels": channels, "image_size": size, "num_classes": len(data.classes) or None}
    unet = replace(config.unet, patch=patch(config.unet, size), **shape)
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
        own = source in SIZES
        return gr.update(data=facts(_opened(stored)) if own else progress.data(*load(source)))

    # not on page load: the data may have to be downloaded
    shows = [tab.select, source.change]  # the last choice, whichever takes longer to load
    gr.on(shows, show, [source, pictures], view, trigger_mode="always_last", **PRIVATE, **DATA)
    source.change(quick(lambda name: gr.File(visible=name in SIZES)), source, files, **AT_ONCE)
    known = gr.State(None)
    gr.on(
        [files.change, source.change],
        show_own,
        [files, source, known],
        [known, pictures, view],
        preprocess=False,  # otherwise Gradio leaves an empty file for each picture
        api_visibility="private",
        concurrency_limit=None,  # limited by run_queue
        show_progress="minimal",
        show_progress_on=files,
    )
    sent = f"{MIN_COUNT} to {MAX_COUNT} of them, PNG, JPEG, WebP, GIF, BMP or TIFF, or zips of such"
    taken = "their source and count, and the first of them (a PNG data URI)"
    endpoint(
        train_pictures,
        "train_pictures",
        {"files": Value(sent, FILES), "size": SIZE},
        {"pictures": pictures, "taken": Value(taken, OBJECT)},
        concurrency_limit=None,
    )
