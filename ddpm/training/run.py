"""A training run in a folder: its state, its log, and how it goes on after an interruption."""

import dataclasses
import json
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed.nn  # first: keeps a process group that is there for good
from torch import nn
from tqdm import tqdm

from ddpm import checkpoint, processes
from ddpm.checkpoint import ONLY
from ddpm.config import Config
from ddpm.data import DATASETS
from ddpm.data.dataset import Pictures
from ddpm.training.folder import (
    CONFIG,
    LOG,
    STATE,
    check_new,
    continued,
    folder_of,
    saved_state,
    tidy,
)
from ddpm.training.lesson import Lesson, Materials
from ddpm.training.lessons import lessons_of
from ddpm.training.loop import TrainStep
from ddpm.training.state import TrainState
from ddpm.training.watch import Watch, Watcher

SAVE_EVERY_S = 60.0  # a run killed at any moment loses this, a step and the time of a save


def run_training(
    out: str | Path,
    config: Any = None,
    data: str | Path | Pictures | None = None,
    *,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
    teacher: str | Path | None = None,
    classifier: str | Path | None = None,
    track: str | None = None,
    evaluate_every: int | None = None,
    start: str | Path | None = None,
) -> Path | None:
    """Train a model of any kind in the folder `out`, and return the path of its file; None if it
    was ended before there is one.

    Ctrl-C and SIGTERM end the run between two steps, and save. Started by `accelerate launch`,
    it trains on several GPUs or machines.

    Args:
        out: gets state.safetensors, model.safetensors and log.jsonl. For a model of several
            networks each has a folder of its own for these, with the part's name, and `out` gets
            model.safetensors with all of them.
        config: a `Config`; or for several networks those of each by its part, as they are or as a
            `CascadeConfig`. It says what is trained: one network, a student (with `distill`; all
            else is then the teacher's), a cascade, Imagen's way or DALL·E 2's. None for that of a
            run that goes on, of which only the numbers of steps may differ, of a student none.
        data: a name in `DATASETS`, a folder or zip of pictures, or a data set on the Hugging Face
            Hub, whose classes the network then has; or `Pictures` that the network of `config`
            takes as they are. None for what the config names, or a resumed run or a teacher has
            learned from.
        resume: go on with the run in `out`.
        source: where the data set comes from, one of its `sources`, or "auto".
        save_every: seconds between two saves.
        teacher: of a new student, as `load_checkpoint` takes it; or a network whose predictions
            one of another size learns.
        classifier: judges in a student's last stage, as `NoisyClassifier.load` takes it; None
            leaves that to the teacher. A resumed run has the one that it began with.
        track: "tensorboard", whose files are then in `out`, "wandb" or "trackio" get loss, rate,
            gradient norm, and every 500 steps the loss by noise level and pictures.
        evaluate_every: steps between two measurements of 1,000 pictures, for evaluations.jsonl, in
            the features of `classifier`, here as `ddpm evaluate` takes it, or of the data set's;
            best.safetensors has the weights of the least distance.
        start: whose weights a new network begins with, as `load_checkpoint` takes it; they may be
            of a narrower one, or of one with more attention. None for random weights; of a student
            for those of its teacher, whose size it then has.

    ValueError or OSError says what is wrong with the settings, the pictures or the folder.
    TrainingDiverged leaves the state before the step that diverged.
    """
    out, watch = Path(out), Watch(track, evaluate_every, classifier, source)
    watch.check()
    configs = None if config is None else checkpoint.configs_of(checkpoint.as_dict(config))
    if configs and isinstance(data, str) and data in DATASETS:
        configs = {name: dataclasses.replace(each, data=data) for name, each in configs.items()}
    if resume and start is not None:
        raise ValueError("a resumed run goes on with its own weights: leave out start")
    if resume:
        configs = continued(out, configs, has_their_classes=isinstance(data, str | Path))
    elif configs is None:
        raise ValueError("a new run needs a config")
    else:
        check_new(out)
    saved = {name: saved_state(out, name) for name in configs} if resume else {}
    notes = {name: info for name, (_, info) in saved.items()}
    materials = Materials(data, source, teacher, None if evaluate_every else classifier, out, start)
    lessons = lessons_of(configs, materials, notes)
    watch = watch.of(lessons, notes)
    if start is not None:
        if list(lessons) != [ONLY] or lessons[ONLY].config.network != "unet":
            raise ValueError("only one network that draws can begin with another's weights")
        lessons[ONLY].start = start
    processes.wait()  # until all have seen that the folder is free
    if ONLY not in configs and processes.number() == 0:
        whole = {name: lesson.config for name, lesson in lessons.items()}
        text = json.dumps(checkpoint.as_dict(whole), indent=2)
        checkpoint.write_whole(out / CONFIG, text.encode())
    trained: dict[str, nn.Module] = {}
    for name, lesson in lessons.items():
        tensors, info = saved.pop(name, (None, {}))
        state = _learn(folder_of(out, name), lesson, trained, tensors, info, save_every, watch)
        if state.step < lesson.config.train.steps and name != ONLY:
            print(f"stopped in {name}: add --resume to go on")
            return None
        trained[name] = state.averaged().requires_grad_(False)
    del state
    processes.end()
    if ONLY not in configs and processes.number() == 0:
        _join(out, lessons, trained)
    return out / checkpoint.MODEL


def _learn(
    out: Path,
    lesson: Lesson,
    trained: Mapping[str, nn.Module],
    tensors: dict | None,
    info: dict,
    save_every: float,
    watch: Watch,
) -> TrainState:
    """One network in its folder: begun or resumed, and followed to its end, or to the run's."""
    state = TrainState(lesson.network(), lesson.config.train)
    if tensors is not None:
        state.load_tensors(tensors)
    lesson.info |= {"seconds": 0.0, "machine": machine(state)} | info
    if state.step < lesson.config.train.steps:
        steps = lesson.steps(state, trained)
        watcher = None
        if state.accelerator.is_main_process:
            print(lesson.about)
            watcher = Watcher(watch, out, lesson)
            tidy(out, state.step)
        follow(steps, state, lesson.config, lesson.info, out, save_every, watcher)
    return state


def _join(out: Path, lessons: Mapping[str, Lesson], trained: Mapping[str, nn.Module]) -> None:
    """All networks in one file."""
    parts = {name: (network, lessons[name].config) for name, network in trained.items()}
    steps = {name: lesson.config.train.steps for name, lesson in lessons.items()}
    notes = {name: lesson.info | {"steps": steps[name]} for name, lesson in lessons.items()}
    dtype = next(iter(lessons.values())).dtype
    checkpoint.save_parts(out / checkpoint.MODEL, parts, dtype, steps=steps, **notes)
    print(f"{', '.join(parts)} -> {out / checkpoint.MODEL}")


def follow(
    steps: Iterator[TrainStep],
    state: TrainState,
    config: Config,
    info: dict,
    out: Path,
    save_every: float,
    watcher: Watcher | None = None,
) -> None:
    """Take the steps, and write down what comes of them. Of several processes, one does."""
    accelerator = state.accelerator
    writes = accelerator.is_main_process

    def save() -> None:
        if writes:
            checkpoint.save_tensors(out / STATE, state.tensors(), config, info)
            network, noted = state.averaged(), info | {"steps": state.step}
            checkpoint.save_checkpoint(out / checkpoint.MODEL, network, config, **noted)

    saved = time.monotonic()
    begin = saved - info["seconds"]  # as if the run had never been interrupted
    bar = tqdm(
        total=config.train.steps,
        initial=state.step,
        unit="step",
        dynamic_ncols=True,
        disable=not writes,
    )
    with _asked_to_stop() as stop, open(out / LOG if writes else os.devnull, "a") as log, bar:
        try:
            for step in steps:
                now = time.monotonic()
                info["seconds"] = round(now - begin, 1)
                bar.update()
                bar.set_postfix(loss=f"{step.loss:.4f}")
                record = {name: value for name, value in vars(step).items() if name != "model"}
                record["seconds"] = info["seconds"]
                print(json.dumps(record), file=log, flush=True)
                if watcher is not None:
                    watcher.step(step)
                if now - saved > save_every:
                    save()
                    saved = now
                if stop.is_set():
                    accelerator.set_trigger()
                if accelerator.check_trigger():  # in any process: all end after the same step
                    break
        finally:
            save()  # after TrainingDiverged too: the state is the one before the bad step
            if watcher is not None:
                watcher.close()
    if writes:
        print(f"{state.step} steps in {info['seconds']:.0f} s -> {out / checkpoint.MODEL}")


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set instead of ending the process. Only the main thread can
    receive signals; elsewhere the event is never set."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = signal.SIGINT, signal.SIGTERM
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def machine(state: TrainState) -> str:
    used = state.accelerator
    device, count = used.device.type, used.num_processes
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    device = device if count == 1 else f"{count} x {device}"
    return f"{device} ({name}), {torch.get_num_threads()} threads, precision {used.mixed_precision}"
