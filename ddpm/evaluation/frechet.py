"""How good samples are, in the features of a small classifier of their data set, and in those of
encoders that never saw a label.

Figures compare only with others from the same network and the same n. Images are uint8
(N, C, H, W).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ddpm.evaluation import neighbours
from ddpm.evaluation.encoders import Encoder, layer
from ddpm.evaluation.neighbours import precision_recall
from ddpm.shown import shown_by

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

MIN_N = 10  # a covariance and a third neighbour need a few images


class Figures(dict):
    """Measured figures by name, which a notebook shows as a table."""

    _repr_html_ = shown_by("figures_html")


class Classifier(nn.Module):
    """Images in [-1, 1] (B, C, H, W) to the logits of their classes."""

    num_features = 128

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()
        self.channels = channels
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


def features_and_logits(images: Tensor, classifier: Classifier) -> tuple[Tensor, Tensor]:
    """Features (N, 128) and logits (N, classes), computed in batches."""
    features = seen_by(classifier)(images)
    with torch.no_grad():
        return features, classifier.head(features)


def seen_by(classifier: Classifier) -> Encoder:
    """The classifier as an encoder."""
    return Encoder(classifier.body, classifier.num_features)


def frechet_distance(a: Tensor, b: Tensor, classifier: Classifier) -> float:
    """Fréchet distance (Heusel et al. 2017) between two sets of images, by torchmetrics.

    a and b are uint8 (N, C, H, W), at least 2 of each, or ValueError; `classifier` has the
    features, see `load_classifier`. It is at least 0, and biased upward at small n: compare only at
    equal n, and with the floor that real images have.
    """
    return metric_distance(a, b, seen_by(classifier).metric())


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


def metric_distance(a: Tensor, b: Tensor | None, metric: FrechetInceptionDistance) -> float:
    """What a metric of torchmetrics says of two sets of images, in its own features; without b, of
    one beside the training pictures of an encoder's reference."""
    if min(len(each) for each in (a, b) if each is not None) < 2:
        raise ValueError("a covariance needs at least 2 images on each side")
    metric.reset()
    for images, real in ((a, False), (b, True)):
        for part in () if images is None else images.split(500):
            metric.update(part, real=real)
    return float(metric.compute())


def floor_count(n: int, real: Tensor, held_out: Tensor) -> int:
    """Of how many images a side the floors beside n generated ones are: n, or all held-out ones if
    there are fewer. ValueError if figures of n images can't be had."""
    if n < MIN_N:
        raise ValueError(f"n = {n}, but figures need at least {MIN_N} images")
    if len(real) < n or len(held_out) < MIN_N:
        raise ValueError(
            f"n = {n}, but the source has {len(real)} training and {len(held_out)} test images; "
            f"figures need n and {MIN_N}"
        )
    return min(n, len(held_out))


def evaluate(
    generated: Tensor,
    wanted: Tensor | None,
    real: Tensor,
    held_out: Tensor,
    judge: Classifier | Encoder | None,
    encoders: Mapping[str, Encoder] | None = None,
) -> dict[str, object]:
    """All figures for n generated images, of the labels wanted (N,) if any were.

    They are compared with the first n of `real`; the floor is the distance of held-out real images
    from as many of these: n, or all there are ("floor_n"), and fewer make it higher. An encoder as
    the judge knows no labels; without one there are no features to compare in. With `encoders`
    also what these see, and whether pictures were learned by heart.
    """
    n = len(generated)
    m = floor_count(n, real, held_out)
    first, held_out = real[:n], held_out[:m]
    figures: dict[str, object] = Figures(n=n, floor_n=m)
    if judge is not None:
        encoder = seen_by(judge) if isinstance(judge, Classifier) else judge
        features = encoder(generated)
        precision, recall = precision_recall(features, encoder(first))
        figures |= {
            "frechet_distance": metric_distance(generated, first, encoder.metric()),
            "floor": metric_distance(held_out, first[:m], encoder.metric()),
            "precision": precision,
            "recall": recall,
        }
        if isinstance(judge, Classifier):
            figures |= _by_labels(judge.head(features), wanted)
    if encoders:
        figures |= {
            name: _without_labels(generated, first, held_out, encoder)
            for name, encoder in encoders.items()
        }
        figures["patches"] = {
            "sliced_wasserstein": neighbours.sliced_wasserstein(generated, first),
            "floor": neighbours.sliced_wasserstein(held_out, first[:m]),
        }
        # the median distance to the nearest training picture, in grey levels of a pixel
        figures["nearest_training_picture"] = {
            "generated": neighbours.nearest(generated, real).median().item(),
            "test_pictures": neighbours.nearest(held_out, real).median().item(),
        }
    return figures


def _by_labels(logits: Tensor, wanted: Tensor | None) -> dict[str, object]:
    """What a classifier takes the pictures for."""
    guess = logits.argmax(1)
    shares = guess.bincount(minlength=logits.shape[1]) / len(guess)
    figures: dict[str, object] = {}
    if wanted is not None:
        figures["label_accuracy"] = (guess == wanted).double().mean().item()
    return figures | {
        "confidence": logits.softmax(1).amax(1).mean().item(),
        "class_shares": [round(share, 4) for share in shares.tolist()],
    }


def _without_labels(
    generated: Tensor, real: Tensor, held_out: Tensor, encoder: Encoder
) -> dict[str, float]:
    """What an encoder sees; its distances are to all training pictures, its reference."""
    features, real_features = encoder(generated), encoder(real)
    precision, recall = precision_recall(features, real_features)
    density, coverage = neighbours.density_coverage(features, real_features)
    return {
        "frechet_distance": metric_distance(generated, None, encoder.metric()),
        "floor": metric_distance(held_out, None, encoder.metric()),
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
    }
