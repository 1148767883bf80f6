"""What several test files share."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from devtools import ROOT

START_S = 120  # generous: two cores may be shared with a training run


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


@dataclass
class RunningApp:
    url: str
    process: subprocess.Popen
    log: Path
    files: Path  # where Gradio keeps uploads and results


@contextmanager
def _running_app(folder: Path) -> Iterator[RunningApp]:
    """app.py on a free port, started in `folder`, with its log and its files there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log, files = folder / "log.txt", folder / "files"
    env = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(files),
        "HF_HUB_OFFLINE": "1",
    }
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as out:
        app = subprocess.Popen(
            [sys.executable, ROOT / "app.py"],
            cwd=folder,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(url, app, log)
        yield RunningApp(url, app, log, files)
    finally:
        app.terminate()
        app.wait(20)


@pytest.fixture(scope="session")
def wait_for():
    """`wait_for(url, app, log)` returns once a process that was started answers."""
    return _wait_for


@pytest.fixture(scope="session")
def app_url(tmp_path_factory):
    """The address of one app that the tests share."""
    with _running_app(tmp_path_factory.mktemp("app")) as app:
        yield app.url


@pytest.fixture
def own_app(tmp_path):
    """An app for one test alone: nobody else's runs, files or log lines."""
    with _running_app(tmp_path) as app:
        yield app


def _wait_for(url: str, app: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while app.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"app.py did not answer within {START_S} s:\n{log.read_text()}")
