"""Draws thousands of pictures from a model, and judges them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor
from tqdm import tqdm

import ddpm
from ddpm.checkpoint import write_whole
from ddpm.data import USUAL
from ddpm.evaluation.frechet import evaluate, frechet_distance, load_classifier
from ddpm.files import SHIPPED
from ddpm.systems.base import System

BATCH = 250
TUNING_SEED = 1_000_000  # of what is tuned with; figures that are reported have seeds from 0 on
COLUMNS = {
    "Fréchet distance": "frechet_distance",
    "precision": "precision",
    "recall": "recall",
    "label accuracy": "label_accuracy",
}


def in_batches(n: int, done: int = 0) -> Iterator[tuple[int, Tensor]]:
    """Of each batch the number of its first picture, and its labels: the ten classes in turn."""
    for first in tqdm(range(done, n, BATCH), leave=False):
        yield first, torch.arange(first, min(n, first + BATCH)) % 10


def draw(
    model: System | ddpm.Denoiser, n: int, *, seed: int = 0, kept: Path | None = None, **settings
) -> Tensor:
    """n images uint8 (n, C, H, W), the ten classes in turn; image k has the seed `seed + k`.

    `settings` are those of its `sample`. Images that the file `kept` already holds are not drawn
    again, and new ones are added to it after each batch.
    """
    sample = model.sample if isinstance(model, System) else partial(ddpm.sample, model)
    drawn = [load_file(kept)["images"]] if kept and kept.exists() else []
    for first, labels in in_batches(n, sum(map(len, drawn))):
        x = sample(len(labels), labels=labels, seed=seed + first, **settings)
        drawn.append(ddpm.to_uint8(x.cpu()))
        if kept:
            write_whole(kept, save({"images": torch.cat(drawn)}))
    return torch.cat(drawn)


class Judge:
    """The shipped classifier, and the pictures to compare with. Distances are to the first n."""

    def __init__(self):
        self.real, self.held_out = (USUAL.load(part).images for part in ("train", "test"))
        self.classifier = load_classifier(SHIPPED / "classifier.safetensors")

    def figures(self, images: Tensor) -> dict:
        """All that `ddpm.evaluation` says of pictures of the ten classes in turn."""
        wanted = torch.arange(len(images)) % 10
        return evaluate(images, wanted, self.real, self.held_out, self.classifier)

    def distance(self, images: Tensor) -> float:
        return frechet_distance(images, self.real[: len(images)], self.classifier)

    def floor(self, n: int) -> float:
        """The distance of real test pictures."""
        return self.distance(self.held_out[:n])


def cells(figures: dict) -> list[str]:
    """Those of `COLUMNS`."""
    return [f"{figures[key]:.3f}" for key in COLUMNS.values()]
