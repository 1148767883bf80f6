"""A run that has ended before its last step: a file from which another goes on where it ended."""

from dataclasses import asdict, dataclass
from pathlib import Path

import gradio as gr
from torch import Tensor

from ddpm import checkpoint
from ddpm.config import Config
from page.compute import COMPUTE
from page.compute.training import PICTURES, Training
from page.server import event_log
from page.server.files import result_files
from page.server.machine import disk
from page.tabs.train.recipe import Recipe
from page.texts import Refusal
from page.widgets.training_monitor.progress import Monitor

KIND = "stopped"
NAME = "ddpm-stopped.safetensors"


@dataclass(frozen=True)
class Stopped:
    recipe: Recipe
    config: Config
    monitor: Monitor


def save(visit: gr.Request, training: Training, recipe: Recipe, monitor: Monitor) -> str | None:
    """Returns the file's path, which takes the place of the visit's last one; None if nobody can
    go on from it."""
    if not COMPUTE.continues:
        return None
    try:
        with result_files.STORE.folder(KIND, visit, monitor.seconds) as folder:
            path = folder / NAME
            training.keep(path, {"recipe": asdict(recipe), "monitor": monitor.to_dict()})
    except OSError as error:  # its model may be saved all the same
        event_log.write("run_not_saved", fault=disk.key_of(error), errno=error.errno)
        return None
    return str(path)


def find(path: object) -> str:
    """This file, or what another server shared of it. gr.Error if there is none any more, or never
    was: a visitor may send any path."""
    if isinstance(path, str) and Path(path).name == NAME:
        if result_files.STORE.holds(KIND, path):
            return path
        if copy := result_files.shared(path):
            return str(copy)
    raise Refusal("train_gone")


def load(path: str) -> Stopped:
    _, config, info = checkpoint.load_tensors(path)
    return Stopped(Recipe(**info["recipe"]), config, Monitor.of(info["monitor"]))


def pictures(path: str) -> Tensor:
    """A visitor's own, that the run in this file learns from."""
    return checkpoint.load_tensors(path)[0][PICTURES]


def forget(path: str | None) -> None:
    """Delete a file that nobody will go on from."""
    if path:
        result_files.STORE.remove(KIND, path)
