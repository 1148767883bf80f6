"""A run that has ended before its last step: a file from which another goes on where it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import gradio as gr
from torch import Tensor

import ddpm
from ddpm import checkpoint
from page.compute import COMPUTE
from page.server import event_log
from page.server.files import result_files
from page.server.machine import disk
from page.tabs.train.recipe import Recipe
from page.texts import both
from page.widgets.training_monitor.progress import Monitor

KIND, PICTURES = "stopped", "pictures"


@dataclass(frozen=True)
class Stopped:
    recipe: Recipe
    pictures: Tensor | None  # a visitor's own
    tensors: dict[str, Tensor]  # of its TrainState
    monitor: Monitor


def save(
    visit: gr.Request,
    state: ddpm.TrainState,
    recipe: Recipe,
    pictures: Tensor | None,
    monitor: Monitor,
) -> str | None:
    """Returns the file's path; None if nobody can go on from it."""
    if not COMPUTE.continues:
        return None
    tensors = state.tensors() | ({} if pictures is None else {PICTURES: pictures})
    info = {"recipe": asdict(recipe), "monitor": monitor.to_dict()}
    try:
        with result_files.STORE.folder(KIND, visit, monitor.seconds) as folder:
            path = folder / "state.safetensors"
            checkpoint.save_tensors(path, tensors, recipe.config(), info)
    except OSError as error:  # its model may be saved all the same
        event_log.write("run_not_saved", fault=disk.key_of(error), errno=error.errno)
        return None
    return str(path)


def load(path: object) -> Stopped:
    """gr.Error if it is not there any more, or never was: a visitor may send any path."""
    if not isinstance(path, str) or not result_files.STORE.holds(KIND, path):
        raise gr.Error(both("train_gone"), print_exception=False)
    tensors, _, info = checkpoint.load_tensors(path)
    pictures, monitor = tensors.pop(PICTURES, None), Monitor.of(info["monitor"])
    return Stopped(Recipe(**info["recipe"]), pictures, tensors, monitor)
