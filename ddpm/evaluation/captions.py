"""Whether pictures show what their captions asked for."""

import random
from collections import defaultdict

import torch
from torch import Tensor

from ddpm.data.captions import CLASSES, LANGUAGES, Captioned, caption
from ddpm.data.properties import OF_CLASS, properties
from ddpm.evaluation.frechet import Classifier, features_and_logits

Request = tuple[str, dict[str, str]]  # a class, and values that a picture is to have


def requests_like(data: Captioned, n: int, seed: int) -> list[Request]:
    """The class and one to all of the clear values of n pictures, drawn at random."""
    draw = random.Random(seed)
    found = []
    for _ in range(n):
        name, values = data.described(draw.randrange(len(data.images)))
        kept = draw.sample(sorted(values), k=draw.randint(min(1, len(values)), len(values)))
        found.append((name, {key: values[key] for key in kept}))
    return found


def texts_for(requests: list[Request], seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        caption(name, values, draw, language=LANGUAGES[k % 2], mentioned=1.0)
        for k, (name, values) in enumerate(requests)
    ]


def shares(images: Tensor, requests: list[Request], classifier: Classifier) -> dict[str, float]:
    """The share of right classes, and of right values of each property."""
    labels = torch.tensor([CLASSES.index(name) for name, _ in requests])
    right: dict[str, list[bool]] = defaultdict(list)
    right["class"] = (features_and_logits(images, classifier)[1].argmax(1) == labels).tolist()
    values = properties(images, labels)
    for row, (name, wanted) in zip(values.tolist(), requests, strict=True):
        for number, rule in zip(row, OF_CLASS[name], strict=False):
            if rule.name in wanted:
                right[rule.name].append(number == rule.values.index(wanted[rule.name]))
    return {name: sum(found) / len(found) for name, found in right.items()}
