"""Any pictures as training data: a data set by name, a folder, a zip, or one of the Hub."""

import io
import posixpath
import warnings
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import torch
from PIL import Image, ImageOps
from torch import Tensor

from ddpm.data import DATASETS
from ddpm.data.dataset import Dataset, Pictures
from ddpm.data.images import from_pil, to_uint8
from ddpm.hub import find_dataset

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
NAMED = 3  # a warning names this many damaged pictures and counts the rest


def load_pictures(where: str, size: int, channels: int, *, source: str = "auto") -> Pictures:
    """The pictures of one of `DATASETS`, from this source of it, as they are; of a folder or a zip;
    or of another data set: a Hub id, a folder of `save_to_disk` or one with parquet, as on the Hub.

    Of these each becomes its centre square, resized, in grey or RGB. The sub-folders of a folder or
    a zip are the classes. A damaged picture is left out, and a warning names it. ValueError or
    OSError if nothing in `where` can be read.
    """
    if where in DATASETS:
        return DATASETS[where].load("train", source)
    path = Path(where)
    if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
        return _read(*_of_dataset(where, saved=True), size, channels, where)
    if path.is_dir() and next(path.rglob("*.parquet"), None):  # as the Hub has data sets
        return _read(*_of_dataset(where, saved=False), size, channels, where)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if _is_picture(file.relative_to(path)))
        names = [PurePosixPath(file.relative_to(path)) for file in found]
        return _read([(str(file), file) for file in found], *_classes(names), size, channels, where)
    if path.is_file():
        return _of_zip(path, size, channels)
    if where.count("/") != 1 or where.startswith((".", "/", "~")):
        raise FileNotFoundError(
            f"{where} is neither a folder nor a zip, nor the name of a data set (owner/name)"
        )
    return _read(*_of_dataset(where, saved=False), size, channels, where)


def dataset_of(where: str, shape: tuple[int, int, int]) -> Dataset:
    """One of `DATASETS`; or the halves of any pictures that `load_pictures` finds, each in this
    shape (C, H, W)."""
    if where in DATASETS:
        return DATASETS[where]
    return halves_of(load_pictures(where, shape[1], shape[0]))


def halves_of(found: Pictures) -> Dataset:
    """A data set of pictures that come without test pictures: one half of them, at random, is taken
    for these, and the other for training pictures."""
    order = torch.randperm(len(found.images), generator=torch.Generator().manual_seed(0))
    first, second = order.tensor_split(2)

    def load(split: str, source: str = "auto") -> Pictures:
        half = first if split == "train" else second
        labels = None if found.labels is None else found.labels[half]
        return replace(found, images=found.images[half], labels=labels)

    _, channels, height, width = found.images.shape
    return Dataset(found.source, found.classes, (channels, height, width), load)


def _is_picture(path: Path | PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _of_zip(path: Path, size: int, channels: int) -> Pictures:
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not a whole zip file")
    with zipfile.ZipFile(path) as archive:
        found = sorted(name for name in archive.namelist() if _is_picture(PurePosixPath(name)))
        files = [(name, lambda name=name: io.BytesIO(archive.read(name))) for name in found]
        classes = _classes([PurePosixPath(name) for name in found])
        return _read(files, *classes, size, channels, str(path))


def _classes(names: list[PurePosixPath]) -> tuple[list[int] | None, tuple[str, ...]]:
    """The label of each picture: the first folder in its path that not all of them share."""
    if not names:
        return None, ()
    top = len(PurePosixPath(posixpath.commonpath([name.parent for name in names])).parts)
    if all(len(name.parts) == top + 1 for name in names):
        return None, ()
    beside = next((name for name in names if len(name.parts) == top + 1), None)
    if beside is not None:
        raise ValueError(
            f"{beside} lies beside folders with pictures: put every picture in the folder of "
            "its class, or all of them in one folder"
        )
    classes = tuple(sorted({name.parts[top] for name in names}))
    return [classes.index(name.parts[top]) for name in names], classes


def _of_dataset(where: str, saved: bool) -> tuple[Iterable, list[int] | None, tuple[str, ...]]:
    """Its training split: the first column of pictures, and the first of classes if any."""
    import datasets  # heavy, and needed only here

    if not Path(where).exists():
        find_dataset(where)
    try:
        loaded = datasets.load_from_disk(where) if saved else datasets.load_dataset(where)
    except Exception as error:  # whatever the download or its cache throws
        raise OSError(f"{where} cannot be loaded as a data set: {error}") from error
    if isinstance(loaded, dict):
        loaded = loaded["train"] if "train" in loaded else next(iter(loaded.values()))
    pictures = [k for k, kind in loaded.features.items() if isinstance(kind, datasets.Image)]
    labels = [k for k, kind in loaded.features.items() if isinstance(kind, datasets.ClassLabel)]
    if not pictures:
        raise ValueError(f"{where} has no column of pictures: {', '.join(loaded.column_names)}")
    raw = loaded.select_columns(pictures[0])
    raw = raw.cast_column(pictures[0], datasets.Image(decode=False))
    files = ((f"picture {k}", partial(_encoded, row[pictures[0]])) for k, row in enumerate(raw))
    if not labels:
        return files, None, ()
    return files, list(loaded[labels[0]]), tuple(loaded.features[labels[0]].names)


def _encoded(picture: dict) -> io.BytesIO | str:
    """A picture as `datasets` keeps it: the bytes of a file, or the path to it."""
    return picture["path"] if picture["bytes"] is None else io.BytesIO(picture["bytes"])


def _read(
    files: Iterable[tuple[str, Path | Callable]],
    labels: list[int] | None,
    classes: tuple[str, ...],
    size: int,
    channels: int,
    where: str,
) -> Pictures:
    def read(file: tuple[str, Path | Callable]) -> Tensor | str:
        name, source = file
        try:
            with Image.open(source() if callable(source) else source) as image:
                return to_uint8(from_pil(ImageOps.exif_transpose(image), size, channels))
        except Exception as error:  # each of Pillow's readers has its own ways to fail
            return f"{name} ({error})"

    with ThreadPoolExecutor() as pool:  # Pillow decodes without holding the interpreter
        results = list(pool.map(read, files))
    damaged = [result for result in results if isinstance(result, str)]
    whole = [k for k, result in enumerate(results) if not isinstance(result, str)]
    if not whole:
        why = f"; {len(damaged)} are damaged, the first: {damaged[0]}" if damaged else ""
        raise ValueError(f"{where} holds no picture that can be read{why}")
    if damaged:
        more = f" and {len(damaged) - NAMED} more" if len(damaged) > NAMED else ""
        warnings.warn(
            f"{len(damaged)} damaged pictures are left out: {', '.join(damaged[:NAMED])}{more}",
            stacklevel=3,
        )
    kept = None if labels is None else torch.tensor([labels[k] for k in whole])
    images = torch.stack([picture for picture in results if isinstance(picture, Tensor)])
    return Pictures(images, kept, classes, where)
