"""python -m ddpm train | sample | evaluate"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ddpm import checkpoint, data, evaluation, images
from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.diffusion import randn_like
from ddpm.guidance import conditioned
from ddpm.samplers import BEST_SPACING, SAMPLERS
from ddpm.spacing import SPACINGS, spaced_timesteps
from ddpm.training import TrainingDiverged, TrainState, train

SHIPPED = "checkpoints/fashion_mnist.safetensors"
EVALUATE_BATCH = 250
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
        config = _config(args, Config())
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


def _draw(
    loaded: checkpoint.Checkpoint, labels: Tensor | None, seed: int, args: argparse.Namespace
) -> Iterator[Tensor]:
    """x_T and the state after each step; image k has the seed `seed + k`."""
    unet = loaded.config.unet
    count = args.count if labels is None else len(labels)
    seeds = [torch.Generator().manual_seed(seed + k) for k in range(count)]
    device = loaded.schedule.device
    shape = (count, unet.channels, unet.image_size, unet.image_size)
    x = randn_like(torch.empty(shape, device=device), seeds)
    labels = labels if labels is None else labels.to(device)
    spacing = args.spacing or BEST_SPACING[args.sampler]
    times = spaced_timesteps(loaded.schedule, args.steps, spacing)
    eps_fn = conditioned(loaded.model, labels, args.guidance)
    yield x
    for step in SAMPLERS[args.sampler](eps_fn, loaded.schedule, x, times, generator=seeds):
        yield step.x


def run_sample(args: argparse.Namespace) -> None:
    loaded = checkpoint.load_checkpoint(args.checkpoint)
    classes = loaded.config.unet.num_classes
    if not 1 <= args.count <= 4096:
        raise ValueError(f"--count must lie between 1 and 4096, not {args.count}")
    labels = None
    if classes is not None:
        if args.label is not None and not 0 <= args.label < classes:
            raise ValueError(f"--label must lie between 0 and {classes - 1}, not {args.label}")
        labels = torch.arange(args.count) % classes
        labels = labels if args.label is None else labels.fill_(args.label)
    nrow = max(1, round(args.count**0.5))
    states = _draw(loaded, labels, args.seed, args)
    grids = [images.to_pil(images.make_grid(x, nrow)) for x in states]
    if args.out.endswith(".gif"):
        images.save_gif(grids, args.out, scale=2)
    else:
        grids[-1].save(args.out)
    print(args.out)


def run_evaluate(args: argparse.Namespace) -> None:
    loaded = checkpoint.load_checkpoint(args.checkpoint)
    if loaded.config.unet.num_classes is None:
        raise ValueError(f"{args.checkpoint} knows no labels: there is nothing to ask it for")
    if args.n < evaluation.MIN_N:
        raise ValueError(f"--n must be at least {evaluation.MIN_N}, not {args.n}")
    classifier = evaluation.load_classifier(args.classifier)
    wanted = torch.arange(args.n) % 10
    drawn = []
    for first in tqdm(range(0, args.n, EVALUATE_BATCH), unit="batch"):
        labels = wanted[first : first + EVALUATE_BATCH]
        (last,) = deque(_draw(loaded, labels, args.seed + first, args), maxlen=1)
        drawn.append(images.to_uint8(last.cpu()))
    generated = torch.cat(drawn)
    real, _ = data.fashion_mnist("train", source=args.source)
    held_out, _ = data.fashion_mnist("test", source=args.source)
    figures = evaluation.evaluate(generated, wanted, real, held_out, classifier)
    print(json.dumps(figures, indent=2))


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


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """An option for each field of `Config`, with its default and its type."""
    readers = {
        "bool": lambda text: {"true": True, "false": False}.get(text.lower(), text),
        "tuple[int, ...]": lambda text: tuple(int(part) for part in text.split(",")),
        "int | None": lambda text: None if text == "none" else int(text),
        "int": int, "float": float, "str": str,
    }  # fmt: skip
    for part in (UnetConfig, DiffusionConfig, TrainConfig):
        group = parser.add_argument_group(part.__name__)
        for field in dataclasses.fields(part):
            group.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=readers[field.type],
                default=argparse.SUPPRESS,  # so that a resumed run keeps its own
                help=f"default: {field.default}",
            )


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m ddpm", description=__doc__)
    commands = top.add_subparsers(required=True)

    sub = commands.add_parser("train", help="train on Fashion-MNIST")
    sub.set_defaults(run=run_train)
    sub.add_argument("--out", default="runs/base", help="folder of the run (default: runs/base)")
    sub.add_argument("--resume", action="store_true", help="go on with the run in --out")
    sub.add_argument("--source", default="auto", choices=["auto", *data.SOURCES])
    _add_settings(sub)

    sub = commands.add_parser("sample", help="draw images: a .png, or a .gif of the way there")
    sub.set_defaults(run=run_sample)
    sub.add_argument("--out", default="samples.png")
    sub.add_argument("--count", type=int, default=64)
    sub.add_argument("--label", type=int, help="one class for all (default: each in turn)")

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("--n", type=int, default=1000, help="images drawn, and compared with")
    evaluate.add_argument("--classifier", default="checkpoints/classifier.safetensors")
    evaluate.add_argument("--source", default="auto", choices=["auto", *data.SOURCES])
    for command in (sub, evaluate):
        command.add_argument("--checkpoint", default=SHIPPED)
        command.add_argument("--sampler", default="dpm_solver", choices=list(SAMPLERS))
        command.add_argument("--steps", type=int, default=10)
        command.add_argument("--guidance", type=float, default=1.0)
        command.add_argument("--spacing", choices=SPACINGS, help="default: the sampler's best")
        command.add_argument("--seed", type=int, default=0)
    return top


def main() -> int:
    args = parser().parse_args()
    try:
        args.run(args)
    except (ValueError, OSError, TrainingDiverged) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
