"""The command line: python -m ddpm train | distill | train-… | sample | evaluate | figure"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import warnings
from collections import deque
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from ddpm import checkpoint, figure_command
from ddpm.config import CLASSIFIER, PRESETS, STUDENT
from ddpm.data import fashion_mnist, images
from ddpm.data.folder import Pictures, load_pictures
from ddpm.diffusion.process import Denoiser
from ddpm.diffusion.seeds import generator
from ddpm.evaluation import frechet
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.options import add_run, add_sampling, add_settings, changed, sampling
from ddpm.sampling.guidance import conditioned
from ddpm.sampling.openvino import compiled
from ddpm.sampling.sample import begin, sample
from ddpm.systems import text_to_image, unclip
from ddpm.systems.cascade import CASCADE, STAGES, CascadeConfig
from ddpm.systems.cascade_run import read_config, run_cascade
from ddpm.systems.resuming import check_resumes
from ddpm.systems.train_text import begun, train_text_to_image
from ddpm.systems.train_unclip import train_unclip
from ddpm.training.distill_run import run_distillation
from ddpm.training.loop import TrainingDiverged
from ddpm.training.run import STATE, check_new, run_training, with_classes

EVALUATE_BATCH = 250
DATA = (
    "pictures to learn from instead: a folder or a zip (its sub-folders are the classes), or the "
    "name of a data set on the Hugging Face Hub; see --image-size and --channels"
)

WORDS = (
    ("train-text", "runs/text_to_image", train_text_to_image, text_to_image.CONFIGS,
     "pictures by words, Imagen's way: a small picture, then a large one"),
    ("train-unclip", "runs/unclip", train_unclip, unclip.CONFIGS,
     "pictures by words, DALL·E 2's way: an image embedding, then a picture"),
)  # fmt: skip


def train_command(args: argparse.Namespace) -> None:
    base = CLASSIFIER if args.preset is None else PRESETS[args.preset]
    if args.resume:
        check_resumes(args.out, (base.network,))
        _, base, _ = checkpoint.load_tensors(f"{args.out}/{STATE}")
    config = changed(base, args)
    data: Pictures | None = None
    if args.data and not args.resume:
        check_new(Path(args.out, STATE))  # before pictures are read, or downloaded
        data = load_pictures(args.data, config.unet.image_size, config.unet.channels)
        if "num_classes" not in args:
            config = with_classes(config, data)
    run_training(args.out, config, data or args.data, resume=args.resume, source=args.source)


def distill_command(args: argparse.Namespace) -> None:
    config = changed(STUDENT, args)
    if args.resume:
        check_resumes(args.out, (STUDENT.network,))
        _, earlier, _ = checkpoint.load_tensors(f"{args.out}/{STATE}")
        if changed(earlier, args) != earlier:
            raise ValueError(f"--resume keeps all settings of {args.out}/{STATE}")
    teacher = args.teacher or (None if args.resume else "fashion_mnist")
    run_distillation(
        args.out,
        teacher,
        config,
        args.data,
        classifier=args.classifier,
        resume=args.resume,
        source=args.source,
    )


def cascade_command(args: argparse.Namespace) -> None:
    base = read_config(Path(args.out)) if args.resume else CASCADE
    stages = (changed(getattr(base, stage), args, f"{stage}_") for stage in STAGES)
    run_cascade(args.out, CascadeConfig(*stages), resume=args.resume, source=args.source)


def words_command(args: argparse.Namespace) -> None:
    """Either system that draws by words: the parser says which."""
    usual = begun(args.out, args.configs) if args.resume else args.configs
    configs = {name: changed(part, args, f"{name}_") for name, part in usual.items()}
    args.train(args.out, configs, resume=args.resume, source=args.source)


def sample_command(args: argparse.Namespace) -> None:
    loaded = checkpoint.load_checkpoint(args.checkpoint)
    classes = loaded.config.unet.num_classes
    if not 1 <= args.count <= 4096:
        raise ValueError(f"--count must lie between 1 and 4096, not {args.count}")
    labels = None
    if classes is not None:
        if args.label is not None and not 0 <= args.label < classes:
            raise ValueError(f"--label must lie between 0 and {classes - 1}, not {args.label}")
        labels = torch.arange(args.count) % classes if args.label is None else args.label
    run = begin(loaded, args.count, labels=labels, **sampling(args))
    nrow = max(1, round(args.count**0.5))
    film = args.out.endswith(".gif")
    states = itertools.chain([run.x], (step.x for step in run.steps))
    wanted = states if film else deque(states, maxlen=1)
    grids = [images.to_pil(images.make_grid(x, nrow)) for x in wanted]
    if film:
        images.save_gif(grids, args.out, scale=2)
    else:
        grids[-1].save(args.out)
    print(args.out)


def evaluate_command(args: argparse.Namespace) -> None:
    loaded = checkpoint.load_checkpoint(args.checkpoint)
    if loaded.info.get("data") or loaded.config.unet.shape != (1, 28, 28):
        raise ValueError(
            f"{args.checkpoint} did not learn from Fashion-MNIST: evaluate compares with its "
            "pictures, in the eyes of a classifier that knows nothing else"
        )
    loaded = replace(loaded, model=compiled(loaded.model))
    figures = _likelihood(loaded.model, args) if args.nll else _quality(loaded, args)
    print(json.dumps(figures, indent=2))


def _quality(loaded: checkpoint.Checkpoint, args: argparse.Namespace) -> dict[str, object]:
    if loaded.config.unet.num_classes is None:
        raise ValueError(f"{args.checkpoint} knows no labels: there is nothing to ask it for")
    if args.n < frechet.MIN_N:
        raise ValueError(f"--n must be at least {frechet.MIN_N}, not {args.n}")
    classifier = frechet.load_classifier(args.classifier)
    fid = frechet.inception_metric() if args.inception else None  # before hours of drawing
    wanted = torch.arange(args.n) % 10
    drawn = []
    for first in tqdm(range(0, args.n, EVALUATE_BATCH), unit="batch"):
        labels = wanted[first : first + EVALUATE_BATCH]
        settings = sampling(args) | {"labels": labels, "seed": args.seed + first}
        drawn.append(images.to_uint8(sample(loaded, len(labels), **settings).cpu()))
    real, _ = fashion_mnist.fashion_mnist("train", source=args.source)
    held_out, _ = fashion_mnist.fashion_mnist("test", source=args.source)
    generated = torch.cat(drawn)
    figures = frechet.evaluate(generated, wanted, real, held_out, classifier)
    if fid is not None:
        for name, pictures in (("inception_fid", generated), ("inception_floor", held_out)):
            figures[name] = frechet.inception_distance(pictures[: args.n], real[: args.n], fid)
    return figures


def _likelihood(model: Denoiser, args: argparse.Namespace) -> dict[str, object]:
    """Bits per dimension of the first n test images, under the labels that they have."""
    if args.n < 2:
        raise ValueError(f"--n must be at least 2, not {args.n}")
    pictures, labels = fashion_mnist.fashion_mnist("test", source=args.source)
    x_start = images.to_float(pictures[: args.n]).to(model.schedule.device)
    labels = labels[: args.n].to(x_start.device)
    eps_fn = conditioned(model, None if model.network.num_classes is None else labels)
    draw = generator(args.seed)
    bits = bits_per_dim(eps_fn, model.schedule, x_start, generator=draw)
    spread = bits.std() / len(bits) ** 0.5
    return {"n": len(bits), "bits_per_dim": bits.mean().item(), "standard_error": spread.item()}


def parser() -> argparse.ArgumentParser:
    # as it was called: the installed command, or the module of a checkout
    name = "ddpm" if Path(sys.argv[0]).stem == "ddpm" else "python -m ddpm"
    top = argparse.ArgumentParser(prog=name, description=__doc__)
    commands = top.add_subparsers(required=True)

    sub = commands.add_parser(
        "train",
        help="train on Fashion-MNIST or on pictures of your own",
        epilog="On several GPUs or machines: accelerate launch -m ddpm train ...",
    )
    add_run(sub, "runs/base", train_command)
    sub.add_argument(
        "--preset", default="base", choices=PRESETS, help="what to start from (default: base)"
    )
    sub.add_argument("--data", help=DATA)
    add_settings(sub, PRESETS["base"], ("unet", "diffusion", "train"))

    sub = commands.add_parser("distill", help="a student that draws in one call or a few")
    add_run(sub, "runs/student", distill_command)
    sub.add_argument("--teacher", help="as --checkpoint of sample (default: fashion_mnist)")
    sub.add_argument("--data", help="pictures as in train (default: those the teacher knows)")
    sub.add_argument(
        "--classifier",
        help="judges in the last stage, for instance noisy_classifier (default: no such stage)",
    )
    add_settings(sub, STUDENT, ("train", "distill"))

    sub = commands.add_parser(
        "train-classifier", help="a classifier of noisy pictures, which guides a network"
    )
    add_run(sub, "runs/noisy_classifier", train_command)
    sub.set_defaults(preset=None)
    sub.add_argument("--data", help=DATA)
    add_settings(sub, CLASSIFIER, ("unet", "diffusion", "train"))

    sub = commands.add_parser(
        "train-cascade", help="a network for small pictures, then one that enlarges them"
    )
    add_run(sub, "runs/cascade", cascade_command)
    for stage in STAGES:
        add_settings(sub, getattr(CASCADE, stage), ("unet", "train"), f"{stage}_")

    for name, out, train, configs, about in WORDS:
        sub = commands.add_parser(name, help=about)
        add_run(sub, out, words_command)
        sub.set_defaults(train=train, configs=configs)
        for part, config in configs.items():
            add_settings(sub, config, ("unet", "train"), f"{part}_")

    sub = commands.add_parser("sample", help="draw images: a .png, or a .gif of the way there")
    sub.set_defaults(run=sample_command)
    sub.add_argument("--out", default="samples.png")
    sub.add_argument("--count", type=int, default=64)
    sub.add_argument("--label", type=int, help="one class for all (default: each in turn)")

    evaluate = commands.add_parser("evaluate", help="measure a checkpoint")
    evaluate.set_defaults(run=evaluate_command)
    evaluate.add_argument("--n", type=int, default=1000, help="images drawn, and compared with")
    evaluate.add_argument("--nll", action="store_true", help="bits per dimension of test images")
    evaluate.add_argument(
        "--inception", action="store_true", help="FID as well, in the features of Inception v3"
    )
    evaluate.add_argument("--classifier", default=checkpoint.SHIPPED / "classifier.safetensors")
    evaluate.add_argument("--source", default="auto", choices=["auto", *fashion_mnist.SOURCES])
    for command in (sub, evaluate):
        add_sampling(command)
    figure_command.add(commands)
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
