"""A training run in a folder: its state, its log, and how it goes on after an interruption."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.distributed.nn  # first: keeps a process group that is there for good
from torch import Tensor
from tqdm import tqdm

from ddpm import checkpoint, data
from ddpm.config import PRESETS, Config, UnetConfig
from ddpm.pictures import Pictures, load_pictures
from ddpm.training import TrainState, TrainStep, train

STATE, MODEL, LOG = "state.safetensors", "model.safetensors", "log.jsonl"
SAVE_EVERY_S = 60.0  # a run killed at any moment loses this, a step and the time of a save


def run_train(args: argparse.Namespace) -> None:
    _run(args)
    # A gloo thread that outlives the interpreter aborts the process. Threads end with their
    # process group, and that when the last network that trained in it is gone, as it is here
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _run(args: argparse.Namespace) -> None:
    out = Path(args.out)
    config, pictures, tensors, info = _plan(args, out / STATE)
    images, labels = _checked(pictures, config.unet)
    state = TrainState(checkpoint.build_network(config), config.train)
    if tensors is not None:
        state.load_tensors(tensors)
    info = {"seconds": 0.0, "machine": _machine(state)} | info
    accelerator = state.accelerator
    if accelerator.is_main_process:
        shape, classes = tuple(images.shape[1:]), config.unet.num_classes or "no"
        print(f"{len(images):,} pictures (channels, height, width: {shape}), {classes} classes")
        _tidy(out, state.step)
    # batches are numbered through all steps and processes, and dealt out like cards
    processes = accelerator.num_processes
    feed = data.batches(
        images,
        labels,
        config.train.batch_size,
        seed=config.train.seed,
        start=state.step * config.train.accumulate * processes + accelerator.process_index,
        stride=processes,
    )
    _follow(train(state, checkpoint.build_schedule(config), feed, config), state, config, info, out)


def _plan(args: argparse.Namespace, file: Path) -> tuple[Config, Pictures, dict | None, dict]:
    """What to train, on what; and of a run that goes on, its state and what was noted of it."""
    if args.resume:
        tensors, earlier, info = checkpoint.load_tensors(file)
        config = _config(args, earlier)
        same_length = dataclasses.replace(config.train, steps=earlier.train.steps)
        if dataclasses.replace(config, train=same_length) != earlier:
            raise ValueError(f"--resume keeps the settings of {file}; change --steps alone")
        pictures = _training_data(args, config.unet, info.get("data"))
        _check_same_data(pictures, info)
        return config, pictures, tensors, info
    if file.exists():
        raise FileExistsError(f"{file} exists: add --resume, or choose another --out")
    config = _config(args, PRESETS[args.preset])
    pictures = _training_data(args, config.unet, None)
    info = {"images": len(pictures.images)}
    if args.data:
        info |= {"data": args.data, "classes": pictures.classes}
        if "num_classes" not in args:
            unet = dataclasses.replace(config.unet, num_classes=len(pictures.classes) or None)
            config = dataclasses.replace(config, unet=unet)
    return config, pictures, None, info


def _follow(
    steps: Iterator[TrainStep], state: TrainState, config: Config, info: dict, out: Path
) -> None:
    """Take the steps, and write down what comes of them. Of several processes, one writes."""
    accelerator = state.accelerator
    writes = accelerator.is_main_process

    def save() -> None:
        if writes:
            checkpoint.save_tensors(out / STATE, state.tensors(), config, info)
            network, noted = state.averaged(), info | {"steps": state.step}
            checkpoint.save_checkpoint(out / MODEL, network, config, **noted)

    # Ctrl-C and a polite kill end the run between two steps, never within one
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    saved = time.monotonic()
    begin = saved - info["seconds"]  # as if the run had never been interrupted
    bar = tqdm(
        total=config.train.steps,
        initial=state.step,
        unit="step",
        dynamic_ncols=True,
        disable=not writes,
    )
    with open(out / LOG if writes else os.devnull, "a") as log, bar:
        try:
            for step in steps:
                now = time.monotonic()
                info["seconds"] = round(now - begin, 1)
                bar.update()
                bar.set_postfix(loss=f"{step.loss:.4f}")
                record = dataclasses.asdict(step) | {"seconds": info["seconds"]}
                print(json.dumps(record), file=log, flush=True)
                if now - saved > SAVE_EVERY_S:
                    save()
                    saved = now
                if stop.is_set():
                    accelerator.set_trigger()
                if accelerator.check_trigger():  # in any process: all end after the same step
                    break
        finally:
            save()  # after TrainingDiverged too: the state is the one before the bad step
    if writes:
        print(f"{state.step} steps in {info['seconds']:.0f} s -> {out / MODEL}")


def _training_data(args: argparse.Namespace, unet: UnetConfig, earlier: str | None) -> Pictures:
    """What --data names, else what the resumed run learned from, else Fashion-MNIST."""
    where = args.data or earlier
    if where is None:
        return Pictures(*data.fashion_mnist("train", source=args.source), data.CLASS_NAMES)
    return load_pictures(where, unet.image_size, unet.channels)


def _check_same_data(pictures: Pictures, info: dict) -> None:
    """A resumed run goes on with the pictures that it began with."""
    before, now = info.get("images"), len(pictures.images)
    if before not in (None, now):
        raise ValueError(f"--resume needs the same data: it had {before} pictures, now {now}")
    classes = info.get("classes")
    if classes not in (None, list(pictures.classes)):
        raise ValueError(
            f"--resume needs the same data: its classes were {classes}, now {pictures.classes}"
        )


def _checked(pictures: Pictures, unet: UnetConfig) -> tuple[Tensor, Tensor | None]:
    """Images and labels, if they are of the shape and the classes that the network takes."""
    images, labels = pictures.images, pictures.labels
    if images.shape[1:] != unet.shape:
        shape = tuple(images.shape[1:])
        raise ValueError(f"the images are {shape}, the network takes {unet.shape}")
    if unet.num_classes is None:
        return images, None
    if labels is None:
        raise ValueError("the pictures have no classes: leave --num-classes out")
    if int(labels.min()) < 0 or int(labels.max()) >= unet.num_classes:
        raise ValueError(
            f"the labels go from {int(labels.min())} to {int(labels.max())}, the network takes "
            f"0 to {unet.num_classes - 1}: set --num-classes"
        )
    return images, labels


def _tidy(out: Path, steps: int) -> None:
    """Make the run's folder, or clear it of what a killed run left there: files half written,
    and what it logged after its last saved state, which is about to happen again."""
    out.mkdir(parents=True, exist_ok=True)
    for unfinished in out.glob(f"*{checkpoint.UNFINISHED}"):
        unfinished.unlink()
    log = out / LOG
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    kept = "".join(line for line in whole if json.loads(line)["step"] <= steps)
    checkpoint.write_whole(log, kept.encode())


def _machine(state: TrainState) -> str:
    device = state.accelerator.device.type
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    precision = state.accelerator.mixed_precision
    count = state.accelerator.num_processes
    device = device if count == 1 else f"{count} x {device}"
    return f"{device} ({name}), {torch.get_num_threads()} threads, precision {precision}"


def _config(args: argparse.Namespace, base: Config) -> Config:
    """`base` with the settings that stand on the command line."""

    def changed(part):
        given = {f.name for f in dataclasses.fields(part)} & vars(args).keys()
        return dataclasses.replace(part, **{name: getattr(args, name) for name in given})

    return Config(changed(base.unet), changed(base.diffusion), changed(base.train))
