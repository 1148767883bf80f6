"""Trainings on few pictures, with a report after each step; and pictures of a visitor's own."""

from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
from PIL import Image

import ddpm
from devtools.visit import VISITOR, visitor
from page.jobs import run_queue
from page.tabs.train import reading
from page.tabs.train import run as training


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    few = ("shipped", *ddpm.fashion_mnist("test", source="shipped"))
    monkeypatch.setattr(training, "data", lambda *_: few)
    monkeypatch.setattr(training, "SHOW_S", 0.0)


@pytest.fixture
def photos(tmp_path):
    """photos(n, mode): files of n pictures that aren't square."""

    def make(count, mode="RGB"):
        shape = (30, 40, 3) if mode == "RGB" else (30, 40)
        pixels = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
        files = [tmp_path / f"{k}.png" for k in range(count)]
        for file, picture in zip(files, pixels, strict=True):
            Image.fromarray(picture).save(file)
        return files

    return make


@pytest.fixture
def read():
    """read(files): the pictures in them, and what is said of these."""
    return lambda files, size=28: [*reading.read(VISITOR, files, size)][-1]


@pytest.fixture
def all_places_taken():
    """`with all_places_taken():` other visitors train."""

    @contextmanager
    def taken():
        with ExitStack() as others:
            for k in range(run_queue.TRAINING.line.places):
                others.enter_context(run_queue.TRAINING.turn("train", visitor(f"other {k}")))
            yield

    return taken
