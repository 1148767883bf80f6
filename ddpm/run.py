"""A training run in a folder: its state, its log, and how it goes on after an interruption."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import signal
import threading
import time
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ddpm import checkpoint, data
from ddpm.config import PRESETS, Config, UnetConfig
from ddpm.training import TrainState, train

SAVE_EVERY_S = 120.0  # a run killed at any moment loses no more than this


def run_train(args: argparse.Namespace) -> None:
    out = Path(args.out)
    state_file, log_file = out / "state.safetensors", out / "log.jsonl"
    if args.resume:
        tensors, earlier, info = checkpoint.load_tensors(state_file)
        config = _config(args, earlier)
        same_length = dataclasses.replace(config.train, steps=earlier.train.steps)
        if dataclasses.replace(config, train=same_length) != earlier:
            raise ValueError(f"--resume keeps the settings of {state_file}; change --steps alone")
    elif state_file.exists():
        raise FileExistsError(f"{state_file} exists: add --resume, or choose another --out")
    else:
        config = _config(args, PRESETS[args.preset])
    pictures, labels = _training_data(config.unet, args.source)
    state = TrainState(checkpoint.build_network(config), config.train)
    if args.resume:
        state.load_tensors(tensors)
        _cut_log(log_file, state.step)
    else:
        info = {"images": len(pictures), "seconds": 0.0, "machine": _machine(state)}
        out.mkdir(parents=True, exist_ok=True)

    def save() -> None:
        checkpoint.save_tensors(state_file, state.tensors(), config, info)
        checkpoint.save_checkpoint(
            out / "model.safetensors", state.averaged(), config, **info, steps=state.step
        )

    # Ctrl-C and a polite kill end the run between two steps, never within one
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    feed = data.batches(
        pictures, labels, config.train.batch_size, seed=config.train.seed, start=state.step
    )
    steps = train(state, checkpoint.build_schedule(config), feed, config)
    bar = tqdm(total=config.train.steps, initial=state.step, unit="step", dynamic_ncols=True)
    saved = time.monotonic()
    begin = saved - info["seconds"]  # as if the run had never been interrupted
    with log_file.open("a") as log, bar:
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
                    break
        finally:
            save()  # after TrainingDiverged too: the state is the one before the bad step
    print(f"{state.step} steps in {info['seconds']:.0f} s -> {out / 'model.safetensors'}")


def _training_data(unet: UnetConfig, source: str) -> tuple[Tensor, Tensor | None]:
    """The training images, if they are of the shape and the classes that the network takes."""
    pictures, labels = data.fashion_mnist("train", source=source)
    shape = (unet.channels, unet.image_size, unet.image_size)
    if pictures.shape[1:] != shape:
        raise ValueError(f"the images are {tuple(pictures.shape[1:])}, the network takes {shape}")
    if unet.num_classes is None:
        return pictures, None
    if int(labels.max()) >= unet.num_classes:
        raise ValueError(f"the labels go to {int(labels.max())}: raise --num-classes")
    return pictures, labels


def _cut_log(path: Path, steps: int) -> None:
    """Drop what a killed run logged after its last saved state: it is about to happen again."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    path.write_text("".join(line for line in whole if json.loads(line)["step"] <= steps))


def _machine(state: TrainState) -> str:
    device = state.accelerator.device.type
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    precision = state.accelerator.mixed_precision
    return f"{device} ({name}), {torch.get_num_threads()} threads, precision {precision}"


def _config(args: argparse.Namespace, base: Config) -> Config:
    """`base` with the settings that stand on the command line."""

    def changed(part):
        given = {f.name for f in dataclasses.fields(part)} & vars(args).keys()
        return dataclasses.replace(part, **{name: getattr(args, name) for name in given})

    return Config(changed(base.unet), changed(base.diffusion), changed(base.train))
