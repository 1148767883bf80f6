"""Saving what a run has learned: when it ends, and from another thread when the server does."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from pathlib import Path

import gradio as gr

import ddpm
from ddpm import checkpoint
from ddpm.config import Config
from ddpm.schedules.text_form import name_of
from page.compute import COMPUTE
from page.server import event_log
from page.server.files import result_files
from page.server.machine import disk
from page.texts import both

Saved = str | ddpm.Checkpoint  # a file's path, or the model itself if the disk took no file


class Run:
    """A run that can be stopped, and whose model is saved once."""

    def __init__(self):
        self.stop = threading.Event()
        self._state: ddpm.TrainState | None = None
        self._saving = threading.Lock()
        self._kept = False  # in the permanent folder, or in the visit's, from where it is copied

    def begin(self, state: ddpm.TrainState, config: Config, seconds: float) -> None:
        """`seconds`: how long an earlier run, with which this one goes on, has worked."""
        self._began = time.monotonic() - seconds
        self._config = config
        self._state = state

    def save(self, visit: gr.Request) -> Saved:
        """Save the model for its visitor, who is warned if it can only stay in memory."""
        with self._saving:
            # what the permanent folder has is not copied there a second time
            kind = "kept" if self._kept else "train"
            try:
                with result_files.STORE.folder(kind, visit, self._seconds) as folder:
                    path = self._write(folder)
            except OSError as error:
                key = disk.key_of(error)
                event_log.write("model_not_saved", fault=key, errno=error.errno)
                gr.Warning(f"{both(key)}<br>{both('train_not_saved')}")
                return self._in_memory()
            self._kept = True
            _share(path)
            return str(path)

    def keep(self, folder: Path) -> bool:
        """Save the model in a permanent folder, unless it is saved already or has learned nothing.

        Does not wait for the run, whose step may take long. Raises OSError.
        """
        with self._saving:
            if self._kept or self._state is None or self._state.step == 0:
                return False
            self._write(folder, f"{secrets.token_hex(4)}-")
            self._kept = True
            return True

    def _write(self, folder: Path, prefix: str = "") -> Path:
        assert self._state is not None
        step, weights = self._state.snapshot()
        schedule = name_of(self._config.diffusion.schedule)
        path = folder / f"{prefix}ddpm-{schedule}-{step}-steps.safetensors"
        checkpoint.save_tensors(path, weights, self._config, self._info(step))
        return path

    def _in_memory(self) -> ddpm.Checkpoint:
        assert self._state is not None
        model = checkpoint.as_denoiser(self._state.averaged(), self._config)
        return ddpm.Checkpoint(model, self._config, model.schedule, self._info(self._state.step))

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _info(self, step: int) -> dict:
        assert self._state is not None
        device = self._state.accelerator.device
        machine = "CPU" if COMPUTE.threads(device) else COMPUTE.device_name(device)
        return {"steps": step, "seconds": round(self._seconds, 1), "machine": machine}


def from_shared(visit: gr.Request, path: str) -> str | None:
    """A model that another server shares, as a file of this visit. None if there is none."""
    copy = result_files.shared(path)
    if copy is None:
        return None
    with result_files.STORE.folder("train", visit) as folder:
        file = shutil.copyfile(copy, folder / Path(path).name)
    _share(file)
    return str(file)


def _share(path: Path) -> None:
    """For the other servers; without it a model only ends with its own."""
    try:
        result_files.share(path)
    except OSError as error:
        event_log.write("model_not_shared", fault=disk.key_of(error), errno=error.errno)
