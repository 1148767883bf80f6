"""The Train tab without a browser: recipes, streaming, Stop, divergence, cleanup."""

import dataclasses
import threading
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch

from ddpm.presets import PRESETS
from devtools import faults
from devtools.visit import RECIPE, VISITOR, visitor
from page.compute import this_process
from page.jobs import run_queue
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.tabs.train import run as training
from page.tabs.train import stopped
from page.tabs.train.recipe import Recipe
from page.widgets.training_monitor import progress

load = training.data  # before it is replaced: conftest.py


def run(**changes):
    """(report, file) of each update."""
    for report, file in training.run(VISITOR, Recipe(**RECIPE | changes), "fashion", None):
        if report is not None:
            yield report, file


def test_where_the_data_is_not_a_training_says_so_and_the_page_starts(monkeypatch):
    monkeypatch.setenv("FASHION_MNIST_DIR", "/nowhere")
    monkeypatch.setattr(training, "data", load)
    training._load_data.cache_clear()
    training.share_data()
    with pytest.raises(FileNotFoundError, match="/nowhere"):
        load()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_fields_of_a_preset_give_the_preset(preset):
    assert Recipe.of(preset).config() == PRESETS[preset]


def test_a_changed_field_leaves_the_rest_of_the_preset():
    changed = dataclasses.replace(Recipe.of("minute"), dim=16, steps=20, optimizer="adamw").config()
    base = PRESETS["minute"]
    assert changed.unet == dataclasses.replace(base.unet, dim=16)
    assert changed.diffusion == base.diffusion
    assert changed.train == dataclasses.replace(base.train, steps=20, warmup=2, optimizer="adamw")


def test_a_run_ends_with_a_model_for_generate():
    updates = [*run()]
    reports = [report for report, _ in updates]
    *_, (step, bands) = reports[-1]["bands"]  # the loss by noise level, at the end too
    assert step == 10 and len(bands) == 4 and all(0 < each < 5 for each in bands)
    _, trained = updates[-1]
    model = models.chosen(trained, "trained")
    assert model.info["steps"] == 10 and model.config.train.steps == 10
    asked = Request("trained", 1, 2, "ddim", 5, "linear", 1.0, 0)
    x, steps = trajectory(model, asked)
    assert [step.x.shape for step in steps] == [x.shape] * 5
    assert not training._runs
    assert [report["phase"] for report in reports] == ["loading", *["training"] * 10, "done"]
    last = reports[-1]
    assert last["step"] == 10 and len(last["curve"]["raw"]) == 10
    assert last["rate"] * last["seconds"] == pytest.approx(10)
    assert last["memory"] > 50e6 and 0 <= last["recognised"] <= 20
    assert len({report["run"] for report in reports}) == 1


def test_stop_ends_the_run_and_keeps_what_it_learned():
    updates = run(steps=5000)
    next(updates), next(updates)
    training.ask_to_stop(SimpleNamespace(session_hash="somebody else"))
    next(updates)  # continues
    training.ask_to_stop(VISITOR)
    *_, (report, trained) = updates
    model = models.chosen(trained, "trained")
    assert model.info["steps"] < 50
    assert report["phase"] == "stopped" and report["step"] == model.info["steps"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(monkeypatch, tmp_path):
    """Weights, curve and numbers, on own pictures, for a page that was reloaded meanwhile."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (24, 3, 28, 28), dtype=torch.uint8, generator=generator)
    np.save(own := str(tmp_path / "pictures.npy"), pictures.numpy())
    recipe = Recipe(**RECIPE | {"steps": 12, "optimizer": "muon"})
    *_, (whole, trained) = training.run(VISITOR, recipe, "own", own)
    expected = models.chosen(trained, "trained").model.network.state_dict()

    updates = training.run(VISITOR, recipe, "own", own)
    for report, _ in updates:
        if report and report["step"] == 5:
            training.ask_to_stop(VISITOR)
            break
    *_, (before, _) = updates
    assert before["phase"] == "stopped" and 5 <= before["step"] < 12
    reports = [*training.go_on(visitor("reloaded"), before["stopped"])]
    after, trained = reports[-1]
    assert reports[0][0]["curve"] == before["curve"] and after["run"] == before["run"]
    assert after["step"] == 12 and after["seconds"] > before["seconds"]
    assert after["curve"] == whole["curve"] and "stopped" not in after
    model = models.chosen(trained, "trained")
    assert model.info["steps"] == 12 and model.info["seconds"] >= before["seconds"] - 0.1
    weights = model.model.network.state_dict()
    torch.testing.assert_close(weights, expected, rtol=0, atol=0)

    for path in (None, "../state.safetensors", trained):  # whatever a visitor may send
        with pytest.raises(gr.Error, match="can no longer be continued"):
            next(training.go_on(VISITOR, path))
    monkeypatch.setattr(stopped.COMPUTE.chosen.__class__, "continues", False)  # a lent GPU's
    updates = run(steps=5000)
    next(updates), next(updates)
    training.ask_to_stop(VISITOR)
    assert [*updates][-1][0]["stopped"] is None


def test_a_recipe_that_needs_too_much_memory_is_refused():
    with pytest.raises(gr.Error, match=r"7\.8 GB of memory") as error:
        next(run(preset="notebook", block="convnext", dim=64, batch_size=256))
    assert "内存" in error.value.message and not training._runs


def test_a_waiting_run_reports_its_place_and_starts_when_one_is_free(all_places_taken):
    with all_places_taken():
        updates = run()
        report, _ = next(updates)
        assert (report["phase"], report["ahead"]) == ("waiting", 1) and report["expected"] > 0
    phases = [report["phase"] for report, _ in updates]
    assert phases[0] == "loading" and phases[-1] == "done"


def test_stop_while_waiting_leaves_the_line(all_places_taken):
    with all_places_taken():
        updates = run()
        next(updates)
        training.ask_to_stop(VISITOR)
        assert [report for report, _ in updates] == [{"phase": "left"}]
        assert not training._runs and run_queue.TRAINING.counts()["waiting"] == 0


def test_a_second_run_of_the_same_visitor_is_refused():
    updates = run(steps=5000)
    next(updates)
    with pytest.raises(gr.Error, match="still under way"):
        next(run())
    assert VISITOR.session_hash in training._runs
    updates.close()


def test_a_closed_page_leaves_no_run_and_no_thread():
    before = threading.active_count()
    updates = run(steps=5000)
    next(updates)
    assert VISITOR.session_hash in training._runs
    updates.close()
    assert not training._runs and threading.active_count() <= before


def test_divergence_gives_a_warning_and_keeps_the_last_good_model(monkeypatch, warned):
    """After a batch that is not finite, the model still draws finite pictures."""
    monkeypatch.setattr(this_process, "batches", faults.poisoned(this_process.batches))
    *_, (report, trained) = run()
    model = models.chosen(trained, "trained")
    assert "at step 5" in warned[0] and "第 5 步" in warned[0]
    assert report["phase"] == "diverged" and report["step"] == model.info["steps"] == 4
    _, steps = trajectory(model, Request("trained", 1, 2, "ddim", 5, "cosine", 1.0, 0))
    assert all(step.x.isfinite().all() for step in steps)


def test_the_curve_is_short_smooth_and_only_grows():
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


def test_the_smooth_curve_is_near_the_batches_also_while_they_fall():
    """Weights of 4 / (k + 3) leave k (k + 1) (k + 2) to the k-th of n losses, with the sum
    n (n + 1) (n + 2) (n + 3) / 4."""
    curve = progress.Curve(100)
    losses = [0.2 + 2 / k for k in range(1, 101)]
    for loss in losses:
        curve.add(loss)
    for n in (1, 2, 20, 77):
        mean = sum(k * (k + 1) * (k + 2) * losses[k - 1] for k in range(1, n + 1))
        mean *= 4 / (n * (n + 1) * (n + 2) * (n + 3))
        assert curve.smoothed[n - 1] == pytest.approx(mean, rel=1e-3)
    # a twentieth from there on
    last = curve.smoothed[98] + (losses[99] - curve.smoothed[98]) / 20
    assert curve.smoothed[99] == pytest.approx(last, rel=1e-3)
    assert all(line < 1.5 * loss for line, loss in zip(curve.smoothed, losses, strict=True))


def test_the_real_pictures_show_two_of_each_class():
    source, images, labels = training.data()
    shown = progress.data(source, images, labels)
    assert shown["source"] == "shipped" and shown["count"] == len(images)
    of_class = {k: images[labels == k] for k in range(10)}
    expected = [of_class[k][row] for row in (0, 1) for k in range(10)]
    assert shown["picture"] == progress.data_uri.grid_uri(torch.stack(expected) / 127.5 - 1, 10)
