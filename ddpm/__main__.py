"""python -m ddpm train | sample | evaluate"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import warnings
from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor
from tqdm import tqdm

from ddpm import backend, checkpoint, data, evaluation, images
from ddpm.config import PRESETS
from ddpm.diffusion import Denoiser, generators, randn_like
from ddpm.guidance import conditioned
from ddpm.likelihood import bits_per_dim
from ddpm.run import run_train
from ddpm.samplers import BEST_SPACING, SAMPLERS
from ddpm.spacing import SPACINGS, spaced_timesteps
from ddpm.training import TrainingDiverged

SHIPPED = "checkpoints/fashion_mnist.safetensors"
EVALUATE_BATCH = 250


def _draw(
    loaded: checkpoint.Checkpoint,
    model: Denoiser,
    labels: Tensor | None,
    seed: int,
    args: argparse.Namespace,
) -> Iterator[Tensor]:
    """x_T and the state after each step; image k has the seed `seed + k`."""
    count = args.count if labels is None else len(labels)
    device = loaded.schedule.device
    seeds = generators(count, seed)
    x = randn_like(torch.empty(count, *loaded.config.unet.shape, device=device), seeds)
    labels = labels if labels is None else labels.to(device)
    spacing = args.spacing or BEST_SPACING[args.sampler]
    times = spaced_timesteps(loaded.schedule, args.steps, spacing)
    eps_fn = conditioned(model, labels, args.guidance)
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
    states = _draw(loaded, loaded.model, labels, args.seed, args)
    grids = [images.to_pil(images.make_grid(x, nrow)) for x in states]
    if args.out.endswith(".gif"):
        images.save_gif(grids, args.out, scale=2)
    else:
        grids[-1].save(args.out)
    print(args.out)


def run_evaluate(args: argparse.Namespace) -> None:
    loaded = checkpoint.load_checkpoint(args.checkpoint)
    unet = loaded.config.unet
    if loaded.info.get("data") or (unet.channels, unet.image_size) != (1, 28):
        raise ValueError(
            f"{args.checkpoint} did not learn from Fashion-MNIST: evaluate compares with its "
            "pictures, in the eyes of a classifier that knows nothing else"
        )
    model = backend.compiled(loaded.model, unet.image_size)
    figures = _nll(loaded, model, args) if args.nll else _quality(loaded, model, args)
    print(json.dumps(figures, indent=2))


def _quality(
    loaded: checkpoint.Checkpoint, model: Denoiser, args: argparse.Namespace
) -> dict[str, object]:
    if loaded.config.unet.num_classes is None:
        raise ValueError(f"{args.checkpoint} knows no labels: there is nothing to ask it for")
    if args.n < evaluation.MIN_N:
        raise ValueError(f"--n must be at least {evaluation.MIN_N}, not {args.n}")
    classifier = evaluation.load_classifier(args.classifier)
    wanted = torch.arange(args.n) % 10
    drawn = []
    for first in tqdm(range(0, args.n, EVALUATE_BATCH), unit="batch"):
        labels = wanted[first : first + EVALUATE_BATCH]
        (last,) = deque(_draw(loaded, model, labels, args.seed + first, args), maxlen=1)
        drawn.append(images.to_uint8(last.cpu()))
    generated = torch.cat(drawn)
    real, _ = data.fashion_mnist("train", source=args.source)
    held_out, _ = data.fashion_mnist("test", source=args.source)
    return evaluation.evaluate(generated, wanted, real, held_out, classifier)


def _nll(
    loaded: checkpoint.Checkpoint, model: Denoiser, args: argparse.Namespace
) -> dict[str, object]:
    """Bits a dimension of the first n test images, under the labels that they have."""
    pictures, labels = data.fashion_mnist("test", source=args.source)
    x_start = data.to_float(pictures[: args.n]).to(loaded.schedule.device)
    labels = labels[: args.n].to(x_start.device)
    eps_fn = conditioned(model, None if loaded.config.unet.num_classes is None else labels)
    draw = torch.Generator().manual_seed(args.seed)
    bits = bits_per_dim(eps_fn, loaded.schedule, x_start, generator=draw)
    spread = bits.std() / len(bits) ** 0.5
    return {"n": len(bits), "bits_per_dim": bits.mean().item(), "standard_error": spread.item()}


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """An option for each field of `Config`, with the default of the preset "base"."""
    readers = {
        "bool": lambda text: {"true": True, "false": False}.get(text.lower(), text),
        "tuple[int, ...]": lambda text: tuple(int(part) for part in text.split(",")),
        "int | None": lambda text: None if text == "none" else int(text),
        "int": int, "float": float, "str": str,
    }  # fmt: skip
    base = PRESETS["base"]
    for part in (base.unet, base.diffusion, base.train):
        group = parser.add_argument_group(type(part).__name__)
        for field in dataclasses.fields(part):
            group.add_argument(
                f"--{field.name.replace('_', '-')}",
                type=readers[field.type],
                default=argparse.SUPPRESS,  # so that a resumed run keeps its own
                help=f"base: {getattr(part, field.name)}",
            )


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m ddpm", description=__doc__)
    commands = top.add_subparsers(required=True)

    sub = commands.add_parser(
        "train",
        help="train on Fashion-MNIST or on pictures of your own",
        epilog="On several GPUs or machines: accelerate launch -m ddpm train ...",
    )
    sub.set_defaults(run=run_train)
    sub.add_argument("--out", default="runs/base", help="folder of the run (default: runs/base)")
    sub.add_argument("--preset", default="base", choices=PRESETS, help="what to start from")
    sub.add_argument("--resume", action="store_true", help="go on with the run in --out")
    sub.add_argument("--source", default="auto", choices=["auto", *data.SOURCES])
    sub.add_argument(
        "--data",
        help="pictures to learn from instead: a folder or a zip (its sub-folders are the classes), "
        "or the name of a data set on the Hugging Face Hub; see --image-size and --channels",
    )
    _add_settings(sub)

    sub = commands.add_parser("sample", help="draw images: a .png, or a .gif of the way there")
    sub.set_defaults(run=run_sample)
    sub.add_argument("--out", default="samples.png")
    sub.add_argument("--count", type=int, default=64)
    sub.add_argument("--label", type=int, help="one class for all (default: each in turn)")

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint")
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("--n", type=int, default=1000, help="images drawn, and compared with")
    evaluate.add_argument("--nll", action="store_true", help="bits a dimension of test images")
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
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"  # not its line of code
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
