"""What several test files share."""

from __future__ import annotations

import random
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig


def pytest_collection_modifyitems(items):
    """Fast ones first: the browser comes last."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def seeded():
    """Tests may draw from the global RNG; each starts from the same state."""
    torch.manual_seed(0)


@pytest.fixture
def global_rng_untouched():
    """`with global_rng_untouched():` fails if torch's, numpy's or Python's state moved."""

    def states() -> list:
        kind, keys, *rest = np.random.get_state()
        return [torch.get_rng_state().tolist(), (kind, keys.tolist(), rest), random.getstate()]

    @contextmanager
    def check():
        before = states()
        yield
        assert states() == before

    return check


@pytest.fixture
def tiny_config():
    """A model that trains in moments: 8 × 8 images, two levels, three classes, six steps."""
    return Config(
        UnetConfig(image_size=8, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=3),
        DiffusionConfig(T=50),
        TrainConfig(steps=6, batch_size=4, warmup=2, learning_rate=1e-2),
    )
