"""How good samples are, in the feature space of a small classifier of their data set.

Figures compare only with others from the same classifier and the same n. Images are uint8
(N, C, H, W).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ddpm.data.images import to_float

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

MIN_N = 10  # a covariance and a third neighbour need a few images


class Classifier(nn.Module):
    """Images in [-1, 1] (B, C, H, W) to the logits of their classes."""

    num_features = 128

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()

        def layer(dim: int, dim_out: int) -> list[nn.Module]:
            conv = nn.Conv2d(dim, dim_out, 3, padding=1, bias=False)
            return [conv, nn.BatchNorm2d(dim_out), nn.ReLU()]

        self.body = nn.Sequential(
            *layer(channels, 32), *layer(32, 32), nn.MaxPool2d(2),
            *layer(32, 64), *layer(64, 64), nn.MaxPool2d(2),
            *layer(64, self.num_features), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(self.num_features, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def load_classifier(path: str | Path) -> Classifier:
    """The trained classifier of `benchmarks/train_classifier.py`, in evaluation mode."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such classifier file")
    try:
        weights = load_file(path)
        classifier = Classifier(len(weights["head.bias"]), weights["body.0.weight"].shape[1])
        classifier.load_state_dict(weights)
    except (SafetensorError, RuntimeError, LookupError) as error:
        raise ValueError(f"{path}: not the weights of this classifier ({error})") from error
    return classifier.eval().requires_grad_(False)


@torch.no_grad()
def features_and_logits(images: Tensor, classifier: Classifier) -> tuple[Tensor, Tensor]:
    """Features (N, 128) and logits (N, classes), computed in batches."""
    if images.dtype != torch.uint8 or images.ndim != 4:
        raise ValueError(f"images must be uint8 (N, C, H, W), not {images.dtype} {images.shape}")
    features = torch.cat([classifier.body(to_float(part)) for part in images.split(500)])
    return features, classifier.head(features)


class _FeaturesOf(nn.Module):
    """What torchmetrics calls on a batch of uint8 images."""

    def __init__(self, classifier: Classifier):
        super().__init__()
        self.classifier = classifier
        self.num_features = classifier.num_features

    def forward(self, images: Tensor) -> Tensor:
        return features_and_logits(images, self.classifier)[0]


def frechet_distance(a: Tensor, b: Tensor, classifier: Classifier) -> float:
    """Fréchet distance (Heusel et al. 2017) between two sets of images, by torchmetrics.

    Biased upward at small n: compare only at equal n, and with the floor that real images have.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance  # 4 s to import

    return metric_distance(a, b, FrechetInceptionDistance(feature=_FeaturesOf(classifier)))


def inception_metric() -> FrechetInceptionDistance:
    """torchmetrics' FID, in the features of Inception v3 that figures elsewhere are in.

    OSError if the package torch-fidelity is missing, or its weights can't be had.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance

    try:
        return FrechetInceptionDistance()
    except (ModuleNotFoundError, OSError) as error:
        raise OSError(
            "FID needs the package torch-fidelity (pip install torch-fidelity) and the weights of "
            f"Inception v3, which it downloads from GitHub once: {error}"
        ) from error


def inception_distance(a: Tensor, b: Tensor, metric: FrechetInceptionDistance) -> float:
    """FID between two sets of images, of which `metric` sees grey ones as RGB."""
    return metric_distance(a.expand(-1, 3, -1, -1), b.expand(-1, 3, -1, -1), metric)


def metric_distance(a: Tensor, b: Tensor, metric: FrechetInceptionDistance) -> float:
    """What a metric of torchmetrics says of two sets of images, in its own features."""
    if min(len(a), len(b)) < 2:
        raise ValueError("a covariance needs at least 2 images on each side")
    metric.reset()
    for images, real in ((a, False), (b, True)):
        for part in images.split(500):
            metric.update(part, real=real)
    return float(metric.compute())


def precision_recall(generated: Tensor, real: Tensor, k: int = 3) -> tuple[float, float]:
    """Kynkäänniemi et al. 2019 on features (N, D), (M, D): the share of generated features
    within the real manifold, and of real ones within the generated; a manifold is the union
    of balls that reach each point's k-th neighbour."""

    def radii(points: Tensor) -> Tensor:
        distances = (torch.cdist(part, points) for part in points.split(500))
        near = [rows.topk(k + 1, largest=False).values for rows in distances]
        return torch.cat(near)[:, k]  # entry 0 is the point itself

    def covered(points: Tensor, manifold: Tensor) -> float:
        reach = radii(manifold)
        inside = [(torch.cdist(part, manifold) <= reach).any(1) for part in points.split(500)]
        return torch.cat(inside).double().mean().item()

    return covered(generated, real), covered(real, generated)


def evaluate(
    generated: Tensor, wanted: Tensor, real: Tensor, held_out: Tensor, classifier: Classifier
) -> dict[str, object]:
    """All figures for n generated images of the labels wanted (N,).

    They are compared with the first n of `real`; the floor is the distance of n held-out real
    images.
    """
    n = len(generated)
    if n < MIN_N:
        raise ValueError(f"n = {n}, but figures need at least {MIN_N} images")
    if min(len(real), len(held_out)) < n:
        raise ValueError(
            f"n = {n}, but the source has {len(real)} training and {len(held_out)} test images"
        )
    real, held_out = real[:n], held_out[:n]
    features, logits = features_and_logits(generated, classifier)
    real_features, _ = features_and_logits(real, classifier)
    precision, recall = precision_recall(features, real_features)
    guess = logits.argmax(1)
    shares = guess.bincount(minlength=logits.shape[1]) / n
    return {
        "n": n,
        "frechet_distance": frechet_distance(generated, real, classifier),
        "floor": frechet_distance(held_out, real, classifier),
        "precision": precision,
        "recall": recall,
        "label_accuracy": (guess == wanted).double().mean().item(),
        "confidence": logits.softmax(1).amax(1).mean().item(),
        "class_shares": [round(share, 4) for share in shares.tolist()],
    }
