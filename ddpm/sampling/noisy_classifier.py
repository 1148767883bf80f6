"""A classifier that knows noise, to guide a network by: Dhariwal & Nichol 2021, section 4.

    python -m ddpm train-classifier --out runs/noisy_classifier  # 5,000 steps

    classifier, model = ddpm.NoisyClassifier.load(), ddpm.load_checkpoint("fashion_mnist")
    pictures = ddpm.sample(model, 16, labels=7, classifier=classifier, guidance=4.0)

The network is asked without labels here: only the classifier knows what to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ddpm.checkpoint import (
    build_schedule,
    chosen_device,
    filled_network,
    find_checkpoint,
    load_tensors,
)
from ddpm.config import Config
from ddpm.networks.network import Network
from ddpm.schedules import Schedule


@dataclass(frozen=True)
class NoisyClassifier:
    """p(label | x_t, t) for noisy pictures of every t."""

    network: Network  # averaged weights, in evaluation mode
    config: Config
    schedule: Schedule  # whose times t counts, on the network's device
    info: dict

    @classmethod
    def load(
        cls, path: str | Path = "noisy_classifier", device: torch.device | str | None = None
    ) -> NoisyClassifier:
        """From a file, a run's folder, a shipped name or a Hub id, as `load_checkpoint`.

        CheckpointError names the file and says what is wrong with it.
        """
        path = find_checkpoint(path)
        tensors, config, info = load_tensors(path, networks=("classifier",))
        device = chosen_device(device)
        network = filled_network(path, tensors, config).to(device).eval().requires_grad_(False)
        return cls(network, config, build_schedule(config).to(device), info)

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """Logits (B, classes) of x_t (B, C, H, W) at times t (B,), differentiable in x_t."""
        return self.network(x, t)
