"""Training on a visitor's own pictures, without a browser."""

from pathlib import Path

import gradio as gr
import pytest
import torch

from devtools.visit import RECIPE, VISITOR
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.models.request import ANY
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import compare
from page.tabs.train import own_pictures, reading
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe
from page.texts import TEXTS


@pytest.mark.parametrize(
    ("source", "mode", "channels"), [("own", "RGB", 3), ("own", "L", 1), ("own_64", "RGB", 3)]
)
def test_own_pictures_train_a_model_for_generate(photos, read, warned, source, mode, channels):
    """Fewer than a batch, and without classes: choosing a class gives a warning."""
    files = photos(12, mode)
    size = own_pictures.SIZES[source]
    pictures, taken = read(files, size)
    assert pictures.shape == (12, channels, size, size) and pictures.dtype == torch.uint8
    assert taken["count"] == 12
    *_, (stored, _) = own_pictures.train_pictures(VISITOR, files, size)
    assert isinstance(stored, str)  # a session keeps no picture in memory
    assert own_pictures.chosen(source, stored).equal(pictures)
    recipe = Recipe(**RECIPE | {"batch_size": 16})
    *_, (report, trained) = training.run(VISITOR, recipe, source, stored)
    assert report["phase"] == "done" and report["recognised"] is None
    assert report["picture"].startswith("data:image/png")
    model = models.chosen(trained, "trained")
    assert model.config.unet.channels == channels and model.config.unet.num_classes is None
    given = [3, 2, "ddim", 3, "linear", 2.0, 0]
    *_, (_, png, _) = generate_tab.sample(VISITOR, trained, "trained", *given)
    assert Path(png.value["path"]).name == "any-ddim-3-steps-seed-0.png"
    assert len(warned) == 1 and "without classes" in warned[0]
    *_, last = trajectory(model, Request("trained", ANY, *given[1:]))[1]
    assert last.x.shape == (2, channels, size, size)
    for axis in ("label", "guidance"):
        with pytest.raises(gr.Error, match="without classes"):
            next(compare.compare(VISITOR, trained, True, axis, 3, *given[2:]))


def test_pictures_that_cannot_be_read_are_skipped_and_named(photos, read, warned):
    """With the reason for each kind of file."""
    files = photos(16)
    files[4].write_bytes(b"no picture")
    files[7].write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    files[8].write_bytes(b"no picture either")
    assert len(read(files)[0]) == 9 + 4
    assert warned[0].split("<br>") == [
        "Skipped (2): 4.png, 8.png. " + TEXTS["upload_unknown"][0],
        "已跳过 2 个文件：4.png, 8.png。" + TEXTS["upload_unknown"][1],
        "Skipped (1): 7.png. " + TEXTS["upload_heic"][0],
        "已跳过 1 个文件：7.png。" + TEXTS["upload_heic"][1],
    ]


@pytest.mark.parametrize(
    ("count", "damaged", "says"),
    [(9, 0, "Choose 10 to 5,?000"), (5001, 0, "chosen: 5001"), (12, 3, "That leaves 9")],
)
def test_too_few_or_too_many_own_pictures_are_refused(photos, read, count, damaged, says):
    few = photos(min(count, 12))
    for file in few[:damaged]:
        file.write_bytes(b"no picture")
    files = (few * 500)[:count]
    with pytest.raises(gr.Error, match=says):
        read(files)


def test_reading_yields_so_that_a_closed_page_ends_it(photos, monkeypatch):
    monkeypatch.setattr(reading, "POLL_S", 0.0)
    *updates, (pictures, _) = reading.read(VISITOR, photos(12), 28)
    assert len(updates) >= 11 and len(pictures) == 12
    assert all("value" not in update for pair in updates for update in pair)


def test_own_pictures_must_be_chosen_before_a_run():
    recipe = Recipe(**RECIPE)
    with pytest.raises(gr.Error, match="10 to 5000 pictures of your own"):
        next(training.run(VISITOR, recipe, "own", None))
    with pytest.raises(gr.Error, match="fashion, emoji, own"):
        next(training.run(VISITOR, recipe, "imagenet", None))
