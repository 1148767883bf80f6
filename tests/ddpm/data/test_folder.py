"""Any pictures: the same from a folder, a zip and a data set; other files are named in errors."""

import shutil
import zipfile
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from PIL import Image

from ddpm.data.folder import load_pictures
from devtools.hub import TOKEN

SIZE = 8


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path, pixels) -> Path:
    """Six pictures of two classes, in the order of their names, and files that aren't pictures."""
    root = tmp_path / "pets"
    for k, picture in enumerate(pixels):
        subfolder = root / ("cat" if k < 3 else "dog") / "deeper"
        subfolder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(subfolder / f"{k}.png")
    (root / "cat" / "notes.txt").write_text("not a picture")
    (root / "cat" / "._0.png").write_bytes(b"what a Mac leaves")
    return root


def expect(found, pixels, labels, classes) -> None:
    assert torch.equal(found.images, torch.from_numpy(pixels).permute(0, 3, 1, 2))
    assert (found.labels if labels is None else found.labels.tolist()) == labels
    assert found.classes == classes


def test_the_folders_are_the_classes(folder, pixels):
    expect(load_pictures(str(folder), SIZE, 3), pixels, [0, 0, 0, 1, 1, 1], ("cat", "dog"))
    single = load_pictures(str(folder / "dog"), SIZE, 3)
    expect(single, pixels[3:], None, ())  # which has no classes


def test_a_zip_of_the_folder_is_the_same(folder, pixels, tmp_path):
    """With an outer folder, and with the files that a Mac adds."""
    archive = shutil.make_archive(tmp_path / "pets", "zip", folder.parent, "pets")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("__MACOSX/pets/cat/._0.png", b"what a Mac leaves")
    expect(load_pictures(archive, SIZE, 3), pixels, [0, 0, 0, 1, 1, 1], ("cat", "dog"))


@pytest.mark.parametrize("columns", [("img", "label"), ("image", None)])
@pytest.mark.parametrize("form", ["one", "splits", "of the Hub"])
def test_a_saved_data_set_is_the_same(pixels, tmp_path, monkeypatch, columns, form):
    """Columns are found by their type, whatever their names: CIFAR-10's are img and label."""
    picture, label = columns
    values = {"index": list(range(6)), picture: [Image.fromarray(p) for p in pixels]}
    features = {"index": datasets.Value("int32"), picture: datasets.Image()}
    if label:
        values[label] = [1, 0, 1, 0, 1, 0]
        features[label] = datasets.ClassLabel(names=["cat", "dog"])
    saved = datasets.Dataset.from_dict(values, features=datasets.Features(features))
    parts = {"test": saved.select([0]), "train": saved}
    if form == "of the Hub":  # CIFAR-10's files, in its folder plain_text
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
        (tmp_path / "saved/plain_text").mkdir(parents=True)
        (tmp_path / "saved/README.md").write_text("A card")
        for name, part in parts.items():
            part.to_parquet(tmp_path / f"saved/plain_text/{name}-00000-of-00001.parquet")
    else:
        saved = datasets.DatasetDict(parts) if form == "splits" else saved
        saved.save_to_disk(tmp_path / "saved")
    found = load_pictures(str(tmp_path / "saved"), SIZE, 3)
    labelled = ([1, 0, 1, 0, 1, 0], ("cat", "dog")) if label else (None, ())
    expect(found, pixels, *labelled)


@pytest.fixture
def data_set(hub, pixels, monkeypatch, tmp_path):
    """The Hub, with these pictures as someone/pets."""
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets.config, "DOWNLOADED_DATASETS_PATH", tmp_path / "cache/downloads")
    features = datasets.Features({"img": datasets.Image()})
    values = {"img": [Image.fromarray(p) for p in pixels]}
    datasets.Dataset.from_dict(values, features=features).to_parquet(tmp_path / "train.parquet")
    hub.stored["train.parquet"] = (tmp_path / "train.parquet").read_bytes()
    return hub


def test_a_data_set_of_the_hub_is_downloaded_and_kept(data_set, pixels):
    expect(load_pictures("someone/pets", SIZE, 3), pixels, None, ())
    data_set.fault = 500
    expect(load_pictures("someone/pets", SIZE, 3), pixels, None, ())


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("stall", "can't be reached"),
        (401, "run `hf auth login`"),
        (404, "none of this name, or it is private|seen without a login"),
        (429, "too many requests"),
        (500, "trouble of its own"),
        ("html", "did not answer as the Hub does"),
        ("half", "cannot be loaded as a data set: .*received"),
    ],
)
def test_a_data_set_that_the_hub_does_not_give_is_a_sentence(data_set, fault, said):
    data_set.fault = fault
    with pytest.raises(OSError, match=said) as caught:
        load_pictures("someone/pets", SIZE, 3)
    message = str(caught.value)
    assert message.startswith("someone/pets ") and TOKEN not in message and "\n" not in message


def test_grey_for_a_colour_network_and_the_reverse(tmp_path, pixels):
    Image.fromarray(pixels[0]).save(tmp_path / "a.png")
    Image.fromarray(pixels[1, :, :, 0]).save(tmp_path / "b.png")
    colour, grey = (load_pictures(str(tmp_path), SIZE, channels).images for channels in (3, 1))
    assert torch.equal(colour[1], torch.from_numpy(pixels[1, :, :, 0]).expand(3, -1, -1))
    luma = pixels[0] @ np.array([0.299, 0.587, 0.114])  # ITU-R 601-2
    assert np.abs(grey[0, 0].numpy() - luma).max() <= 1


def test_other_sizes_are_cropped_and_turned_by_their_exif(tmp_path):
    """20 × 10, the left half white: turned by its EXIF to 10 × 20, cut to the middle square."""
    picture = Image.new("L", (20, 10))
    picture.paste(255, (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # the first stored row is the right-hand side
    picture.save(tmp_path / "a.png", exif=exif)
    (image,) = load_pictures(str(tmp_path), 10, 1).images
    assert (image[0, :4] == 255).all() and (image[0, 6:] == 0).all()


def test_damaged_pictures_are_skipped_and_named(folder, pixels):
    whole = folder / "dog" / "deeper" / "3.png"
    whole.write_bytes(whole.read_bytes()[:60])
    with pytest.warns(UserWarning, match=r"1 damaged pictures.*3\.png"):
        found = load_pictures(str(folder), SIZE, 3)
    expect(found, pixels[[0, 1, 2, 4, 5]], [0, 0, 0, 1, 1], ("cat", "dog"))


def test_what_cannot_be_read_is_refused_with_the_reason(folder):
    def refused(path: Path, reason: str) -> None:
        with pytest.raises((ValueError, OSError), match=reason):
            load_pictures(str(path), SIZE, 3)

    refused(folder / "cat" / "notes.txt", "not a whole zip")
    refused(folder / "missing", "neither a folder nor a zip")
    stray = Path(shutil.copy(folder / "cat" / "deeper" / "0.png", folder / "stray.png"))
    refused(folder, "stray.png lies beside folders")
    stray.unlink()
    for file in folder.rglob("*.png"):
        file.write_bytes(b"no picture")
    refused(folder, "6 are damaged, the first: .*0.png")
    for file in folder.rglob("*.png"):
        file.unlink()
    refused(folder, "holds no picture")
