"""The Train tab without a browser: recipes, streaming, Stop, divergence, what is left behind."""

import dataclasses
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from ddpm.config import PRESETS
from page.compute import models, this_process
from page.server import run_queue
from page.tabs.generate import compare
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.request import ANY, Request, trajectory
from page.tabs.train import own_pictures
from page.tabs.train import run as training
from page.tabs.train import tab as train_tab
from page.tabs.train.recipe import Recipe
from page.widgets.training_monitor import progress

VISITOR = SimpleNamespace(session_hash="visitor")
SETTINGS = dict(
    preset="minute", schedule="cosine", T=100, objective="v", loss="l2", block="resnet",
    optimizer="muon", dim=8, steps=10, batch_size=8, rate=2e-3, seed=0,
)  # fmt: skip


def settings(**changes):
    return (SETTINGS | changes).values()


def run(**changes):
    """(report, file) of each update."""
    for report, file in training.run(VISITOR, Recipe(**SETTINGS | changes), "fashion", None):
        if report is not None:
            yield report, file


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    few = ("shipped", *ddpm.fashion_mnist("test", source="shipped"))
    monkeypatch.setattr(training, "data", lambda: few)
    monkeypatch.setattr(training, "SHOW_S", 0.0)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("preset", "best", "minute, notebook, base"),
        ("schedule", "cubic", "linear, quadratic"),
        ("T", 1, "from 10 to 1000"),
        ("objective", "score", "eps, v, x0"),
        ("loss", "l3", "l1, l2, huber"),
        ("optimizer", "unknown", "adamw, muon"),
        ("dim", 7.5, "from 8 to 64"),
        ("steps", 0, "from 10 to 20000"),
        ("steps", 10**6, "from 10 to 20000"),
        ("batch_size", 12.5, "from 8 to 256"),
        ("rate", float("nan"), "from 1e-08 to 1"),
        ("rate", None, "from 1e-08 to 1"),
        ("seed", -1, "from 0 to"),
    ],
)
def test_bad_settings_are_refused_with_the_range(field, value, says):
    with pytest.raises(gr.Error, match=says) as error:
        next(run(**{field: value}))
    assert "必须" in error.value.message


@pytest.mark.parametrize("preset", PRESETS)
def test_the_fields_of_a_preset_give_the_preset(preset):
    assert Recipe.of(preset).config() == PRESETS[preset]


def test_a_changed_field_leaves_the_rest_of_the_preset():
    changed = dataclasses.replace(Recipe.of("minute"), dim=16, steps=20, optimizer="adamw").config()
    base = PRESETS["minute"]
    assert changed.unet == dataclasses.replace(base.unet, dim=16)
    assert changed.diffusion == base.diffusion
    assert changed.train == dataclasses.replace(base.train, steps=20, warmup=2, optimizer="adamw")


def test_a_run_ends_with_a_model_that_generate_takes():
    updates = [*run()]
    reports = [report for report, _ in updates]
    _, trained = updates[-1]
    model = models.chosen(trained, True)
    assert model.info["steps"] == 10 and model.config.train.steps == 10
    asked = Request(True, 1, 2, "ddim", 5, "linear", 1.0, 0)
    x, steps = trajectory(model, asked)
    assert [step.x.shape for step in steps] == [x.shape] * 5
    assert not training._stops
    assert [report["phase"] for report in reports] == ["loading", *["training"] * 10, "done"]
    last = reports[-1]
    assert last["step"] == 10 and len(last["curve"]["raw"]) == 10
    assert last["rate"] * last["seconds"] == pytest.approx(10)
    assert last["memory"] > 50e6 and 0 <= last["recognised"] <= 20
    assert len({report["run"] for report in reports}) == 1


def test_an_earlier_model_stays_until_there_is_a_new_one():
    """On the page: the model, its download and its button."""
    for report, *model in train_tab.show_run(VISITOR, *settings(), "fashion", None):
        if report != gr.skip() and report["phase"] != "done":
            assert model == [gr.skip()] * 3
    trained, download, button = model
    assert download["value"] == trained and button.interactive


def test_stop_ends_the_run_and_keeps_what_it_learned():
    updates = run(steps=5000)
    next(updates), next(updates)
    training.ask_to_stop(SimpleNamespace(session_hash="somebody else"))
    next(updates)  # goes on
    training.ask_to_stop(VISITOR)
    *_, (report, trained) = updates
    model = models.chosen(trained, True)
    assert model.info["steps"] < 50
    assert report["phase"] == "stopped" and report["step"] == model.info["steps"]


def test_a_recipe_that_needs_too_much_memory_is_refused():
    with pytest.raises(gr.Error, match=r"7\.8 GB of memory") as error:
        next(run(preset="notebook", block="convnext", dim=64, batch_size=256))
    assert "内存" in error.value.message and not training._stops


@contextmanager
def all_places_taken():
    with ExitStack() as others:
        for _ in range(run_queue.TRAINING.places):
            others.enter_context(run_queue.TRAINING.turn("train"))
        yield


def test_who_waits_is_told_the_place_and_begins_when_one_is_free():
    with all_places_taken():
        updates = run()
        report, _ = next(updates)
        assert (report["phase"], report["ahead"]) == ("waiting", 1) and report["expected"] > 0
    phases = [report["phase"] for report, _ in updates]
    assert phases[0] == "loading" and phases[-1] == "done"


def test_stop_leaves_the_line():
    with all_places_taken():
        updates = run()
        next(updates)
        training.ask_to_stop(VISITOR)
        assert [report for report, _ in updates] == [{"phase": "left"}]
        assert not training._stops and run_queue.TRAINING.counts()["waiting"] == 0


def test_a_second_run_of_the_same_visitor_is_refused():
    updates = run(steps=5000)
    next(updates)
    with pytest.raises(gr.Error, match="still under way"):
        next(run())
    assert VISITOR.session_hash in training._stops
    updates.close()


def test_a_closed_page_leaves_nothing():
    before = threading.active_count()
    updates = run(steps=5000)
    next(updates)
    assert VISITOR.session_hash in training._stops
    updates.close()
    assert not training._stops and threading.active_count() <= before


def test_divergence_is_told_and_keeps_the_last_good_model(monkeypatch):
    """A batch that is not finite: the run says so, and its model still draws finite pictures."""
    honest = this_process.batches

    def poisoned(*args, **kwargs):
        for k, (x, labels) in enumerate(honest(*args, **kwargs)):
            yield (x * float("nan") if k == 4 else x), labels

    told = []
    monkeypatch.setattr(this_process, "batches", poisoned)
    monkeypatch.setattr(gr, "Warning", told.append)
    *_, (report, trained) = run()
    model = models.chosen(trained, True)
    assert "at step 5" in told[0] and "第 5 步" in told[0]
    assert report["phase"] == "diverged" and report["step"] == model.info["steps"] == 4
    _, steps = trajectory(model, Request(True, 1, 2, "ddim", 5, "cosine", 1.0, 0))
    assert all(step.x.isfinite().all() for step in steps)


def test_curve_is_short_smooth_and_only_grows():
    curve = progress.Curve(5000)
    before = curve.to_dict()
    for loss in [1.0] * 2500 + [0.0] * 2500:
        curve.add(loss)
        now = curve.to_dict()
        assert now["raw"][: len(before["raw"])] == before["raw"]
        before = now
    assert len(now["raw"]) == len(now["smoothed"]) <= progress.POINTS
    middle = -(-2500 // curve.stride)  # the first point of step 2501 or later
    assert now["raw"] == [1.0] * middle + [0.0] * (len(now["raw"]) - middle)
    assert now["smoothed"][0] == 1 and 0 < now["smoothed"][middle + 1] < 1


def test_the_real_pictures_are_two_of_each_class():
    source, images, labels = training.data()
    shown = progress.data(source, images, labels)
    assert shown["source"] == "shipped" and shown["count"] == len(images)
    of_class = {k: images[labels == k] for k in range(10)}
    expected = [of_class[k][row] for row in (0, 1) for k in range(10)]
    assert shown["picture"] == progress.data_uri.grid_uri(torch.stack(expected) / 127.5 - 1, 10)


# ------------------------------------------------------------------ a visitor's own pictures


@pytest.fixture
def photos(tmp_path):
    """photos(n, mode): n files of pictures that are no squares."""

    def make(count, mode="RGB"):
        shape = (30, 40, 3) if mode == "RGB" else (30, 40)
        pixels = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
        files = [tmp_path / f"{k}.png" for k in range(count)]
        for file, picture in zip(files, pixels, strict=True):
            Image.fromarray(picture).save(file)
        return files

    return make


def read(files):
    *_, taken = own_pictures.read(files)
    return taken


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1)])
def test_own_pictures_train_a_model_that_generate_takes(photos, monkeypatch, mode, channels):
    """Fewer of them than a batch; without classes, so that a chosen class is told to be none."""
    pictures, told = read(photos(12, mode))
    assert pictures.shape == (12, channels, 28, 28) and pictures.dtype == torch.uint8
    assert told["count"] == 12
    recipe = Recipe(**SETTINGS | {"batch_size": 16})
    *_, (report, trained) = training.run(VISITOR, recipe, "own", pictures)
    assert report["phase"] == "done" and report["recognised"] is None
    assert report["picture"].startswith("data:image/png")
    model = models.chosen(trained, True)
    assert model.config.unet.channels == channels and model.config.unet.num_classes is None
    told = []
    monkeypatch.setattr(gr, "Warning", told.append)
    given = [3, 2, "ddim", 3, "linear", 2.0, 0]
    *_, (_, png, _) = generate_tab.sample(VISITOR, trained, True, *given)
    assert Path(png.value["path"]).name == "any-ddim-3-steps-seed-0.png"
    assert len(told) == 1 and "without classes" in told[0]
    _, steps = trajectory(model, Request(True, ANY, *given[1:]))
    *_, last = steps
    assert last.x.shape == (2, channels, 28, 28)
    for axis in ("label", "guidance"):
        with pytest.raises(gr.Error, match="without classes"):
            next(compare.compare(trained, True, axis, 3, *given[2:]))


def test_pictures_that_cannot_be_read_are_left_out_and_named(photos, monkeypatch):
    files = photos(12)
    files[4].write_bytes(b"no picture")
    told = []
    monkeypatch.setattr(gr, "Warning", told.append)
    assert len(read(files)[0]) == 11
    assert "(1): 4.png" in told[0] and "已略去" in told[0]


@pytest.mark.parametrize(
    ("count", "damaged", "says"),
    [(9, 0, "choose 10 to 5,?000"), (5001, 0, "5001 pictures"), (12, 3, "That leaves 9")],
)
def test_too_few_or_too_many_own_pictures(photos, count, damaged, says):
    few = photos(min(count, 12))
    for file in few[:damaged]:
        file.write_bytes(b"no picture")
    files = (few * 500)[:count]
    with pytest.raises(gr.Error, match=says):
        read(files)


def test_reading_looks_whether_the_page_is_open(photos, monkeypatch):
    monkeypatch.setattr(own_pictures, "POLL_S", 0.0)
    *nothings, (pictures, _) = own_pictures.read(photos(12))
    assert len(nothings) >= 11 and len(pictures) == 12
    assert all("value" not in update for pair in nothings for update in pair)


def test_own_pictures_must_be_chosen_before_a_run():
    recipe = Recipe(**SETTINGS)
    with pytest.raises(gr.Error, match="10 to 5000 pictures of your own"):
        next(training.run(VISITOR, recipe, "own", None))
    with pytest.raises(gr.Error, match="fashion, own"):
        next(training.run(VISITOR, recipe, "imagenet", None))
