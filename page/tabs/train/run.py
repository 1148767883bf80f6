"""A visitor's training run: its place in line, its reports, its checkpoint."""

import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import gradio as gr
from torch import Tensor

import ddpm
from ddpm.config import Config
from page.compute import COMPUTE
from page.compute.training import Training
from page.compute.worker import Ended
from page.jobs import job, run_queue
from page.server import event_log, work
from page.server.files import result_files
from page.server.listeners.validation import worded
from page.server.machine import disk
from page.server.patches import gradio_patches
from page.tabs.train import own_pictures, stopped
from page.tabs.train.recipe import Recipe, memory_needed
from page.tabs.train.saving import Run, Saved
from page.texts import Refusal, both
from page.widgets.training_monitor import progress

SHOW_S = 0.7  # seconds between updates of the numbers and the plot
SAMPLE_S = 6.0  # seconds between grids of samples
SAMPLES = 10  # a grid's own time between two, at least: on a busy machine they come more seldom
KEEP_S = 20.0  # seconds between two states from which a run could go on

Update = tuple[dict | None, Saved | None]  # a report, if any, and at the end the model

_loading = threading.Lock()
_runs: dict[str | None, Run] = {}  # by session


def data(name: str = own_pictures.SOURCE.default) -> tuple[str, Tensor, Tensor]:
    """Source name, images and labels, loaded once and shared by all visitors."""
    with _loading:
        return _load_data(name)


def share_data() -> None:
    """Load the usual data, if it is on this machine: workers that are forked later have it too."""
    if own_pictures.CHOICES[own_pictures.SOURCE.default].is_here():
        with suppress(OSError, ValueError):  # a training will report it
            data()


@cache
def _load_data(name: str) -> tuple[str, Tensor, Tensor]:
    found = own_pictures.CHOICES[name].load("train")
    return found.source, found.images, found.labels


def run(
    visit: gr.Request, recipe: Recipe, source: str, stored: str | None, earlier: str | None = None
) -> Iterator[Update]:
    """Train a small network, or go on with an earlier run, from its file.

    Ends after the last step, when the visitor presses Stop, or at the time limit; what was
    learned by then is kept. A page that stays away ends it too (GeneratorExit).
    """
    if earlier is None:
        own_pictures.chosen(source, stored)  # refused now, and read again when it is their turn
    if any(session in _runs for session in job.sessions(visit)):
        raise Refusal("train_running")
    if fault := disk.fault(gradio_patches.upload_folder()):
        event_log.write("train_refused", fault=fault)
        raise gr.Error(f"{both(fault)}<br>{both('train_no_room')}", print_exception=False)
    started = _runs[visit.session_hash] = Run(visit, recipe)
    try:
        needs, asked = memory_needed(recipe.config()), asdict(recipe) | {"source": source}
        with worded(), run_queue.TRAINING.turn("train", visit, needs, **asked) as turn:
            with suppress(run_queue.Closing):
                for line in turn.waiting(started.stop):
                    yield {"phase": "waiting"} | line, None
                    if started.stop.is_set():
                        break
            # even if a place has just come free
            if started.stop.is_set() or work.closing.is_set():
                turn.ended = "left"
                yield {"phase": "left"}, None
                return
            monitor, config = _begin(recipe, source, stored, earlier)
            yield monitor.report("loading"), None
            load = partial(_training_data, source, stored)
            yield from _learn(started, config, load, earlier, monitor, turn)
    finally:
        started.close()
        result_files.unshare(started.shared)
        _runs.pop(visit.session_hash, None)


def _training_data(
    source: str, stored: str | None, earlier: str | None
) -> tuple[Tensor, Tensor | None]:
    """Images, and their labels unless they are the visitor's own: of the file of an earlier run,
    if there was one."""
    if source not in own_pictures.SIZES:
        return data(source)[1:]
    return (stopped.pictures(earlier) if earlier else own_pictures.chosen(source, stored)), None


def _begin(
    recipe: Recipe, source: str, stored: str | None, earlier: str | None
) -> tuple[progress.Monitor, Config]:
    """A run's monitor, and its settings for what it learns from."""
    if earlier:
        found = stopped.load(earlier)
        return found.monitor, found.config
    monitor = progress.Monitor(secrets.token_hex(4), {"data": source} | asdict(recipe))
    pictures = own_pictures.chosen(source, stored)
    return monitor, own_pictures.config(recipe.config(), source, pictures)


def go_on(visit: gr.Request, path: object) -> Iterator[Update]:
    """Continue the stopped run in this file, with its settings."""
    found = stopped.find(path)
    earlier = stopped.load(found)
    source = earlier.monitor.fixed["recipe"]["data"]
    yield from run(visit, earlier.recipe, source, None, found)


def _learn(
    started: Run,
    config: Config,
    load: Callable,
    earlier: str | None,
    monitor: progress.Monitor,
    turn: run_queue.Turn,
) -> Iterator[Update]:
    judge = own_pictures.CHOICES[monitor.fixed["recipe"]["data"]].judge
    preview = partial(progress.preview, judge=judge)

    def begin(earlier: str | None) -> Training:
        training = COMPUTE.train(config, partial(load, earlier), earlier)
        return started.begin(training, monitor.seconds)

    training, drawn = begin(earlier), {}
    try:
        phase, drawn = yield from _follow(started, training, preview, monitor, turn)
    except ddpm.TrainingDiverged as error:
        message = both("train_diverged").format(step=training.done() + 1)
        if training.done() == 0:  # nothing was learned
            raise gr.Error(message) from error
        gr.Warning(message)
        phase = "diverged"
    except Ended:  # with the process that it ran in: another can go on from what was kept
        if started.kept is None:
            raise
        gr.Warning(both("worker_ended"))
        phase, monitor = "stopped", stopped.load(started.kept).monitor
        training = begin(started.kept)
    if phase == "done" and training.done() < started.recipe.steps:
        phase = "out_of_time"  # of a lent GPU
    turn.ended = phase
    yield None, None  # if the page has gone, end here: nobody would fetch the model
    trained = started.save()  # before its pictures are drawn, which takes a while
    monitor.step = training.done()  # of the kept weights, which a lent GPU sends now and then
    monitor.seconds = started.seconds
    end = drawn | training.machine()
    if phase in ("done", "diverged"):
        stopped.forget(started.kept)
    if not work.closing.is_set():
        if phase in ("stopped", "out_of_time"):
            end["stopped"] = stopped.save(started.visit, training, started.recipe, monitor)
        end |= monitor.saw(training.preview(preview))
    yield monitor.report(phase, **end), trained


def _follow(
    started: Run,
    training: Training,
    preview: Callable[[ddpm.Denoiser], dict],
    monitor: progress.Monitor,
    turn: run_queue.Turn,
) -> Generator[Update, None, tuple[str, dict]]:
    """Reports of a run at work. Returns how it ended, and the newest pictures."""
    shown = kept_at = sample_at = time.monotonic()
    planned, drawn = started.recipe.steps, {}
    for steps in training.steps:
        for step in steps:
            monitor.learned(step)
        turn.report(monitor.step / planned)
        now = time.monotonic()
        monitor.seconds = started.seconds
        asked = started.stop.is_set() or work.closing.is_set()
        if asked and monitor.step < planned:
            return "stopped", drawn
        if turn.is_over:
            return "out_of_time", drawn
        if now >= sample_at:
            drawn = monitor.saw(training.preview(preview))
            sampled = time.monotonic()
            sample_at = sampled + max(SAMPLE_S, SAMPLES * (sampled - now))
        if now - kept_at > KEEP_S:
            started.keep_state(monitor)
            kept_at = time.monotonic()
        if now - shown > SHOW_S:
            facts = training.machine() | {"kept": started.elsewhere}
            yield monitor.report("training", **drawn, **facts), None
            shown = time.monotonic()
    return "done", drawn


def ask_to_stop(visit: gr.Request) -> None:
    """End this visitor's run after its current step, or take it out of the line."""
    for session in job.sessions(visit):
        if session in _runs:
            _runs[session].stop.set()


def end_all(folder: Path) -> int:
    """End all runs as if every visitor had pressed Stop, and save what they have learned in
    `folder`, without waiting for them. Returns how many were saved."""
    runs = list(_runs.values())
    for each in runs:
        each.stop.set()
    saved = 0
    for each in runs:
        with suppress(Ended):  # its worker has died, just now
            saved += each.keep(folder)
    return saved
