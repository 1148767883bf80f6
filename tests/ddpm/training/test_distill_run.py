"""A distillation in a folder: what it keeps, how it resumes, and which teachers it refuses."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import ddpm
from ddpm.checkpoint import CheckpointError, load_tensors
from ddpm.config import Config, DistillConfig, TrainConfig
from ddpm.data.images import to_float
from ddpm.systems.training import run_distillation
from ddpm.training.distillation import student, trajectories
from devtools.configs import altered
from devtools.runs import assert_same_run, log
from devtools.tiny_models import save_network

CONFIG = Config(
    train=TrainConfig(steps=6, batch_size=4, warmup=1),
    distill=DistillConfig(trajectories=10, calls=3, regression=0.5),
)
JUDGED = altered(CONFIG, distill={"judged": 0.34})  # the last two steps


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(trajectories, "BLOCK", 4)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "student"


@pytest.fixture
def judge(tmp_path, tiny_config) -> Path:
    config = replace(tiny_config, network="classifier")
    return save_network(tmp_path / "judge.safetensors", config)


def test_its_teachers_times_are_not_its_own(garments, out, tiny_config, tmp_path):
    times = {"times": {"10": list(range(49, 39, -1))}}
    teacher = save_network(tmp_path / "teacher.safetensors", tiny_config, sampling=times)
    run_distillation(out, teacher, altered(CONFIG, train={"steps": 1}), garments)
    student = ddpm.load_checkpoint(out, "cpu")
    assert student.info["sampling"] == {"sampler": "consistency", "steps": 2}


def test_a_run_leaves_a_student_that_draws(saved, garments, out):
    path = run_distillation(out, saved, CONFIG, garments)
    assert path == out / "model.safetensors"
    student = ddpm.load_checkpoint(out, "cpu")
    teacher = ddpm.load_checkpoint(saved, "cpu").config
    assert student.config == replace(CONFIG, unet=teacher.unet, diffusion=teacher.diffusion)
    assert student.info["steps"] == 6 and student.info["teacher"] == str(saved)
    steps = list(ddpm.trajectory(student, 3, labels=2))  # two calls of its own sampler
    assert len(steps) == 2 and steps[-1].x.isfinite().all()
    assert len(log(out)) == 6
    blocks = sorted((out / "trajectories").iterdir())
    assert [len(load_tensors(block)[0]["x"]) for block in blocks] == [4, 4, 2]
    assert load_tensors(blocks[0])[0]["x"].shape == (4, 3, 1, 8, 8)


def test_a_classifier_or_the_teacher_has_the_last_word(saved, judge, garments, out, tmp_path):
    run_distillation(out, saved, JUDGED, garments)
    judged = tmp_path / "judged"
    run_distillation(judged, saved, JUDGED, garments, classifier=judge)
    students = [ddpm.load_checkpoint(run) for run in (out, judged)]
    assert all(student.config.distill == JUDGED.distill for student in students)
    assert [student.info.get("classifier") for student in students] == [None, str(judge)]
    losses = [[line["loss"] for line in log(run)] for run in (out, judged)]
    assert losses[0][:4] == losses[1][:4] and losses[0][4] != losses[1][4]


def test_it_starts_from_the_teachers_weights(saved, garments, out):
    still = {"steps": 1, "learning_rate": 1e-8}
    slow = altered(CONFIG, train=still, distill={"tuning_rate": 1e-8})
    run_distillation(out, saved, slow, garments)
    theirs = load_tensors(saved)[0]
    for name, weight in load_tensors(out / "model.safetensors")[0].items():
        torch.testing.assert_close(weight, theirs[name], rtol=0, atol=1e-6)


def test_a_student_smaller_than_its_teacher_begins_with_other_weights(
    saved, garments, out, tiny_config, tmp_path, monkeypatch
):
    """And so does its critic, also if the run was stopped before there was one."""
    wide = altered(tiny_config, unet={"dim": 2 * tiny_config.unet.dim})
    teacher = save_network(tmp_path / "wide.safetensors", wide)
    run_distillation(out, teacher, JUDGED, garments, start=saved)
    drawn = ddpm.load_checkpoint(out, "cpu")
    assert drawn.config.unet == tiny_config.unet and drawn.info["start"] == str(saved)
    block = load_tensors(out / "trajectories" / "0000000.safetensors")
    paths = trajectories.draw(ddpm.load_checkpoint(teacher, "cpu"), 4, drawn.config)
    assert torch.equal(block[0]["x"], paths.x)
    distill, stopped = student.distill, tmp_path / "stopped"
    monkeypatch.setattr(student, "distill", lambda *given: itertools.islice(distill(*given), 3))
    run_distillation(stopped, teacher, JUDGED, garments, start=saved)
    monkeypatch.undo()
    monkeypatch.setattr(trajectories, "BLOCK", 4)
    run_distillation(stopped, data=garments, resume=True)
    assert_same_run(stopped, out)


def test_an_interrupted_drawing_goes_on(saved, garments, out, tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    run_distillation(whole, saved, CONFIG, garments)
    drawn = []

    def draw(*args, first):
        if len(drawn) == 2:
            drawn.append("killed")
            raise KeyboardInterrupt
        drawn.append(first)
        return real(*args, first=first)

    real = trajectories.draw
    monkeypatch.setattr(trajectories, "draw", draw)
    with pytest.raises(KeyboardInterrupt):
        run_distillation(out, saved, CONFIG, garments)
    run_distillation(out, saved, CONFIG, garments)
    assert drawn == [0, 4, "killed", 8]
    assert_same_run(out, whole)


# ------------------------------------------------------------------ what is refused


def test_pictures_of_ones_own_are_noted_and_found_again(saved, garments, out, tmp_path):
    folder, short = tmp_path / "pictures", altered(CONFIG, train={"steps": 2})
    for k, (image, label) in enumerate(zip(garments.images, garments.labels, strict=True)):
        file = folder / garments.classes[label] / f"{k}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        ddpm.to_pil(to_float(image)).save(file)
    run_distillation(out, saved, short, folder)
    noted = ddpm.load_checkpoint(out, "cpu").info
    assert noted["data"] == str(folder) and sorted(noted["classes"]) == sorted(garments.classes)
    assert run_distillation(out, resume=True)
    assert run_distillation(out, saved, short, folder, resume=True)  # by the same call


ODD = r"other.* knows . classes of pictures .*the teacher 3"


@pytest.mark.parametrize(
    ("role", "part", "changes", "says"),
    [
        ("start", "unet", {"num_classes": 5}, "classes must be 3, not 5"),
        ("start", "diffusion", {"T": 60}, "schedule and objective must be"),
        ("teacher", "diffusion", {"objective": "eps"}, "must predict v alone, .*--objective eps"),
        ("teacher", "unet", {"learned_variance": True}, "v alone, .*--learned-variance true"),
        ("teacher", "distill", None, "a student itself"),
        ("teacher", "unet", {"image_size": 16}, r"\(1, 8, 8\), the network takes \(1, 16, 16\)"),
        ("classifier", "unet", {"image_size": 16}, ODD),
        ("classifier", "unet", {"num_classes": 5}, ODD),
    ],
)
def test_a_network_that_does_not_fit_is_named(
    saved, garments, out, tiny_config, tmp_path, role, part, changes, says
):
    changed = replace(getattr(tiny_config, part), **changes) if changes else DistillConfig()
    network = "classifier" if role == "classifier" else "unet"
    config = replace(tiny_config, network=network, **{part: changed})
    given = {"teacher": saved, role: save_network(tmp_path / "other.safetensors", config)}
    with pytest.raises(ValueError, match=says):
        run_distillation(out, config=JUDGED, data=garments, **given)
    assert not out.exists()


def test_a_teacher_of_other_classes_and_a_classifier_that_is_none_are_named(
    saved, garments, out, tiny_config, tmp_path
):
    other = save_network(tmp_path / "teacher.safetensors", tiny_config, classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="their classes were"):
        run_distillation(out, other, CONFIG, garments)
    with pytest.raises(CheckpointError, match="it holds 'unet'"):
        run_distillation(out, saved, JUDGED, garments, classifier=saved)
    assert not out.exists()


def test_a_resumed_run_keeps_its_classifier(saved, judge, garments, out, tiny_config):
    run_distillation(out, saved, JUDGED, garments, classifier=judge)
    save_network(judge, replace(tiny_config, network="classifier"), note="changed")
    for given in (None, judge):
        with pytest.raises(ValueError, match=r"judge\.safetensors is another network"):
            run_distillation(out, None, data=garments, classifier=given, resume=True)


def test_what_a_resumed_run_refuses(saved, garments, out, tiny_config, tmp_path):
    with pytest.raises(CheckpointError, match="there is no such"):
        run_distillation(out, saved, resume=True)
    run_distillation(out, saved, CONFIG, garments)
    other = save_network(tmp_path / "other.safetensors", tiny_config)
    with pytest.raises(ValueError, match=r"other\.safetensors is another network"):
        run_distillation(out, other, data=garments, resume=True)
    state = out / "state.safetensors"
    tensors, config, info = load_tensors(state)
    ddpm.checkpoint.save_tensors(state, tensors | {"step": torch.tensor(1)}, config, info)
    (out / "trajectories" / "0000004.safetensors").unlink()
    with pytest.raises(CheckpointError, match="0000004"):
        run_distillation(out, saved, data=garments, resume=True)


def test_paths_of_another_teacher_or_other_settings_are_refused(
    saved, garments, out, tiny_config, tmp_path
):
    run_distillation(out, saved, CONFIG, garments)
    (out / "state.safetensors").unlink()
    other = save_network(tmp_path / "other.safetensors", tiny_config)
    seeded = altered(CONFIG, train={"seed": 1})
    for teacher, config in ((other, CONFIG), (saved, seeded)):
        with pytest.raises(ValueError, match="drawn by another teacher, or with other settings"):
            run_distillation(out, teacher, config, garments)
    longer = altered(CONFIG, train={"steps": 8})
    assert run_distillation(out, saved, longer, garments)  # the same paths
    (out / "state.safetensors").unlink()
    wider = altered(tiny_config, unet={"dim": 2 * tiny_config.unet.dim})
    begun = save_network(tmp_path / "wider.safetensors", wider)
    assert run_distillation(out, saved, CONFIG, garments, start=begun)  # are whose they are
