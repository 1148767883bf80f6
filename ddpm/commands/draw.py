"""The commands `ddpm sample` and `ddpm evaluate`, for a model of any kind."""

from __future__ import annotations

import argparse
import itertools
import json
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ddpm.commands.options import (
    add_sampling,
    add_subject,
    begun,
    drawing_model,
    label_of,
    sampling,
)
from ddpm.data import DATASETS, SOURCES, images
from ddpm.diffusion.seeds import generator
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.evaluation.quality import measured
from ddpm.files import write_whole
from ddpm.sampling.guidance import classifier_free_guided
from ddpm.sampling.openvino import compiled
from ddpm.systems.base import Checkpoint, System, enlarged
from ddpm.training.folder import EVALUATION


def sample_command(args: argparse.Namespace) -> None:
    model = drawing_model(args)
    if not 1 <= args.count <= 4096:
        raise ValueError(f"--count must lie between 1 and 4096, not {args.count}")
    labels: int | Tensor | None = label_of(model, args.label)
    if labels is None and args.words is None and (classes := len(model.classes)):
        labels = torch.arange(args.count) % classes
    run = begun(model, args.count, labels=labels, words=args.words, **sampling(args))
    shape, nrow = model.network.shape, max(1, round(args.count**0.5))
    states = itertools.chain([enlarged(run.x, shape)], (step.x for step in run.film(shape)))
    is_film = args.out.endswith(".gif")
    wanted = states if is_film else deque(states, maxlen=1)
    grids = [images.to_pil(images.make_grid(x, nrow)) for x in wanted]
    if is_film:
        images.save_gif(grids, args.out, scale=2)
    else:
        grids[-1].save(args.out)
    print(args.out)


def evaluate_command(args: argparse.Namespace) -> None:
    model = drawing_model(args)
    data = model.dataset
    if model.network.shape != data.shape:
        raise ValueError(
            f"{args.checkpoint} did not learn from one of the data sets {', '.join(DATASETS)}: "
            "evaluate compares with their pictures"
        )
    if isinstance(model, Checkpoint):
        model = replace(model, model=compiled(model.model))
    figures = _likelihood(model, args) if args.nll else _quality(model, args)
    text = json.dumps(figures, indent=2)
    if (run := Path(args.checkpoint)).is_dir() and not args.nll:  # for the card of a push
        write_whole(run / EVALUATION, text.encode())
    print(text)


def _quality(model: System, args: argparse.Namespace) -> dict[str, object]:
    if not model.classes:
        raise ValueError(f"{args.checkpoint} knows no labels: there is nothing to ask it for")

    def draw(labels: Tensor, first: int) -> Tensor:
        settings = sampling(args) | {"labels": labels, "seed": args.seed + first}
        (last,) = deque(begun(model, len(labels), **settings).steps, maxlen=1)
        return last.step.x

    return measured(
        draw,
        model.dataset,
        len(model.classes),
        args.n,
        source=args.source,
        judge=args.classifier,
        inception=args.inception,
    )


def _likelihood(found: System, args: argparse.Namespace) -> dict[str, object]:
    """Bits per dimension of the first n test images, under the labels that they have."""
    if not isinstance(found, Checkpoint):
        raise ValueError(
            f"{args.checkpoint} draws in stages, and bits per dimension are those of one network: "
            "leave out --nll"
        )
    if args.n < 2:
        raise ValueError(f"--n must be at least 2, not {args.n}")
    model = found.model
    test = found.dataset.load("test", args.source)
    x_start = images.to_float(test.images[: args.n]).to(model.schedule.device)
    labels = None if model.network.num_classes is None else test.labels
    if labels is not None:
        labels = labels[: args.n].to(x_start.device)
    eps_fn = classifier_free_guided(model, labels)
    rng = generator(args.seed)
    bits = bits_per_dim(eps_fn, model.schedule, x_start, generator=rng)
    spread = bits.std() / len(bits) ** 0.5
    return {"n": len(bits), "bits_per_dim": bits.mean().item(), "standard_error": spread.item()}


def add(commands: Any) -> None:
    """Both commands, on a parser's sub-commands."""
    sample = commands.add_parser("sample", help="draw images: a .png, or a .gif of the way there")
    sample.set_defaults(run=sample_command)
    sample.add_argument(
        "--out", default="samples.png", help="a .png, or a .gif of the way (default: samples.png)"
    )
    sample.add_argument("--count", type=int, default=64, help="images (default: 64)")
    add_subject(sample, "each in turn")

    evaluate = commands.add_parser("evaluate", help="measure a model beside what it learned from")
    evaluate.set_defaults(run=evaluate_command)
    evaluate.add_argument("--n", type=int, default=1000, help="images drawn, and compared with")
    evaluate.add_argument("--nll", action="store_true", help="bits per dimension of test images")
    evaluate.add_argument(
        "--inception", action="store_true", help="FID as well, in the features of Inception v3"
    )
    evaluate.add_argument(
        "--classifier", help="whose features to use (default: the data set's own)"
    )
    evaluate.add_argument("--source", default="auto", choices=SOURCES)
    for command in (sample, evaluate):
        add_sampling(command)
