"""Fashion-MNIST from the Hugging Face Hub, through `datasets`."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import datasets
import huggingface_hub
import numpy as np
import pytest
import torch
from datasets.arrow_writer import ArrowWriter
from PIL import Image

from ddpm.data import fashion_mnist as data
from ddpm.data.fashion_mnist import FASHION_MNIST, load_hub
from devtools import ROOT

# ------------------------------------------------------------------ whether it is used


@pytest.fixture
def hub(hub, monkeypatch):
    """On a machine without the data set."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setattr(data, "DEBIAN", Path("/nonexistent"))
    monkeypatch.setenv("HF_DATASETS_CACHE", "/nonexistent")
    monkeypatch.setattr(data, "load_hub", lambda *args: ("x", "y"))
    return hub


def test_a_reachable_hub_is_used_unless_offline_mode_is_on(hub, monkeypatch):
    assert FASHION_MNIST.load("train").source == "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert FASHION_MNIST.load("train").source == "shipped"


@pytest.mark.parametrize("fault", ["html", "stall", 404])
def test_a_login_page_or_a_stalled_network_is_not_taken_for_the_hub(hub, fault):
    hub.fault = fault
    assert FASHION_MNIST.load("train").source == "shipped"


def test_a_hub_that_fails_halfway_gives_a_warning_and_the_shipped_data(hub, monkeypatch):
    def fail(*args):
        raise ConnectionError("the Wi-Fi went away")

    monkeypatch.setattr(data, "load_hub", fail)
    with pytest.warns(UserWarning, match="Wi-Fi went away"):
        found = FASHION_MNIST.load("train")
    assert found.source == "shipped" and len(found.images) == 10_000


# ------------------------------------------------------------------ through `datasets`


def pictures(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def as_dataset(array: np.ndarray, labels: list[int]) -> datasets.Dataset:
    kinds = {"image": datasets.Image(), "label": datasets.ClassLabel(num_classes=10)}
    rows = {"image": [Image.fromarray(a) for a in array], "label": labels}
    return datasets.Dataset.from_dict(rows, features=datasets.Features(kinds))


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 9, 7, 3)], ids=["grey", "rgb"])
@pytest.mark.parametrize("splits", [False, True], ids=["Dataset", "DatasetDict"])
def test_load_hub_reads_a_data_set_from_disk(tmp_path, shape, splits):
    array, labels = pictures(shape), [3, 1, 4, 1, 5]
    saved = as_dataset(array, labels)
    if splits:
        saved = datasets.DatasetDict(test=as_dataset(array[:2], [9, 2]), train=saved)
    saved.save_to_disk(tmp_path / "set")
    images, got = load_hub(str(tmp_path / "set"), "train")
    expected = array[:, None] if array.ndim == 3 else array.transpose(0, 3, 1, 2)
    assert images.dtype == torch.uint8 and images.is_contiguous()
    assert np.array_equal(images, expected)
    assert got.dtype == torch.int64 and got.tolist() == labels
    if splits:
        images, got = load_hub(str(tmp_path / "set"), "test")
        assert np.array_equal(images, expected[:2]) and got.tolist() == [9, 2]


def test_load_hub_names_a_missing_column(tmp_path):
    datasets.Dataset.from_dict({"image": [1], "target": [0]}).save_to_disk(tmp_path / "set")
    with pytest.raises(ValueError, match="no column label"):
        load_hub(str(tmp_path / "set"), "train")


@pytest.mark.slow
def test_the_hub_cache_is_read_without_a_network(tmp_path):
    """The layout that `load_dataset` leaves behind, read by a new process in offline mode."""
    name = "fashion_mnist"
    made = tmp_path / "cache" / "zalando-datasets___fashion_mnist" / name / "0.0.0" / ("0" * 40)
    made.mkdir(parents=True)
    array = pictures((4, 28, 28))
    saved = as_dataset(array, [0, 1, 2, 3])
    writer = ArrowWriter(features=saved.features, path=str(made / f"{name}-train.arrow"))
    writer.write_table(saved.data.table)
    rows, size = writer.finalize()
    info = datasets.DatasetInfo(
        features=saved.features,
        builder_name="parquet",
        dataset_name=name,
        config_name=name,
        version="0.0.0",
        splits=[{"name": "train", "num_bytes": size, "num_examples": rows, "dataset_name": name}],
    )
    info.write_to_directory(str(made))
    program = """
        import socket
        def refuse(*args, **kwargs):
            raise AssertionError("the network was asked")
        socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
        from pathlib import Path
        from ddpm.data import fashion_mnist as data
        data.DEBIAN = Path("/nonexistent")
        found = data.FASHION_MNIST.load("train")
        images, labels = found.images, found.labels
        assert found.source == "hub"
        print(tuple(images.shape), images.dtype, labels.tolist(), int(images.sum()))
    """
    environment = {
        **{k: v for k, v in os.environ.items() if k != "FASHION_MNIST_DIR"},
        "HF_DATASETS_CACHE": str(tmp_path / "cache"),
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_OFFLINE": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    read = f"(4, 1, 28, 28) torch.uint8 [0, 1, 2, 3] {int(array.sum())}"
    assert run.stdout.splitlines()[-1] == read
