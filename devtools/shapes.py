"""A second data set, of three drawn shapes, for tests of all that asks for one."""

import torch

from ddpm.data.dataset import Dataset, Pictures

CLASSES = ("bar", "box", "cross")


def load(split: str, source: str = "auto") -> Pictures:
    """Shapes of random grey, 20 of each class, on black."""
    grey = torch.randint(128, 256, (60,), generator=torch.Generator().manual_seed(len(split)))
    images, labels = torch.zeros(60, 1, 28, 28, dtype=torch.uint8), torch.arange(60) % 3
    for image, label, level in zip(images[:, 0], labels, grey, strict=True):
        image[4:24, 12:16] = level
        if label:
            image[12:16, 4:24] = level
        if label == 1:
            image[4:24, 4:24] = level
    return Pictures(images, labels, CLASSES, "shapes")


SHAPES = Dataset("shapes", CLASSES, (1, 28, 28), load)
