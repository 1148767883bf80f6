"""What is measured of a run while it trains: a tracker's files read back, the best weights."""

import importlib.util
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import ddpm
from ddpm.checkpoint import load_tensors
from ddpm.data.dataset import Pictures
from ddpm.data.folder import halves_of
from ddpm.data.images import to_uint8
from ddpm.evaluation.frechet import Classifier, Figures, frechet_distance, load_classifier
from ddpm.training import watch
from ddpm.training.run import run_training
from devtools.configs import altered
from devtools.runs import log


@pytest.fixture
def tracked(tiny_config, garments, tmp_path, monkeypatch):
    """tracked(name): what the log says of a run that this tracker followed, without a network.

    Where it is installed: requirements-dev.txt leaves out two, which bring 20 MB and servers.
    """
    variables = {"WANDB_MODE": "offline", "WANDB_DIR": tmp_path, "TRACKIO_DIR": tmp_path / "kept"}
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(watch, "LOG_EVERY", 2)
    monkeypatch.setattr(watch, "LOOK_EVERY", 3)

    def run(name: str) -> list[dict]:
        pytest.importorskip(name)
        run_training(tmp_path / "run", tiny_config, garments, track=name)
        return log(tmp_path / "run")

    return run


def test_tensorboard_gets_numbers_bands_and_pictures_and_changes_no_weight(
    tiny_config, garments, tmp_path, tracked
):
    lines, out = tracked("tensorboard"), tmp_path / "run"
    events = EventAccumulator(str(out / "tracker")).Reload()
    tags = events.Tags()
    losses = {event.step: event.value for event in events.Scalars("loss")}
    expected = {line["step"]: pytest.approx(line["loss"]) for line in lines}
    assert losses == {step: expected[step] for step in (2, 4, 6)}
    assert {"loss", "learning_rate", "grad_norm"} <= {*tags["scalars"]}
    bands = [tag for tag in tags["scalars"] if tag.startswith("loss/log-SNR")]
    assert [event.step for event in events.Scalars(bands[0])] == [3, 6] and 1 <= len(bands) <= 4
    assert [event.step for event in events.Images("pictures")] == [3, 6]
    assert events.Images("pictures")[0].width > 80
    run_training(tmp_path / "plain", tiny_config, garments)
    states = (tmp_path / of / "state.safetensors" for of in ("run", "plain"))
    ours, theirs = (load_tensors(state)[0] for state in states)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_trackio_keeps_numbers_bands_and_pictures(tracked, tmp_path):
    lines = tracked("trackio")
    with closing(sqlite3.connect(tmp_path / "kept/run.db")) as kept:
        rows = [(step, json.loads(text)) for step, text in kept.execute(
            "SELECT step, metrics FROM metrics ORDER BY id")]  # fmt: skip
        ((settings,),) = kept.execute("SELECT config FROM configs")
    losses = [(step, found["loss"]) for step, found in rows if "loss" in found]
    assert losses == [(step, lines[step - 1]["loss"]) for step in (2, 4, 6)]
    assert {step for step, found in rows if f"loss/{watch.BANDS[1]}" in found} == {3, 6}
    assert json.loads(settings)["unet.dim"] == 8
    assert len([*(tmp_path / "kept/media").rglob("*.png")]) == 2


def test_wandb_keeps_numbers_bands_and_pictures(tracked, tmp_path):
    """Its file is protobuf, of which names and numbers stand in plain text."""
    lines = tracked("wandb")
    (file,) = tmp_path.rglob("run-*.wandb")
    text = file.read_bytes().decode("latin-1")
    assert all(str(lines[step - 1]["loss"]) in text for step in (2, 4, 6))
    assert f"loss/{watch.BANDS[1]}" in text and "unet.dim" in text
    assert len([*file.parent.rglob("media/images/pictures_*.png")]) == 2


def test_the_best_weights_are_kept_beside_the_last(tiny_config, garments, tmp_path, monkeypatch):
    """Also over a resume, which measures again what a killed run measured after its last state."""
    distances = iter([3.0, 1.0, 2.0, 4.0])
    seen = []

    def measured(draw, dataset, classes, n, source, judge):
        seen.append(draw(torch.arange(2) % classes, 0))
        values = {"precision": 0.5, "recall": 0.5, "label_accuracy": 1.0}
        return Figures(frechet_distance=next(distances), **values)

    monkeypatch.setattr(watch, "measured", measured)
    monkeypatch.setattr(watch, "judge_of", lambda dataset, named: None)
    known = ddpm.Dataset("memory", garments.classes, (1, 8, 8))
    monkeypatch.setattr(watch, "learned_from", lambda name, info: known)
    out = tmp_path / "run"
    config = altered(tiny_config, train={"cooldown": 0.0})
    run_training(out, config, garments, evaluate_every=2)
    found = [(line["step"], line["frechet_distance"]) for line in log(out, "evaluations.jsonl")]
    assert found == [(2, 3.0), (4, 1.0), (6, 2.0)]
    best = ddpm.load(out / "best.safetensors", "cpu")
    assert best.info["steps"] == 4 and best.info["evaluation"]["frechet_distance"] == 1.0
    drawn = ddpm.sample(best, 2, labels=torch.arange(2) % 3, seed=0)
    torch.testing.assert_close(drawn, seen[1])
    with (out / "evaluations.jsonl").open("a") as file:
        file.write('{"step": 8, "frechet_distance": 0.5}\n')
    longer = altered(config, train={"steps": 8})
    run_training(out, longer, garments, resume=True, evaluate_every=4)
    found = [(line["step"], line["frechet_distance"]) for line in log(out, "evaluations.jsonl")]
    assert found[-2:] == [(6, 2.0), (8, 4.0)]
    assert ddpm.load(out / "best.safetensors", "cpu").info["steps"] == 4


def test_own_pictures_without_classes_are_measured_by_a_classifier_that_is_named(
    tiny_config, tmp_path
):
    """Beside half of them; the figures are those of what the best weights draw."""
    images = torch.randint(0, 256, (24, 1, 8, 8), dtype=torch.uint8)
    own = Pictures(images, None, (), "memory")
    eyes = tmp_path / "eyes.safetensors"
    save_file(Classifier(3, 1).state_dict(), eyes)
    out, config = tmp_path / "run", altered(tiny_config, unet={"num_classes": None})
    run_training(out, config, own, evaluate_every=6, classifier=eyes, track="tensorboard")
    (found,) = log(out, "evaluations.jsonl")
    assert found["n"] == found["floor_n"] == 12 and "label_accuracy" not in found
    drawn = ddpm.sample(ddpm.load(out / "best.safetensors", "cpu"), 12, seed=0)
    half = halves_of(own).load("train").images
    distance = frechet_distance(to_uint8(drawn), half, load_classifier(eyes))
    assert found["frechet_distance"] == pytest.approx(distance, rel=1e-3)


def test_what_can_not_be_watched_says_so_before_a_folder_is_there(
    tiny_config, cascade_config, garments, tmp_path, monkeypatch
):
    out = tmp_path / "run"
    for asked, said in (
        ({"track": "paper"}, "track must be one of tensorboard, wandb, trackio"),
        ({"evaluate_every": 0}, "a whole number from 1, not 0"),
        ({"evaluate_every": 5}, "needs 20 pictures, and memory has 16"),
        ({"classifier": "eyes.safetensors"}, "for a student.* or, to measure.* evaluate_every"),
    ):
        with pytest.raises(ValueError, match=said):
            run_training(out, tiny_config, garments, **asked)
    with pytest.raises(ValueError, match="one network that draws"):
        run_training(out, cascade_config, garments, evaluate_every=5)
    more = replace(garments, images=garments.images.repeat(2, 1, 1, 1), labels=None)
    with pytest.raises(ValueError, match="memory has no classifier to judge by"):
        config = altered(tiny_config, unet={"num_classes": None})
        run_training(out, config, more, evaluate_every=5)
    found = importlib.util.find_spec
    gone = lambda name: None if name == "wandb" else found(name)  # noqa: E731
    monkeypatch.setattr("importlib.util.find_spec", gone)
    with pytest.raises(ValueError, match="pip install wandb"):
        run_training(out, tiny_config, garments, track="wandb")
    assert not out.exists()
