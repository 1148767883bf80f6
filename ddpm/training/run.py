"""A training run in a folder: its state, its log, and how it goes on after an interruption."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed.nn  # first: keeps a process group that is there for good
from tqdm import tqdm

from ddpm import checkpoint
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.data.fashion_mnist import CLASS_NAMES, fashion_mnist
from ddpm.data.folder import Pictures, load_pictures
from ddpm.training.fit import check_data, loss_of
from ddpm.training.loop import TrainState, TrainStep, train

STATE, LOG = "state.safetensors", "log.jsonl"
SAVE_EVERY_S = 60.0  # a run killed at any moment loses this, a step and the time of a save


def run_training(
    out: str | Path,
    config: Config,
    data: str | Path | Pictures | None = None,
    *,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
) -> Path:
    """Train in the folder `out`, and return the path of the model.

    Ctrl-C and SIGTERM end the run between two steps, and save. Started by `accelerate launch`,
    it trains on several GPUs or machines.

    Args:
        out: gets state.safetensors, model.safetensors and log.jsonl.
        config: with resume, that of the run; only its number of steps may differ.
        data: a folder or zip of pictures, or a data set on the Hugging Face Hub, whose classes the
            network then has; or `Pictures` that the network of `config` takes as they are. None
            for Fashion-MNIST, or for what a resumed run has learned from so far.
        resume: go on with the run in `out`.
        source: where Fashion-MNIST comes from, see `fashion_mnist`.
        save_every: seconds between two saves.

    ValueError or OSError says what is wrong with the settings, the pictures or the folder.
    TrainingDiverged leaves the state before the step that diverged.
    """
    run_stage(Path(out), config, data, resume, source, save_every)
    end_process_group()
    return Path(out) / checkpoint.MODEL


def run_stage(
    out: Path,
    config: Config,
    data: str | Path | Pictures | None,
    resume: bool,
    source: str,
    save_every: float,
) -> bool:
    """`run_training` for one stage of several; the caller ends the process group after the last.
    Returns whether all steps are done: a run that was asked to stop has some left."""
    begin = _resumed if resume else _fresh
    config, pictures, tensors, info = begin(out / STATE, config, data, source)
    loss, unet = loss_of(config), config.unet
    labels = pictures.labels if unet.num_classes is not None else None
    check_data(unet, pictures.images, labels)
    state = TrainState(checkpoint.build_network(config), config.train)
    if tensors is not None:
        state.load_tensors(tensors)
    info = {"seconds": 0.0, "machine": machine(state)} | info
    accelerator = state.accelerator
    # batches are numbered through all steps and processes, and dealt out like cards
    processes = accelerator.num_processes
    feed = batches(
        pictures.images,
        labels,
        config.train.batch_size,
        seed=config.train.seed,
        start=state.step * config.train.accumulate * processes + accelerator.process_index,
        stride=processes,
    )
    if accelerator.is_main_process:
        shape, classes = tuple(pictures.images.shape[1:]), unet.num_classes or "no"
        count = len(pictures.images)
        print(f"{count:,} pictures (channels, height, width: {shape}), {classes} classes")
        tidy(out, state.step)
    steps = train(state, checkpoint.build_schedule(config), feed, config, loss)
    follow(steps, state, config, info, out, save_every)
    return state.step >= config.train.steps


def end_process_group() -> None:
    """Call it once no network is left that trained: the group ends with the last one. A gloo thread
    that outlives the interpreter aborts the process, and threads end with their group."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def check_new(file: Path) -> None:
    """FileExistsError if there is a state that a new run would overwrite."""
    if file.exists():
        raise FileExistsError(f"{file} exists: add --resume, or choose another --out")


def _fresh(
    file: Path, config: Config, data: str | Path | Pictures | None, source: str
) -> tuple[Config, Pictures, None, dict]:
    """The config of a new run, its pictures, no state, and what is noted of it."""
    check_new(file)
    pictures = read_pictures(data, config, source)
    info: dict = {"images": len(pictures.images)}
    if data is not None:
        info |= {"data": pictures.source, "classes": pictures.classes}
    if isinstance(data, str | Path):
        config = with_classes(config, pictures)
    return config, pictures, None, info


def _resumed(
    file: Path, config: Config, data: str | Path | Pictures | None, source: str
) -> tuple[Config, Pictures, dict, dict]:
    """The same of a run that goes on, with the state that it left."""
    tensors, earlier, info = checkpoint.load_tensors(file)
    if earlier.distill is not None:
        raise ValueError(f"{file} is a distillation: resume it with distill")
    same_length = replace(config.train, steps=earlier.train.steps)
    if replace(config, train=same_length) != earlier:
        raise ValueError(f"--resume keeps the settings of {file}; change --steps alone")
    pictures = read_pictures(data or info.get("data"), config, source)
    check_same_data(pictures, info)
    return config, pictures, tensors, info


def with_classes(config: Config, pictures: Pictures) -> Config:
    """The config of a network that knows the classes of these pictures."""
    return replace(config, unet=replace(config.unet, num_classes=len(pictures.classes) or None))


def read_pictures(data: str | Path | Pictures | None, config: Config, source: str) -> Pictures:
    if isinstance(data, Pictures):
        return data
    if data is None:
        return Pictures(*fashion_mnist("train", source=source), CLASS_NAMES, source)
    return load_pictures(str(data), config.unet.image_size, config.unet.channels)


def check_same_data(pictures: Pictures, info: dict) -> None:
    """A resumed run goes on with the pictures that it began with."""
    before, now = info.get("images"), len(pictures.images)
    if before not in (None, now):
        raise ValueError(f"--resume needs the same data: it had {before} pictures, now {now}")
    classes = info.get("classes")
    if classes not in (None, list(pictures.classes)):
        raise ValueError(
            f"--resume needs the same data: its classes were {classes}, now {pictures.classes}"
        )


def follow(
    steps: Iterator[TrainStep],
    state: TrainState,
    config: Config,
    info: dict,
    out: Path,
    save_every: float,
) -> None:
    """Take the steps, and write down what comes of them. Of several processes, one writes."""
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
                print(json.dumps(_record(step, info["seconds"])), file=log, flush=True)
                if now - saved > save_every:
                    save()
                    saved = now
                if stop.is_set():
                    accelerator.set_trigger()
                if accelerator.check_trigger():  # in any process: all end after the same step
                    break
        finally:
            save()  # after TrainingDiverged too: the state is the one before the bad step
    if writes:
        print(f"{state.step} steps in {info['seconds']:.0f} s -> {out / checkpoint.MODEL}")


def _record(step: TrainStep, seconds: float) -> dict:
    """A line of the log."""
    numbers = {f.name: getattr(step, f.name) for f in dataclasses.fields(step)}
    del numbers["model"]
    return numbers | {"seconds": seconds}


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set instead of ending the process. Only the main thread can
    receive signals; elsewhere the event is never set."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tidy(out: Path, steps: int) -> None:
    """Make the run's folder, or remove what a killed run left there: half-written files, and the
    log of steps after its last saved state, which are about to be repeated."""
    out.mkdir(parents=True, exist_ok=True)
    for unfinished in out.glob(f"*{checkpoint.UNFINISHED}"):
        unfinished.unlink()
    log = out / LOG
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    kept = "".join(line for line in whole if json.loads(line)["step"] <= steps)
    checkpoint.write_whole(log, kept.encode())


def machine(state: TrainState) -> str:
    device = state.accelerator.device.type
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    precision = state.accelerator.mixed_precision
    count = state.accelerator.num_processes
    device = device if count == 1 else f"{count} x {device}"
    return f"{device} ({name}), {torch.get_num_threads()} threads, precision {precision}"
