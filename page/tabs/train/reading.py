"""Visitors' own pictures, read from their files."""

import html
import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import torch
from torch import Tensor

import ddpm
from ddpm.data.images import to_float
from page.jobs import run_queue
from page.server.files.uploads import open_upload, uploaded
from page.server.patches.gradio_patches import upload_folder
from page.tabs.train import zipped
from page.texts import TEXTS, Refusal, both
from page.widgets import data_uri
from page.widgets.training_monitor import progress

MIN_COUNT, MAX_COUNT = 10, 5000
MOST_ZIPS = 20  # each of which may list as much as an upload can
READ_S = 60.0  # seconds; 5,000 photographs take longer, while others wait
NAMED = 3  # file names shown in a warning
MAX_NAME = 100  # characters of a file name that are shown
POLL_S = 0.5  # seconds between checks whether the page is still open


def read(visit: gr.Request, files: list[dict] | None, size: int) -> Iterator[tuple]:
    """Read a visitor's pictures; unreadable files are skipped, and a warning says which and why.

    Yields the pictures, uint8 (N, C, size, size), and their `facts`; before that, no-op updates
    so that Gradio can cancel when the page closes.
    """
    if not files:
        yield None, facts(None)
        return
    if not isinstance(files, list):
        raise Refusal("train_own_none", low=MIN_COUNT, high=MAX_COUNT)
    _check_count(len(files), low=1)
    with run_queue.READING.turn("train_pictures", visit, files=len(files)) as turn:
        for _ in turn.waiting():
            yield gr.skip(), gr.skip()
        zips = _zips(files)
        names = (zipped.names(path) for path in zips.values())
        _check_count(len(files) - len(zips) + sum(map(len, names)))
        accepted, refused = yield from _read_each(_each(files, zips), size)
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


def _check_count(count: int, low: int = MIN_COUNT) -> None:
    if not low <= count <= MAX_COUNT:
        raise Refusal("train_own_count", low=MIN_COUNT, high=MAX_COUNT, count=count)


def _zips(files: list[dict]) -> dict[int, Path]:
    """Which of the files are zips, and where. A second mention of one would cost its reading again,
    and what is no list of files to Gradio has not been looked through."""
    zips = {k: path for k, file in enumerate(files) if (path := _zip(file))}
    if len({*zips.values()}) < len(zips):
        raise Refusal("files_repeated")
    if len(zips) > MOST_ZIPS:
        raise zipped.too_large()
    return zips


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


def _read_each(files: Iterator[tuple[str, dict | Path | None]], size: int) -> Iterator[tuple]:
    """Yields no-op updates; returns the readable pictures, each (3, size, size), and the names of
    the other files, by the text key of what is wrong with them."""
    accepted, refused = [], {}
    begin = yielded = time.monotonic()
    for name, file in files:
        now = time.monotonic()
        if now - begin > READ_S:
            raise Refusal("train_own_slow", count=len(accepted))
        if now - yielded > POLL_S:
            yielded = now
            yield gr.skip(), gr.skip()
        try:
            accepted.append(ddpm.to_uint8(ddpm.from_pil(open_upload(file), size, 3)))
        except Refusal as error:
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
