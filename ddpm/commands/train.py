"""The command `ddpm train`, for a model of any kind, and its older names for some."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ddpm.checkpoint import ONLY, CheckpointError, as_dict, configs_of
from ddpm.commands.options import add_settings, changed
from ddpm.config import Config
from ddpm.data import DATASETS, SOURCES
from ddpm.data.folder import load_pictures
from ddpm.presets import CLASSIFIER, COLOUR, PRESETS, STUDENT, UNCLIP
from ddpm.systems import imagen
from ddpm.systems.cascade import CASCADE
from ddpm.training.folder import BEST, check_kind, check_new, command_of, read_configs
from ddpm.training.run import run_training
from ddpm.training.watch import TRACKERS, N

DATA = (
    f"pictures to learn from: {', '.join(DATASETS)}; a folder or a zip (its sub-folders are the "
    "classes), or the name of a data set on the Hugging Face Hub; see --image-size and --channels"
)
STARTS: dict[str, dict[str, Config]] = {
    name: configs_of(as_dict(config))
    for name, config in {
        **PRESETS,
        "colour": COLOUR,
        "classifier": CLASSIFIER,
        "student": STUDENT,
        "cascade": CASCADE,
        "imagen": imagen.CONFIGS,
        "unclip": UNCLIP,
    }.items()
}
# The names of the command: the preset that it starts from, its folder, and what it trains
COMMANDS = {
    "train": ("base", "runs/base", "train a model of any kind"),
    "distill": ("student", "runs/student", "a student that draws in one call or a few"),
    "train-classifier": ("classifier", "runs/noisy_classifier",
                         "a classifier of noisy pictures, which guides a network"),
    "train-cascade": ("cascade", "runs/cascade",
                      "a network for small pictures, then one that enlarges them"),
    "train-text": ("imagen", "runs/text_to_image",
                   "pictures by words, Imagen's way: a small picture, then a large one"),
    "train-unclip": ("unclip", "runs/unclip",
                     "pictures by words, DALL·E 2's way: an image embedding, then a picture"),
}  # fmt: skip


def train_command(args: argparse.Namespace) -> None:
    usual = args.usual
    if args.resume:
        earlier = read_configs(args.out)
        check_kind(usual, earlier, args.out)
        usual = earlier
    configs = {name: changed(config, args, _prefix(name)) for name, config in usual.items()}
    data = getattr(args, "data", None)
    if data and "num_classes" in args and not args.resume:  # which otherwise the pictures decide
        check_new(Path(args.out))  # before they are read, or downloaded
        unet = configs[ONLY].unet
        data = load_pictures(data, unet.image_size, unet.channels, source=args.source)
    names = ("teacher", "classifier", "track", "evaluate_every", "start")
    given: dict[str, Any] = {name: getattr(args, name, None) for name in names}
    if command_of(configs) == "distill" and not args.resume:
        given["teacher"] = given["teacher"] or "fashion_mnist"
    run_training(args.out, configs, data, resume=args.resume, source=args.source, **given)


def add(commands: Any, argv: Sequence[str]) -> None:
    """The commands, on a parser's sub-commands; `argv` is what was typed, as the kind of model
    decides which settings there are."""
    for name, (preset, out, about) in COMMANDS.items():
        parser = commands.add_parser(
            name,
            help=about,
            epilog=f"On several GPUs or machines: accelerate launch -m ddpm {name} ...",
        )
        parser.add_argument("--out", default=out, help=f"folder of the run (default: {out})")
        parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
        parser.add_argument(
            "--source", default="auto", choices=SOURCES, help="where the data set comes from"
        )
        parser.add_argument("--track", choices=TRACKERS, help="log the run for this tracker too")
        parser.add_argument(
            "--evaluate-every",
            type=int,
            metavar="STEPS",
            help=f"measure {N:,} pictures this often, and keep the best weights as {BEST}",
        )
        usual = STARTS[preset]
        if name == "train":
            _add_start(parser)
            usual = _chosen(argv) if "train" in argv[:1] else usual
        parser.set_defaults(run=train_command, usual=usual)
        _add_kind(parser, usual)


def _add_start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset",
        default="base",
        choices=STARTS,
        help="the kind of model and its settings, which the options below change (default: base)",
    )
    parser.add_argument(
        "--config", help="a JSON file of settings in place of a preset's, as a run's config.json"
    )


def _chosen(argv: Sequence[str]) -> dict[str, Config]:
    """The settings that this call of `ddpm train` starts from: a run's, a file's or a preset's."""
    first = argparse.ArgumentParser(add_help=False)
    _add_start(first)
    first.add_argument("--out", default=COMMANDS["train"][1])
    first.add_argument("--resume", action="store_true")
    args, _ = first.parse_known_args(argv[1:])
    if args.resume:
        try:
            return read_configs(args.out)
        except CheckpointError:  # the command will say so
            return STARTS["base"]
    if args.config is None:
        return STARTS[args.preset]
    try:
        return configs_of(json.loads(Path(args.config).read_text()))
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{args.config}: not a file of settings ({error})") from error


def _add_kind(parser: argparse.ArgumentParser, configs: dict[str, Config]) -> None:
    """The settings of this kind of model, and what it learns from."""
    command, parts = command_of(configs), ("unet", "train")
    if command in ("train", "train-classifier"):
        parts = ("unet", "diffusion", "train")
    if command == "distill":
        parts = ("train", "distill")
        parser.add_argument("--teacher", help="as --checkpoint of sample (default: fashion_mnist)")
        parser.add_argument(
            "--classifier",
            help="judges in the last stage, for instance noisy_classifier (default: the teacher)",
        )
    if ONLY in configs:
        parser.add_argument("--data", help=DATA)
    start = {
        "train": "not with random ones; a wider network begins by drawing what they draw, and one "
        "with less attention leaves out the rest",
        "distill": "not with the teacher's, and have their size; with a finished student's, its "
        "pictures get the moments of real ones, and how it came to be stays as it is, unless "
        "it becomes a flow map",
    }.get(command)
    if start is not None and ONLY in configs:
        parser.add_argument(
            "--from",
            dest="start",
            metavar="CHECKPOINT",
            help=f"begin with these weights, as --checkpoint of sample, {start}",
        )
    if command == "train" and ONLY in configs:
        parser.add_argument(
            "--teacher",
            help="learn what this network predicts, as --checkpoint of sample, in place of the "
            "noise that was added; it may have another size",
        )
        parser.add_argument(
            "--classifier",
            help="in whose features --evaluate-every measures, as --classifier of evaluate "
            "(default: the data set's)",
        )
    for name, config in configs.items():
        add_settings(parser, config, parts, _prefix(name))


def _prefix(name: str) -> str:
    return "" if name == ONLY else f"{name}_"
