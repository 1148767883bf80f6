"""The Train tab without a browser: settings, streaming, Stop, divergence, what is left behind."""

import threading
from types import SimpleNamespace

import gradio as gr
import pytest

import ddpm
from tabs import generate, progress, train

VISITOR = SimpleNamespace(session_hash="visitor")
SETTINGS = dict(
    schedule="cosine", T=100, objective="v", loss="l2", block="resnet",
    dim=8, steps=10, batch_size=8, rate=2e-3, seed=0,
)  # fmt: skip


def settings(**changes):
    return (SETTINGS | changes).values()


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    few = ("few", *ddpm.fashion_mnist("test", source="shipped"))
    monkeypatch.setattr(train, "_data", lambda: few)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("schedule", "cubic", "linear, quadratic"),
        ("T", 1, "from 10 to 1000"),
        ("objective", "score", "'eps', 'v', 'x0'"),
        ("loss", "l3", "'l1', 'l2' or 'huber'"),
        ("dim", 7.5, "from 8 to 64"),
        ("steps", 0, "from 10 to 5000"),
        ("steps", 10**6, "from 10 to 5000"),
        ("batch_size", 12.5, "from 8 to 256"),
        ("rate", float("nan"), "from 1e-08 to 1"),
        ("rate", None, "from 1e-08 to 1"),
        ("seed", -1, "from 0 to"),
    ],
)
def test_bad_settings_are_refused_with_the_range(field, value, says):
    with pytest.raises(gr.Error, match=says):
        next(train.run(VISITOR, *settings(**{field: value})))


def test_a_run_ends_with_a_model_that_generate_takes(monkeypatch):
    monkeypatch.setattr(train, "SHOW_S", 0.0)
    loaded = None
    for _, plot, trained, file, _ in train.run(VISITOR, *settings()):
        if "value" in file:
            loaded = ddpm.load_checkpoint(file["value"])
            model, curve = trained, plot
    assert loaded.info["steps"] == 10 and loaded.config == model.config
    assert list(curve.columns) == ["step", "loss", "curve"] and curve.step.max() == 10
    asked = generate.Request(1, 2, "ddim", 5, "linear", 1.0, 0)
    x, steps = generate.trajectory(model, asked)
    assert [step.x.shape for step in steps] == [x.shape] * 5
    assert not train._stops


def test_stop_ends_the_run_and_keeps_what_it_learned(monkeypatch):
    monkeypatch.setattr(train, "SHOW_S", 0.0)
    updates = train.run(VISITOR, *settings(steps=5000))
    next(updates), next(updates)
    train.ask_to_stop(SimpleNamespace(session_hash="somebody else"))
    next(updates)  # goes on
    train.ask_to_stop(VISITOR)
    *_, (_, _, model, _, _) = updates
    assert isinstance(model, ddpm.Checkpoint) and model.info["steps"] < 50


def test_a_closed_page_leaves_nothing():
    before = threading.active_count()
    updates = train.run(VISITOR, *settings(steps=5000))
    next(updates)
    assert VISITOR.session_hash in train._stops
    updates.close()
    assert not train._stops and threading.active_count() <= before


def test_divergence_is_told_and_keeps_the_last_good_model(monkeypatch):
    """A batch that is not finite: the run says so, and its model still draws finite pictures."""
    honest = train.batches

    def poisoned(*args, **kwargs):
        for k, (x, labels) in enumerate(honest(*args, **kwargs)):
            yield (x * float("nan") if k == 4 else x), labels

    told = []
    monkeypatch.setattr(train, "batches", poisoned)
    monkeypatch.setattr(gr, "Warning", told.append)
    *_, (view, _, model, _, _) = train.run(VISITOR, *settings())
    assert "at step 5" in told[0] and "at step 5" in view["note"]
    assert model.info["steps"] == 4
    _, steps = generate.trajectory(model, generate.Request(1, 2, "ddim", 5, "cosine", 1.0, 0))
    assert all(step.x.isfinite().all() for step in steps)


def test_curve_is_short_and_smooth():
    curve = progress.curve([1.0] * 500 + [0.0] * 500)
    raw, smooth = (curve[curve.curve == name].loss for name in ("raw", "smoothed"))
    assert len(raw) == len(smooth) <= progress.POINTS
    assert set(raw) == {0.0, 1.0} and 0 < smooth.iloc[len(smooth) // 2 + 3] < 1
