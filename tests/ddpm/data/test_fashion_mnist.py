import gzip
import socket
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from ddpm.data import fashion_mnist as data
from ddpm.data.fashion_mnist import FASHION_MNIST, fashion_mnist, load_idx

FILES = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
]


@pytest.fixture
def debian(missing):
    """The whole data set, as Debian packages it. CI must have it; a laptop may not."""
    if not data.DEBIAN.is_dir():
        missing(f"{data.DEBIAN} is missing: install dataset-fashion-mnist")
    return data.DEBIAN


@pytest.fixture
def no_sources(monkeypatch, tmp_path):
    """A machine without the data set, a Hugging Face cache or a network."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(data, "DEBIAN", tmp_path / "debian")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_DATASETS_CACHE", raising=False)

    def refuse(*args, **kwargs):
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def write_idx(path: Path, array: np.ndarray) -> None:
    """The IDX format, as described on LeCun's MNIST page."""
    head = bytes([0, 0, 8, array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(gzip.compress(head + sizes + array.astype(np.uint8).tobytes()))


@pytest.fixture
def folder(tmp_path):
    """A small folder of the four files: 7 training images and 3 test images of 28 × 28."""
    rng = np.random.default_rng(0)
    for prefix, n in (("train", 7), ("t10k", 3)):
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte.gz", rng.integers(0, 256, (n, 28, 28)))
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte.gz", np.arange(n) % 10)
    return tmp_path


# ------------------------------------------------------------------ IDX files


def test_the_reader_returns_what_was_written(folder):
    for split, n in (("train", 7), ("test", 3)):
        images, labels = load_idx(folder, split)
        assert images.shape == (n, 1, 28, 28) and images.dtype == torch.uint8
        assert labels.dtype == torch.int64 and labels.tolist() == list(range(n))
    rng = np.random.default_rng(0)
    assert np.array_equal(load_idx(folder, "train")[0][:, 0], rng.integers(0, 256, (7, 28, 28)))


def test_the_whole_data_set(debian, monkeypatch):
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    assert FASHION_MNIST.load("train").source == "idx"
    for split, n in (("train", 60_000), ("test", 10_000)):
        images, labels = fashion_mnist(split)
        assert images.shape == (n, 1, 28, 28) and images.dtype == torch.uint8
        assert labels.bincount().tolist() == [n // 10] * 10
    # the mean of all training pixels, as given in the literature: 0.2860
    mean = float(fashion_mnist("train")[0].double().mean()) / 255
    assert mean == pytest.approx(0.2860, abs=1e-4)


def test_the_shipped_subset_has_1000_images_per_class():
    images, labels = fashion_mnist("train", source="shipped")
    assert images.shape == (10_000, 1, 28, 28) and images.dtype == torch.uint8
    assert labels.bincount().tolist() == [1000] * 10
    test_images, test_labels = fashion_mnist("test", source="shipped")
    assert len(test_images) == len(test_labels) >= 100
    assert test_labels.bincount().min() == test_labels.bincount().max()
    assert (data.SHIPPED / "NOTICE").read_text().count("MIT") >= 1


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_shipped_subset_is_part_of_the_whole(debian, split):
    """Both image and label, and no image is taken twice."""
    sets = fashion_mnist(split, source="shipped"), load_idx(debian, split)
    pairs = (zip(images.numpy(), labels.tolist(), strict=True) for images, labels in sets)
    subset, whole = (Counter((image.tobytes(), label) for image, label in each) for each in pairs)
    assert subset <= whole


def test_a_directory_by_name_comes_first(folder, monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", str(folder))
    assert FASHION_MNIST.load("train").source == "idx"
    assert len(fashion_mnist("train")[0]) == 7


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, monkeypatch, name):
    """A directory named by the user raises an error; it is never skipped."""
    monkeypatch.setenv("FASHION_MNIST_DIR", str(folder))
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        fashion_mnist("train" if name.startswith("train") else "test")


def damaged(raw: bytes) -> dict[str, bytes]:
    middle = len(raw) // 2
    plain = gzip.decompress(raw)
    return {
        "truncated": raw[:middle],
        "empty": b"",
        "no gzip": b"<html>not found</html>",
        "bits flipped": raw[:20] + bytes(255 - b for b in raw[20:40]) + raw[40:],
        "wrong checksum": raw[:-8] + bytes(4) + raw[-4:],
        "another format": gzip.compress(b"P5 28 28 255" + plain),
        "fewer values than promised": gzip.compress(plain[:-1]),
        "more values than promised": gzip.compress(plain + b"x"),
        "half a header": gzip.compress(plain[:6]),
    }


@pytest.mark.parametrize("fault", damaged(gzip.compress(b"x")))
@pytest.mark.parametrize("name", FILES[:2])
def test_a_damaged_file_is_named(folder, monkeypatch, name, fault):
    monkeypatch.setenv("FASHION_MNIST_DIR", str(folder))
    path = folder / name
    path.write_bytes(damaged(path.read_bytes())[fault])
    with pytest.raises(ValueError, match=name):
        fashion_mnist("train")


def test_different_numbers_of_images_and_labels_are_refused(folder):
    write_idx(folder / FILES[1], np.zeros(6))
    with pytest.raises(ValueError, match="7 images but 6 labels"):
        load_idx(folder, "train")


# ------------------------------------------------------------------ which source


def test_without_other_sources_the_shipped_subset_is_used(no_sources):
    found = FASHION_MNIST.load("train")
    assert found.source == "shipped" and len(found.images) == 10_000
    assert fashion_mnist("test")[0].shape[1:] == (1, 28, 28)


def test_a_hugging_face_cache_is_preferred_to_the_subset(no_sources, monkeypatch, tmp_path):
    (tmp_path / "hf/datasets/zalando-datasets___fashion_mnist").mkdir(parents=True)
    asked = []
    monkeypatch.setattr(data, "load_hub", lambda *args: asked.append(args) or ("x", "y"))
    found = FASHION_MNIST.load("train")
    assert (found.source, found.images, found.labels) == ("hub", "x", "y")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "elsewhere"))
    assert FASHION_MNIST.load("train").source == "shipped"
    assert asked == [("zalando-datasets/fashion_mnist", "train")]


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'train' or 'test'"):
        fashion_mnist("validation")
    with pytest.raises(ValueError, match="idx, hub, shipped"):
        fashion_mnist("train", source="kaggle")
