"""Fashion-MNIST (Xiao et al. 2017), from wherever it can be had."""

import gzip
import io
import os
import shutil
import warnings
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ddpm.data.dataset import Dataset, Pictures
from ddpm.files import SHIPPED as WEIGHTS
from ddpm.hub import HubError, find_dataset

CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # package dataset-fashion-mnist
SHIPPED = Path(__file__).parent / "fashion_mnist_10k"  # 1,000 images a class; see its NOTICE
HUB_ID = "zalando-datasets/fashion_mnist"

SOURCES = {
    "idx": "Fashion-MNIST from IDX files",
    "hub": f"{HUB_ID} from Hugging Face",
    "shipped": "Fashion-MNIST, the 10,000 images that ship with the code",
}


def fashion_mnist(split: str, *, source: str = "auto") -> tuple[Tensor, Tensor]:
    """Fashion-MNIST (Xiao et al. 2017): images uint8 (N, 1, 28, 28), labels int64 (N,).

    split is "train" or "test". source is one of `SOURCES`, or "auto" for the best one available:
    IDX files, otherwise the Hugging Face cache or Hub, otherwise the shipped subset; a Hub that
    fails halfway (bad Wi-Fi) costs a warning, not the data. FileNotFoundError if the source is
    missing; ValueError if it is damaged.
    """
    found = _load(split, source)
    assert found.labels is not None
    return found.images, found.labels


def _load(split: str, source: str = "auto") -> Pictures:
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    if source not in ("auto", *SOURCES):
        raise ValueError(f"source must be 'auto' or one of {', '.join(SOURCES)}, not {source!r}")
    if source == "auto":
        source, found = _best(split)
    else:
        found = _read(split, source)
    return Pictures(*found, CLASS_NAMES, source)


def _read(split: str, source: str) -> tuple[Tensor, Tensor]:
    if source == "hub":
        return load_hub(HUB_ID, split)
    return load_idx(SHIPPED if source == "shipped" else _idx_directory() or DEBIAN, split)


def _best(split: str) -> tuple[str, tuple[Tensor, Tensor]]:
    if _idx_directory() is not None:
        return "idx", _read(split, "idx")
    try:
        find_dataset(HUB_ID, timeout_s=2)
        return "hub", _read(split, "hub")
    except HubError:  # nobody asked for it by name
        pass
    except Exception as error:  # whatever the download, its proxy or its cache throws
        warnings.warn(f"{HUB_ID}: {error}. Using the shipped images", stacklevel=2)
    return "shipped", _read(split, "shipped")


FASHION_MNIST = Dataset(
    name="fashion_mnist",
    classes=CLASS_NAMES,
    shape=(1, 28, 28),
    load=_load,
    sources=tuple(SOURCES),
    hub_id=HUB_ID,
    judge=WEIGHTS / "classifier.safetensors",
    encoders=WEIGHTS / "encoders.safetensors",
    is_here=lambda: _idx_directory() is not None,
)


def _idx_directory() -> Path | None:
    named = os.environ.get("FASHION_MNIST_DIR")
    if named:
        return Path(named)  # a name given by hand is used or complained about, never skipped
    return DEBIAN if DEBIAN.is_dir() else None


def load_idx(directory: str | Path, split: str) -> tuple[Tensor, Tensor]:
    """Read the four gzipped IDX files of LeCun's MNIST format from a directory."""
    prefix = Path(directory) / ("train" if split == "train" else "t10k")
    images = _read_idx(prefix.with_name(prefix.name + "-images-idx3-ubyte.gz"), ndim=3)
    labels = _read_idx(prefix.with_name(prefix.name + "-labels-idx1-ubyte.gz"), ndim=1)
    if len(images) != len(labels):
        raise ValueError(f"{directory}: {len(images)} images but {len(labels)} labels")
    # not by torch, whose threads wouldn't survive where a process is forked from this one
    return images[:, None], torch.from_numpy(labels.numpy().astype(np.int64))


def _read_idx(path: Path, ndim: int) -> Tensor:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: it is one of the four Fashion-MNIST files")
    unpacked = io.BytesIO()  # used as it is: a process that trains has little else in memory
    try:
        with gzip.open(path) as packed:
            shutil.copyfileobj(packed, unpacked)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole gzip file: {error}") from error
    raw = unpacked.getbuffer()
    # magic: two zero bytes, 8 for "unsigned byte", the number of dimensions; then their sizes
    head = 4 + 4 * ndim
    if raw[:4] != bytes([0, 0, 8, ndim]) or len(raw) < head:
        raise ValueError(f"{path} is not an IDX file of {ndim} dimensions")
    shape = np.frombuffer(raw, ">i4", ndim, 4).tolist()
    if len(raw) - head != np.prod(shape):
        raise ValueError(f"{path} holds {len(raw) - head} values where {shape} was promised")
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=head).reshape(shape))


def load_hub(name: str, split: str) -> tuple[Tensor, Tensor]:
    """A data set with columns "image" and "label": a Hub id, or a folder of `save_to_disk`."""
    import datasets  # heavy, and needed only here

    if Path(name).is_dir():
        loaded = datasets.load_from_disk(name)
        columns = loaded[split] if isinstance(loaded, datasets.DatasetDict) else loaded
    else:
        columns = datasets.load_dataset(name, split=split)
    missing = {"image", "label"} - set(columns.column_names)
    if missing:
        raise ValueError(f"{name} has no column {', '.join(sorted(missing))}")
    columns = columns.with_format("numpy")
    images = torch.stack([torch.from_numpy(np.array(image)) for image in columns["image"]])
    images = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
    return images.contiguous(), torch.as_tensor(np.asarray(columns["label"]), dtype=torch.int64)
