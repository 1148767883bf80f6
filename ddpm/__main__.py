"""The command line: python -m ddpm train | distill | train-… | sample | evaluate | figure"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from ddpm import checkpoint, draw_commands, figure_command
from ddpm.config import CLASSIFIER, PRESETS, STUDENT
from ddpm.data.folder import Pictures, load_pictures
from ddpm.options import add_run, add_settings, changed
from ddpm.systems import imagen, unclip
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
    ("train-text", "runs/text_to_image", train_text_to_image, imagen.CONFIGS,
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

    draw_commands.add(commands)
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
