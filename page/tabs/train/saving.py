"""Saving what a run has learned: when it ends, and from another thread when the server does."""

import secrets
import shutil
import threading
import time
from pathlib import Path

import gradio as gr

import ddpm
from page.compute.plain import unpacked
from page.compute.training import Training
from page.server import event_log
from page.server.files import result_files
from page.server.machine import disk
from page.tabs.train import stopped
from page.tabs.train.recipe import Recipe
from page.texts import both
from page.widgets.training_monitor.progress import Monitor

Saved = str | ddpm.Checkpoint  # a file's path, or the model itself if the disk took no file


class Run:
    """A run that can be stopped, and whose model is saved once."""

    def __init__(self, visit: gr.Request, recipe: Recipe):
        self.visit, self.recipe = visit, recipe
        self.stop = threading.Event()
        self.kept: str | None = None  # the file of its last state
        self.shared = Path(secrets.token_hex(16)) / stopped.NAME  # by which other servers find it
        self.elsewhere: str | None = None  # the same, once they do
        self._training: Training | None = None
        self._saving = threading.Lock()
        self._kept = False  # in the permanent folder, or in the visit's, from where it is copied

    def begin(self, training: Training, seconds: float) -> Training:
        """`seconds`: how long an earlier run, with which this one goes on, has worked."""
        self.close()
        self._began = time.monotonic() - seconds
        self._training = training
        return training

    def close(self) -> None:
        if self._training:
            self._training.close()

    def keep_state(self, monitor: Monitor) -> None:
        """As far as it is now, so that another can go on from there, here or elsewhere."""
        assert self._training is not None
        if file := stopped.save(self.visit, self._training, self.recipe, monitor):
            self.kept = file
            if _share(Path(file), self.shared):
                self.elsewhere = str(self.shared)

    def save(self) -> Saved:
        """Save the model for its visitor, who is warned if it can only stay in memory."""
        assert self._training is not None
        with self._saving:
            # what the permanent folder has is not copied there a second time
            kind = "kept" if self._kept else "train"
            try:
                with result_files.STORE.folder(kind, self.visit, self.seconds) as folder:
                    path = self._training.save(folder, "", self.seconds)
            except OSError as error:
                key = disk.key_of(error)
                event_log.write("model_not_saved", fault=key, errno=error.errno)
                gr.Warning(f"{both(key)}<br>{both('train_not_saved')}")
                model, info = self._training.packed(self.seconds)
                return unpacked(model, **info)
            self._kept = True
            _share(path)
            return str(path)

    def keep(self, folder: Path) -> bool:
        """Save the model in a permanent folder, unless it is saved already or has learned nothing.

        Does not wait for the run, whose step may take long. Raises OSError.
        """
        with self._saving:
            if self._kept or self._training is None or self._training.done() == 0:
                return False
            self._training.save(folder, f"{secrets.token_hex(4)}-", self.seconds)
            self._kept = True
            return True

    @property
    def seconds(self) -> float:
        """Of work, with those of the run that it goes on with."""
        return time.monotonic() - self._began


def from_shared(visit: gr.Request, path: str) -> str | None:
    """A model that another server shares, as a file of this visit. None if there is none."""
    copy = result_files.shared(path)
    if copy is None:
        return None
    with result_files.STORE.folder("train", visit) as folder:
        file = shutil.copyfile(copy, folder / Path(path).name)
    _share(file)
    return str(file)


def _share(file: Path, path: Path | None = None) -> bool:
    """For the other servers; without it a model only ends with its own."""
    try:
        return result_files.share(file, path)
    except OSError as error:
        event_log.write("model_not_shared", fault=disk.key_of(error), errno=error.errno)
        return False
