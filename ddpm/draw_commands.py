"""The commands `ddpm sample` and `ddpm evaluate`, for a model of any kind."""

from __future__ import annotations

import argparse
import itertools
import json
from collections import deque
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from ddpm.data import DATASETS, SOURCES, images
from ddpm.diffusion.seeds import generator
from ddpm.evaluation import frechet
from ddpm.evaluation.encoders import load_encoders
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.options import (
    add_sampling,
    add_subject,
    begun,
    drawing_model,
    label_of,
    sampling,
)
from ddpm.sampling.guidance import classifier_free_guided
from ddpm.sampling.openvino import compiled
from ddpm.systems.base import Checkpoint, System, enlarged

EVALUATE_BATCH = 250


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
    print(json.dumps(figures, indent=2))


def _quality(model: System, args: argparse.Namespace) -> dict[str, object]:
    if not model.classes:
        raise ValueError(f"{args.checkpoint} knows no labels: there is nothing to ask it for")
    if args.n < frechet.MIN_N:
        raise ValueError(f"--n must be at least {frechet.MIN_N}, not {args.n}")
    judge = args.classifier or model.dataset.judge
    if judge is None:
        raise ValueError(
            f"{model.dataset.name} has no classifier to judge by: train one with python -m "
            "benchmarks.train_classifier, and name it with --classifier"
        )
    classifier = frechet.load_classifier(judge)
    known = model.dataset.encoders
    encoders = None if known is None else load_encoders(known)
    fid = frechet.inception_metric() if args.inception else None  # before hours of drawing
    wanted = torch.arange(args.n) % len(model.classes)
    drawn = []
    for first in tqdm(range(0, args.n, EVALUATE_BATCH), unit="batch"):
        labels = wanted[first : first + EVALUATE_BATCH]
        settings = sampling(args) | {"labels": labels, "seed": args.seed + first}
        (last,) = deque(begun(model, len(labels), **settings).steps, maxlen=1)
        drawn.append(images.to_uint8(last.step.x.cpu()))
    real, held_out = (model.dataset.load(part, args.source).images for part in ("train", "test"))
    generated = torch.cat(drawn)
    figures = frechet.evaluate(generated, wanted, real, held_out, classifier, encoders)
    if fid is not None:
        for name, pictures in (("inception_fid", generated), ("inception_floor", held_out)):
            figures[name] = frechet.inception_distance(pictures[: args.n], real[: args.n], fid)
    return figures


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
