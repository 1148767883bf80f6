"""Pictures of each label in turn, measured beside the data that a model learned from."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from ddpm import processes
from ddpm.data.dataset import Dataset
from ddpm.data.images import to_uint8
from ddpm.evaluation import frechet
from ddpm.evaluation.encoders import Encoder, load_encoders, load_features
from ddpm.shown import progress

BATCH = 250


def judge_of(dataset: Dataset, named: str | Path | None = None) -> frechet.Classifier | Encoder:
    """The network whose features are used: this one, a classifier's file or an .onnx, or the data
    set's classifier. ValueError or OSError if there is none, or none for such pictures."""
    file = named or dataset.judge
    if file is None:
        raise ValueError(
            f"{dataset.name} has no classifier to judge by: train one with python -m "
            "benchmarks.train_classifier, and name it with --classifier; or compare in the "
            "features of another network, --classifier FILE.onnx, or of Inception v3, --inception"
        )
    if Path(file).suffix == ".onnx":
        return load_features(file)
    judge = frechet.load_classifier(file)
    if dataset.shape is not None and dataset.shape[0] != judge.channels:
        raise ValueError(
            f"{file} looks at pictures of {judge.channels} channels, and those of {dataset.name} "
            f"have {dataset.shape[0]}"
        )
    return judge


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
    (B, C, H, W) in [-1, 1], of which `first` is the number of the first; without classes all labels
    are 0. With `inception` FID as well, or alone where there is no judge. With `together` each of
    several processes that call it draws some of them; all but the first get {}. ValueError or
    OSError says what is missing, before anything is drawn."""
    if n < frechet.MIN_N:
        raise ValueError(f"--n must be at least {frechet.MIN_N}, not {n}")
    is_judged = judge or dataset.judge or not inception
    judged_by = judge_of(dataset, judge) if is_judged else None
    encoders = None if dataset.encoders is None else load_encoders(dataset.encoders)
    fid = frechet.inception_metric() if inception else None  # before hours of drawing
    real, held_out = (dataset.load(part, source).images for part in ("train", "test"))
    m = frechet.floor_count(n, real, held_out)
    wanted = torch.arange(n) % max(1, classes)
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
    generated = torch.cat(drawn)
    asked = wanted if classes else None
    figures = frechet.evaluate(generated, asked, real, held_out, judged_by, encoders)
    if fid is not None:
        figures["inception_fid"] = frechet.inception_distance(generated, real[:n], fid)
        figures["inception_floor"] = frechet.inception_distance(held_out[:m], real[:m], fid)
    return figures
