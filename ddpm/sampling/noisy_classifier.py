"""A classifier that knows noise, to guide a network by: Dhariwal & Nichol 2021, section 4.

    python -m ddpm train-classifier --out runs/noisy_classifier  # 5,000 steps

    classifier, model = ddpm.NoisyClassifier.load(), ddpm.load_checkpoint("fashion_mnist")
    pictures = ddpm.sample(model, 16, labels=7, classifier=classifier, guidance=4.0)

The network is asked without labels here: only the classifier knows what to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from ddpm.checkpoint import ONLY, Part, load_parts
from ddpm.config import Config
from ddpm.networks.network import Network
from ddpm.schedules import Schedule


@dataclass(frozen=True)
class NoisyClassifier:
    """p(label | x_t, t) for noisy pictures of every t."""

    PARTS: ClassVar = (ONLY,)  # of its file

    network: Network  # averaged weights, in evaluation mode
    config: Config
    schedule: Schedule  # whose times t counts, on the network's device
    info: dict

    @classmethod
    def load(
        cls, path: str | Path = "noisy_classifier", device: torch.device | str | None = None
    ) -> NoisyClassifier:
        """From a path, a shipped name or a Hub id, to `device`; CheckpointError for a file of
        another kind."""
        return cls.of_parts(*load_parts(path, ("classifier",), device))

    @classmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> NoisyClassifier:
        """From the one network of a file, `parts` by name, and its `info`."""
        (part,) = parts.values()
        return cls(part.model.network, part.config, part.schedule, info)

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """Logits (B, classes) of x_t (B, C, H, W) at times t (B,), differentiable in x_t."""
        return self.network(x, t)
