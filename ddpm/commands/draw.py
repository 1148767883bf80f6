"""The commands `ddpm sample` and `ddpm evaluate`, for a model of any kind."""

import argparse
import itertools
import json
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ddpm import processes
from ddpm.commands import options
from ddpm.data import SOURCES, images
from ddpm.data.dataset import Dataset
from ddpm.data.folder import dataset_of
from ddpm.diffusion.seeds import generator
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.evaluation.quality import BATCH, measured
from ddpm.files import write_whole
from ddpm.sampling.guidance import classifier_free_guided
from ddpm.sampling.openvino import compiled
from ddpm.shown import progress
from ddpm.systems.base import Checkpoint, System
from ddpm.systems.run import enlarged
from ddpm.training.folder import EVALUATION

GAP = 16  # pixels between what is drawn and what is real


def sample_command(args: argparse.Namespace) -> None:
    is_folder = not Path(args.out).suffix
    if args.beside_real and is_folder:
        raise ValueError("--beside-real is for one picture of all: --out must end in .png or .gif")
    number = processes.number()  # before the model, which goes to this process's GPU
    if number > 0 and not is_folder:
        return  # a picture of all is drawn by one
    most = 1_000_000 if is_folder else 4096
    if not 1 <= args.count <= most:
        raise ValueError(f"--count must lie between 1 and {most}, not {args.count}")
    model = options.drawing_model(args)
    labels: int | Tensor | None = options.label_of(model, args.label)
    if labels is None and args.words is None and (classes := len(model.classes)):
        labels = torch.arange(args.count) % classes
    if is_folder:
        _files(model, labels, args)
        return
    subject = {"labels": labels, "words": args.words}
    run = options.begun(model, args.count, **subject, **options.sampling(args))
    shape = model.network.shape
    real = images.make_grid(_real(model, labels, args.count)) if args.beside_real else None
    states = itertools.chain([enlarged(run.x, shape)], (step.x for step in run.film(shape)))
    is_film = args.out.endswith(".gif")
    wanted = states if is_film else deque(states, maxlen=1)
    grids = [images.to_pil(_beside(images.make_grid(x), real)) for x in wanted]
    if is_film:
        images.save_gif(grids, args.out, scale=2)
    else:
        grids[-1].save(args.out)
    print(args.out)


def _real(model: System, labels: int | Tensor | None, count: int) -> Tensor:
    """The first test pictures (count, C, H, W) of these classes, of what the model learned from."""
    test = model.dataset.load("test")
    places = torch.arange(count) % len(test.images)
    if labels is not None and test.labels is not None:
        for label in (wanted := torch.as_tensor(labels).expand(count)).unique():
            of_class, asked = torch.nonzero(test.labels == label).flatten(), wanted == label
            places[asked] = of_class[torch.arange(int(asked.sum())) % len(of_class)]
    return images.to_float(test.images[places])


def _beside(drawn: Tensor, real: Tensor | None) -> Tensor:
    """Both grids, with a white gap between them."""
    if real is None:
        return drawn
    return torch.cat([drawn, drawn.new_ones(*drawn.shape[:2], GAP), real], dim=2)


def _files(model: System, labels: int | Tensor | None, args: argparse.Namespace) -> None:
    """A file for each picture. Of several processes each draws some: the same pictures."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    for first in progress(processes.share(range(0, args.count, BATCH)), "batch"):
        count = min(BATCH, args.count - first)
        own = labels[first : first + count] if isinstance(labels, Tensor) else labels
        for k, picture in enumerate(_drawn(model, count, own, first, args)):
            images.to_pil(picture).save(out / f"{first + k:06}.png")
    print(out)


def _drawn(
    model: System, count: int, labels: int | Tensor | None, first: int, args: argparse.Namespace
) -> Tensor:
    """Pictures (count, C, H, W) of all that are to be drawn, from number `first` on."""
    own = {"labels": labels, "words": getattr(args, "words", None), "seed": args.seed + first}
    (last,) = deque(options.begun(model, count, **options.sampling(args) | own).steps, maxlen=1)
    return last.step.x


def evaluate_command(args: argparse.Namespace) -> None:
    is_first = processes.number() == 0
    model = options.drawing_model(args)
    data = _compared_with(model, args)
    if isinstance(model, Checkpoint):
        model = replace(model, model=compiled(model.model))
    if args.nll and not is_first:
        return
    figures = _likelihood(model, data, args) if args.nll else _quality(model, data, args)
    if not is_first:
        return
    text = json.dumps(figures, indent=2)
    if (run := Path(args.checkpoint)).is_dir() and not args.nll:  # for the card of a push
        write_whole(run / EVALUATION, text.encode())
    print(text)


def _compared_with(model: System, args: argparse.Namespace) -> Dataset:
    """The pictures of --data, or those that the model learned from."""
    found, shape = model.dataset, model.network.shape
    if args.data is not None or found.shape is None:
        try:
            found = dataset_of(args.data or found.name, shape)
        except OSError as error:
            raise OSError(f"{error}: name pictures to compare with, --data") from error
    if found.shape != shape:
        raise ValueError(f"{args.checkpoint} draws {shape}, and {found.name} has {found.shape}")
    return found


def _quality(model: System, data: Dataset, args: argparse.Namespace) -> dict[str, object]:
    classes = len(model.classes)
    return measured(
        lambda labels, first: _drawn(model, len(labels), labels if classes else None, first, args),
        data,
        classes,
        args.n,
        source=args.source,
        judge=args.classifier,
        inception=args.inception,
        together=True,
    )


def _likelihood(found: System, data: Dataset, args: argparse.Namespace) -> dict[str, object]:
    """Bits per dimension of the first n test images, under the labels that they have."""
    if not isinstance(found, Checkpoint):
        raise ValueError(
            f"{args.checkpoint} draws in stages, and bits per dimension are those of one network: "
            "leave out --nll"
        )
    if args.n < 2:
        raise ValueError(f"--n must be at least 2, not {args.n}")
    model = found.model
    test = data.load("test", args.source)
    x_start = images.to_float(test.images[: args.n]).to(model.schedule.device)
    labels = None if model.network.num_classes is None else test.labels
    if labels is not None:
        labels = labels[: args.n].to(x_start.device)
    eps_fn = classifier_free_guided(model, labels)
    bits = bits_per_dim(eps_fn, model.schedule, x_start, generator=generator(args.seed))
    spread = bits.std() / len(bits) ** 0.5
    return {"n": len(bits), "bits_per_dim": bits.mean().item(), "standard_error": spread.item()}


def add(commands: Any) -> None:
    """Both commands, on a parser's sub-commands."""
    sample = commands.add_parser("sample", help="draw images, or a .gif of the way there")
    sample.set_defaults(run=sample_command)
    sample.add_argument(
        "--out",
        default="samples.png",
        help="a .png, a .gif of the way, or a folder for a file each (default: samples.png)",
    )
    sample.add_argument("--count", type=int, default=64, help="images (default: 64)")
    sample.add_argument(
        "--beside-real", action="store_true",
        help="with test pictures of the same classes at the right, to compare by eye",
    )  # fmt: skip
    options.add_subject(sample, "each in turn")

    evaluate = commands.add_parser("evaluate", help="measure a model beside what it learned from")
    evaluate.set_defaults(run=evaluate_command)
    # torch's launcher takes --n for an abbreviation of its own options
    evaluate.add_argument(
        "--count", "--n", dest="n", type=int, default=1000, help="images drawn, and compared with"
    )
    evaluate.add_argument("--nll", action="store_true", help="bits per dimension of test images")
    evaluate.add_argument(
        "--inception", action="store_true", help="FID as well, in the features of Inception v3"
    )
    evaluate.add_argument(
        "--classifier",
        help="whose features to use: a classifier's of benchmarks.train_classifier, or those of "
        "any network of RGB pictures in [-1, 1], such as an Inception, as .onnx (default: the data "
        "set's classifier)",
    )
    evaluate.add_argument(
        "--data",
        help="pictures to compare with, as for train; of a folder or a zip half of them, with the "
        "other half for the floor (default: those that the model learned from)",
    )
    evaluate.add_argument("--source", default="auto", choices=SOURCES)
    for command in (sample, evaluate):
        options.add_sampling(command)
