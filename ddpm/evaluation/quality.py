"""Pictures of each label in turn, measured beside the data that a model learned from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from ddpm import processes
from ddpm.data.dataset import Dataset
from ddpm.data.images import to_uint8
from ddpm.evaluation import frechet
from ddpm.evaluation.encoders import load_encoders
from ddpm.shown import progress

BATCH = 250


def judge_of(dataset: Dataset, named: str | Path | None = None) -> Path | str:
    """The classifier whose features are used: this one, or the data set's. ValueError if it has
    none."""
    if judge := named or dataset.judge:
        return judge
    raise ValueError(
        f"{dataset.name} has no classifier to judge by: train one with python -m "
        "benchmarks.train_classifier, and name it with --classifier"
    )


def measured(
    draw: Callable[[Tensor, int], Tensor],
    dataset: Dataset,
    classes: int,
    n: int,
    *,
    source: str = "auto",
    judge: str | Path | None = None,
    inception: bool = False,
    together: bool = False,
) -> dict[str, object]:
    """All figures of `frechet.evaluate` for n pictures, at least 10: draw(labels (B,), first) ->
    (B, C, H, W) in [-1, 1], of which `first` is the number of the first. With `inception` FID as
    well. With `together` each of several processes that call it draws some of them; all but the
    first get {}. ValueError or OSError says what is missing, before anything is drawn."""
    if n < frechet.MIN_N:
        raise ValueError(f"--n must be at least {frechet.MIN_N}, not {n}")
    classifier = frechet.load_classifier(judge_of(dataset, judge))
    encoders = None if dataset.encoders is None else load_encoders(dataset.encoders)
    fid = frechet.inception_metric() if inception else None  # before hours of drawing
    wanted = torch.arange(n) % classes
    batches = range(0, n, BATCH)
    drawn: list[Tensor] | None = [
        to_uint8(draw(wanted[first : first + BATCH], first).cpu())
        for first in progress(processes.share(batches) if together else batches, "batch")
    ]
    if together:
        drawn = processes.gathered(drawn)
        processes.end()
    if drawn is None:
        return {}
    real, held_out = (dataset.load(part, source).images for part in ("train", "test"))
    generated = torch.cat(drawn)
    figures = frechet.evaluate(generated, wanted, real, held_out, classifier, encoders)
    if fid is not None:
        for name, pictures in (("inception_fid", generated), ("inception_floor", held_out)):
            figures[name] = frechet.inception_distance(pictures[:n], real[:n], fid)
    return figures
