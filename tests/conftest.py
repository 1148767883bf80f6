"""Fixtures for all tests, and the order in which tests run."""

import gc
import os
import random
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import forkserver

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small tensors; before torch is imported
os.environ.setdefault("DDPM_COMPUTE", "local")  # in most apps, which then start sooner

import numpy as np
import pytest
import torch

from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from devtools.nginx import find_nginx, nginx_before
from devtools.server import running_app
from devtools.tiny_models import checkout_with, save_all
from page.compute import COMPUTE


def pytest_collection_modifyitems(items):
    """Fast tests first, then those that start an app, the slow ones, the browser: there the slow
    first, which wait a lot, so that other files fill the cores meanwhile. In a process in which
    Playwright is at work, no test can call asyncio.run."""
    for item in items:
        if {"app_url", "own_app"} & set(item.fixturenames):
            item.add_marker("app")
        if "browser" in item.path.parts:
            item.add_marker("browser")

    def place(item) -> tuple:
        app, slow, browser = (item.get_closest_marker(each) for each in ("app", "slow", "browser"))
        return bool(browser), bool(slow) != bool(browser), bool(app)

    items.sort(key=place)


def pytest_collection():
    gc.disable()  # nothing that is imported and collected is garbage


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def seeded():
    """Tests may draw from the global RNG; each starts from the same state."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def anyio_backend():
    """Where tests run that are coroutines: the page's."""
    return "asyncio"


@pytest.fixture
def global_rng_untouched():
    """`with global_rng_untouched():` fails if torch's, NumPy's or Python's random state changes."""

    def states() -> list:
        kind, keys, *rest = np.random.get_state()
        return [torch.get_rng_state().tolist(), (kind, keys.tolist(), rest), random.getstate()]

    @contextmanager
    def check():
        before = states()
        yield
        assert states() == before

    return check


@pytest.fixture(scope="module")
def own_forkserver():
    """A process has one, with what the first that needed it has imported. A module's tests get
    another."""
    other = forkserver.ForkServer()
    names = ("ensure_running", "connect_to_new_process", "set_forkserver_preload")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(forkserver, name, getattr(other, name))
        yield other


@pytest.fixture
def tiny_config():
    """A model that trains in moments: 8 × 8 images, two levels, three classes, six steps."""
    return Config(
        UnetConfig(image_size=8, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=3),
        DiffusionConfig(T=50),
        TrainConfig(steps=6, batch_size=4, warmup=2, learning_rate=1e-2),
    )


@pytest.fixture(scope="session")
def tiny_checkout(tmp_path_factory):
    """A checkout whose shipped models are small and untrained: the page behaves the same, and a
    picture costs little."""
    return checkout_with(
        save_all(tmp_path_factory.mktemp("weights")), tmp_path_factory.mktemp("checkout")
    )


@pytest.fixture(scope="session")
def shared_app(tiny_checkout):
    """One app that the tests share. No test waits for what another's page left."""
    with running_app(tiny_checkout, DDPM_LOST_S="2", DDPM_COMPUTE="workers") as app:
        yield app


@pytest.fixture(scope="session")
def app_url(shared_app):
    """The shared app's address."""
    return shared_app.url


@pytest.fixture(scope="session")
def app_model(tiny_checkout):
    """What that app draws with for programs and links that name no model."""
    return COMPUTE.load(tiny_checkout / "checkpoints/fashion_mnist.safetensors")


@pytest.fixture(scope="session")
def first_model(tiny_checkout):
    """What its page begins with."""
    return COMPUTE.load(tiny_checkout / "checkpoints/fashion_mnist_taught.safetensors")


@pytest.fixture
def own_app(tiny_checkout):
    """An app for one test, without the runs, files or log lines of others. What a page has left
    ends soon."""
    with running_app(tiny_checkout, DDPM_LOST_S="2") as app:
        yield app


@pytest.fixture(scope="session")
def missing():
    """`missing("what")` skips a test that needs something this machine lacks. In CI, where
    everything is installed, it fails the test.
    """
    return pytest.fail if os.environ.get("CI") else pytest.skip


@pytest.fixture(scope="session")
def nginx_program(missing):
    """The path of nginx."""
    return find_nginx() or missing("nginx is not installed")


@pytest.fixture
def servers(tmp_path, tiny_checkout):
    """Two servers that share their results; some tests have others of their own."""
    with ExitStack() as stack:
        server = partial(running_app, tiny_checkout, DDPM_RESULTS=str(tmp_path / "results"))
        yield [stack.enter_context(server()) for _ in range(2)]


@pytest.fixture
def nginx(nginx_program, servers):
    """nginx before these `servers`."""
    with nginx_before(*(server.url for server in servers)) as nginx:
        yield nginx
