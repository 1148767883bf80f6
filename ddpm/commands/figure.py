"""The command `ddpm figure`: the functions of `ddpm.figures`, into a file."""

import argparse
from collections import deque
from pathlib import Path
from typing import Any

from PIL import Image

from ddpm import figures
from ddpm.commands import options
from ddpm.data import USUAL
from ddpm.data.images import from_pil, to_float
from ddpm.figures.style import LANGUAGES
from ddpm.schedules import Schedule
from ddpm.schedules.betas import BETAS
from ddpm.systems.run import enlarged

SIDE = 128  # pixels of a picture that is noised, at most
# What `ddpm figure compare` may change, and how a value is read.
AXES = {
    "sampler": str, "steps": int, "spacing": str, "guidance": float, "label": str, "words": str,
    "schedule": str, "seed": int,
}  # fmt: skip


def figure_command(args: argparse.Namespace) -> None:
    print(figures.save(args.draw(args), args.out))


def _chosen(args: argparse.Namespace) -> dict[str, Schedule]:
    rescale = not args.notebook
    return {name: Schedule.named(name, args.T, rescale=rescale) for name in args.schedules}


def _schedules(args: argparse.Namespace):
    return figures.schedules(_chosen(args), language=args.language)


def _noise(args: argparse.Namespace):
    if args.picture is None:
        x_start = to_float(USUAL.load("test", "shipped").images[0])
    else:
        with Image.open(args.picture) as picture:
            channels = 1 if Image.getmodebase(picture.mode) == "L" else 3
            x_start = from_pil(picture, min(SIDE, *picture.size), channels)
    return figures.noise(_chosen(args), x_start, seed=args.seed)


def _trajectory(args: argparse.Namespace):
    model = options.drawing_model(args)
    shape, subject = model.network.shape, {"labels": options.label_of(model, args.label)}
    run = options.begun(model, args.count, words=args.words, **subject, **options.sampling(args))
    return figures.trajectory(enlarged(run.x, shape), list(run.film(shape)))


def _compare(args: argparse.Namespace):
    model = options.drawing_model(args)
    common: dict[str, Any] = options.sampling(args) | {"label": args.label, "words": args.words}
    if args.guidance is None and not model.BY_WORDS:
        common["guidance"] = 1.0  # as is usual, and stands in the title
    rows = {}
    for text in args.values:
        try:
            value = AXES[args.axis](text)
        except ValueError as error:
            raise ValueError(f"a value of {args.axis} must be a number, not {text!r}") from error
        if args.axis == "schedule":
            value = Schedule.named(text, model.schedule.T)
        settings: dict[str, Any] = common | {args.axis: value}
        settings["labels"] = options.label_of(model, settings.pop("label"))
        (last,) = deque(options.begun(model, args.count, **settings).steps, maxlen=1)
        rows[f"{args.axis} {text}"] = last.step.x
    shared = {key: value for key, value in common.items() if value is not None}
    title = " · ".join(f"{key} {value}" for key, value in shared.items() if key != args.axis)
    return figures.comparison(rows, title)


def _loss(args: argparse.Namespace):
    runs = {Path(run).name: figures.LossCurve.read(run) for run in args.runs}
    if len(runs) < len(args.runs):
        raise ValueError("the runs' folders must have different names, which name the lines")
    return figures.losses(runs, logarithmic=args.log, language=args.language)


def _quality(args: argparse.Namespace):
    lines = figures.read_quality(args.file, args.by)
    return figures.quality(lines, floor=args.floor, language=args.language)


def add(commands: Any) -> None:
    """The command, on a parser's sub-commands."""
    top = commands.add_parser("figure", help="pictures for slides: schedules, losses, samples, …")
    kinds = top.add_subparsers(required=True)

    def kind(name: str, draw: Any, about: str) -> argparse.ArgumentParser:
        parser = kinds.add_parser(name, help=about)
        parser.set_defaults(run=figure_command, draw=draw)
        parser.add_argument("--out", default=f"{name}.png", help="a .png or an .svg")
        return parser

    curves = kind("schedules", _schedules, "ᾱ, log-SNR and the density of some schedules")
    noise = kind("noise", _noise, "a picture as it dissolves, a row for each schedule")
    for parser in (curves, noise):
        parser.add_argument("schedules", nargs="*", default=list(BETAS), help="names or text forms")
        parser.add_argument("--T", type=int, default=1000, help="noise levels (default: 1000)")
        parser.add_argument("--notebook", action="store_true", help="β 0.0001 to 0.02 at any T")
    noise.add_argument("--picture", help="of your own (default: a test picture)")
    noise.add_argument("--seed", type=int, default=0, help="of the noise (default: 0)")

    way = kind("trajectory", _trajectory, "what a sampler held, above what the network guessed")
    compare = kind("compare", _compare, "the same noise under several values of one setting")
    compare.add_argument("axis", choices=AXES, help="what changes from row to row")
    compare.add_argument("values", nargs="+", help="its values")
    for parser, count in ((way, 4), (compare, 8)):
        parser.add_argument("--count", type=int, default=count, help="pictures")
        options.add_subject(parser, "any")
        options.add_sampling(parser)

    loss = kind("loss", _loss, "the loss curves of training runs")
    loss.add_argument("runs", nargs="+", help="folders of runs")
    loss.add_argument("--log", action="store_true", help="a logarithmic axis")
    quality = kind("quality", _quality, "Fréchet distance against network calls")
    quality.add_argument("file", help="as benchmarks.samplers or benchmarks.schedules writes it")
    quality.add_argument("--by", default="sampler", choices=["sampler", "schedule"])
    quality.add_argument("--floor", type=float, help="the distance of real pictures")
    for parser in (curves, loss, quality):
        parser.add_argument("--language", default="en", choices=LANGUAGES)
