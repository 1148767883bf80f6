"""`python -m ddpm` and its commands, and what they print."""

import argparse
import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

import ddpm
from ddpm.__main__ import parser
from ddpm.commands import draw
from ddpm.data.folder import dataset_of
from ddpm.data.images import to_float
from ddpm.evaluation import frechet
from ddpm.evaluation.encoders import load_features
from ddpm.presets import PRESETS, STUDENT
from ddpm.training.folder import read_configs
from devtools import ROOT
from devtools.command import refused, run
from devtools.runs import log
from devtools.tiny_models import save_all

TINY = [
    *["--source", "shipped", "--preset", "minute", "--dim", "8", "--dim-mults", "1,2"],
    *["--T", "50", "--batch-size", "8", "--warmup", "2"],
]


@pytest.fixture(autouse=True)
def without_openvino(monkeypatch):
    """Compiling a network takes longer than these runs; test_openvino.py tests it."""
    monkeypatch.setitem(sys.modules, "openvino", None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run")
    run("train", *TINY, "--steps", "6", "--out", out)
    return out


@pytest.mark.parametrize(
    "called, name",
    [("/usr/bin/ddpm", "ddpm"), ("C:/Scripts/ddpm.exe", "ddpm"),
     ("/src/ddpm/__main__.py", "python -m ddpm")],
)  # fmt: skip
def test_the_usage_is_what_was_typed(monkeypatch, called, name):
    monkeypatch.setattr(sys, "argv", [called])
    assert parser().format_usage().startswith(f"usage: {name} [-h]")


def test_train_resumes_with_the_runs_settings_and_never_overwrites(trained):
    for more in (["--steps", "6"], ["--data", "no/such/place"]):  # no look at pictures
        assert "--resume" in refused("train", *TINY, *more, "--out", trained)
    first = ddpm.load_checkpoint(trained / "model.safetensors").config
    assert (first.unet.dim, first.unet.dim_mults, first.diffusion.T) == (8, (1, 2), 50)
    with (trained / "log.jsonl").open("a") as file:  # as after a kill since the last save
        file.write('{"step": 7, "loss": 9.9}\n{"step": 8, "lo')
    run("train", "--source", "shipped", "--steps", "8", "--out", trained, "--resume")
    loaded = ddpm.load_checkpoint(trained / "model.safetensors")
    assert loaded.info["steps"] == 8 and loaded.config.unet == first.unet
    assert loaded.config.train == dataclasses.replace(first.train, steps=8)
    lines = log(trained)
    assert [record["step"] for record in lines] == list(range(1, 9)) and lines[6]["loss"] < 9
    assert "keeps the settings" in refused("train", "--dim", "16", "--out", trained, "--resume")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a child process")
def test_ctrl_c_stops_between_two_steps_and_saves(tmp_path):
    command = [sys.executable, "-m", "ddpm", "train", *TINY, "--steps", "100000"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as training:
        while not (tmp_path / "log.jsonl").exists() or not (tmp_path / "log.jsonl").read_text():
            assert training.poll() is None, training.stderr.read()
            time.sleep(0.1)
        training.send_signal(signal.SIGINT)
        assert training.wait(60) == 0
    steps = len((tmp_path / "log.jsonl").read_text().splitlines())
    assert ddpm.load_checkpoint(tmp_path / "model.safetensors").info["steps"] == steps
    tensors, _, _ = ddpm.checkpoint.load_tensors(tmp_path / "state.safetensors")
    assert int(tensors["step"]) == steps


def test_distill_makes_a_student_that_sample_and_evaluate_take(trained, tmp_path):
    out = tmp_path / "student"
    args = ["distill", "--source", "shipped", "--out", out]
    small = ["--steps", "4", "--batch-size", "4", "--trajectories", "8", "--calls", "3"]
    run(*args, "--teacher", trained, *small)
    loaded = ddpm.load_checkpoint(out)
    assert loaded.config.distill == dataclasses.replace(STUDENT.distill, trajectories=8, calls=3)
    assert loaded.config.train.steps == 4 and loaded.config.unet.dim == 8
    gif = tmp_path / "a.gif"
    model = ["--checkpoint", out]
    run("sample", *model, "--count", "4", "--out", gif)
    assert Image.open(gif).n_frames == 3  # x_T and two calls
    figures = json.loads(run("evaluate", *model, "--source", "shipped", "--n", "20"))
    assert figures["n"] == 20
    judged = ["distill", "--out", tmp_path / "other", "--teacher", trained, "--classifier"]
    for wrong, says in (
        ([*judged, "nobody"], "nobody"),
        (["distill", "--out", out, "--resume", "--steps", "5"], "keeps all settings"),
        (["distill", "--out", out, "--teacher", out], "add --resume"),
    ):
        assert says in refused(*wrong)
    run(*args, "--resume")
    run("train", "--out", out, "--resume", "--source", "shipped")


def test_a_classifier_is_trained_and_resumed(tmp_path):
    out = tmp_path / "classifier"
    small = ["--dim", "8", "--dim-mults", "1,2", "--batch-size", "8", "--warmup", "2", "--T", "50"]
    args = ["train-classifier", "--source", "shipped", "--out", out]
    run(*args, *small, "--steps", "4")
    classifier = ddpm.NoisyClassifier.load(out)
    assert classifier.config.train.optimizer == "muon" and classifier.schedule.T == 50
    assert classifier(torch.zeros(2, 1, 28, 28), torch.tensor([0, 49])).shape == (2, 10)
    run(*args, "--resume", "--steps", "6")
    assert ddpm.NoisyClassifier.load(out).info["steps"] == 6
    for wrong, says in (
        (["train-classifier", "--out", out], "add --resume"),
        (["train-classifier", "--num-classes", "none", "--out", "/nonexistent"], "num_classes"),
        (["sample", "--checkpoint", out], "ddpm.NoisyClassifier.load"),
    ):
        assert says in refused(*wrong)


def test_train_takes_any_kind_by_its_preset_or_its_settings(tmp_path):
    first, second, small = tmp_path / "first", tmp_path / "second", []
    for part in ("base", "super-resolution"):
        small += [f"--{part}-dim", "8", f"--{part}-batch-size", "8", f"--{part}-steps", "2"]
    train = ["train", "--source", "shipped", "--out"]
    run(*train, first, "--preset", "cascade", *small)
    settings = ["--config", first / "config.json", "--base-steps", "3"]
    run(*train, second, *settings)
    run(*train, first, "--resume", "--base-steps", "3")
    of_config, resumed = (ddpm.load(out) for out in (second, first))
    assert of_config.configs == resumed.configs and of_config.base.config.train.steps == 3
    assert read_configs(first) == read_configs(second)
    for wrong in (tmp_path / "none.json", first / "model.safetensors"):
        said = refused(*train, tmp_path / "none", "--config", wrong)
        assert "not a file of settings" in said


def test_a_shortened_option_means_the_same_to_the_settings():
    """They are those of the preset or the file that it names."""
    for shortened in (["--pre", "minute"], ["--preset", "minute"]):
        args = parser(["train", *shortened]).parse_args(["train", *shortened])
        assert args.usual == {"model": PRESETS["minute"]}


def test_real_pictures_of_the_same_classes_stand_beside_what_is_drawn(trained, tmp_path):
    model, out = ["--checkpoint", trained / "model.safetensors", "--steps", "1"], tmp_path / "a.png"
    run("sample", *model, "--count", "4", "--label", "9", "--beside-real", "--out", out)
    both = np.asarray(Image.open(out))
    assert both.shape == (62, 62 + 16 + 62) and (both[:, 62:78] == 255).all()
    images, labels = ddpm.fashion_mnist("test")
    boots = images[labels == 9][:4]
    for k, boot in enumerate(boots):
        top, left = 2 + 30 * (k // 2), 80 + 30 * (k % 2)
        assert (both[top : top + 28, left : left + 28] == boot[0].numpy()).all()


@pytest.fixture(scope="module")
def systems(tmp_path_factory) -> Path:
    """A folder of tiny models under the shipped names."""
    folder = tmp_path_factory.mktemp("systems")
    save_all(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "options", "draw"),
    [
        ("fashion_mnist", ["--label", "ankle BOOT"], lambda m: m.begin(4, labels=9)),
        ("fashion_mnist", ["--label", "2", "--guidance", "3", "--interval", "100", "600"],
         lambda m: m.begin(4, labels=2, guidance=3.0, interval=(100, 600))),
        ("cascade", ["--label", "sneaker"], lambda m: m.begin(4, labels=7)),
        ("text_to_image", ["--words", "a dark boot", "--interval", "0", "700"],
         lambda m: m.begin(["a dark boot"] * 4, interval=(0, 700))),
        ("unclip", ["--words", "a dark boot"], lambda m: m.begin(["a dark boot"] * 4)),
        ("unclip", ["--label", "7", "--guidance", "3", "--steps", "prior=2,decoder=1"],
         lambda m: m.begin(["Sneaker"] * 4, guidance=3.0, steps={"prior": 2, "decoder": 1})),
        ("text_to_image", [], lambda m: m.begin(["T-shirt/top", "Trouser", "Pullover", "Dress"])),
    ],
)  # fmt: skip
def test_sample_draws_with_any_model(systems, tmp_path, name, options, draw):
    """What the model itself draws; its film shows all pictures at one size."""
    file, png, gif = systems / f"{name}.safetensors", tmp_path / "a.png", tmp_path / "a.gif"
    args = ["sample", "--checkpoint", file, "--count", "4", *options, "--out"]
    for out in (png, gif):
        run(*args, out)
    begun = draw(ddpm.load(file))
    calls = sum(len(times) for stage, times in begun.times.items() if stage != "prior")
    *_, last = begun.steps
    drawn = ddpm.to_pil(ddpm.make_grid(last.step.x, 2))
    assert Image.open(png).tobytes() == drawn.tobytes()
    assert 1 < Image.open(gif).n_frames <= calls + 1  # equal ones are one


def test_evaluate_and_figure_take_any_model_that_draws(systems, tmp_path):
    for name in ("cascade", "unclip"):
        shipped = "cascade" if name == "cascade" else systems / f"{name}.safetensors"
        model = ["--checkpoint", shipped, "--steps", "1"]
        assert json.loads(run("evaluate", *model, "--source", "shipped", "--n", "10"))["n"] == 10
        for kind in (["trajectory"], ["compare", "seed", "0", "1"]):
            run("figure", *kind, *model, "--count", "2", "--out", tmp_path / "a.png")
    words = ["compare", "words", "a bag", "a boot", "--out", tmp_path / "a.png"]
    run("figure", *words, *model, "--count", "2")


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("cascade", ["sample", "--words", "a boot"], "reads no words"),
        ("cascade", ["sample", "--spacing", "leading"], "spacing can be set for a model of one"),
        ("cascade", ["sample", "--guide", "a"], "guide can be set for a model of one network"),
        ("cascade", ["sample", "--label", "boots"], "--label must lie between 0 and 9, or be one"),
        ("cascade", ["sample", "--steps", "prior=3"], "one for each of base, super_resolution"),
        ("unclip", ["evaluate", "--nll"], "draws in stages"),
        ("unclip", ["figure", "compare", "schedule", "linear"], "schedule can be set"),
        ("noisy_classifier", ["sample"], r"it guides a model and draws nothing itself"),
        ("noisy_classifier", ["evaluate"], r"it guides a model and draws nothing itself"),
    ],
)
def test_what_a_model_does_not_take_is_said_in_one_line(systems, name, args, says):
    assert says in refused(*args, "--checkpoint", systems / f"{name}.safetensors")


def test_every_option_has_help_or_choices():
    """Of all commands."""
    waiting = [parser()]
    while waiting:
        for action in waiting.pop()._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
            else:
                assert action.help or action.choices, action.option_strings


def test_evaluate_prints_every_figure_and_fid_where_inception_can_be_had(
    trained, monkeypatch, of_halves
):
    monkeypatch.setattr(frechet, "inception_metric", of_halves)
    model = ["--checkpoint", trained / "model.safetensors", "--steps", "2"]
    done = run("evaluate", *model, "--source", "shipped", "--n", "50", "--inception")
    figures = json.loads(done)
    assert figures["n"] == 50 and figures["frechet_distance"] > figures["floor"] > 0
    assert len(figures["class_shares"]) == 10
    assert figures["inception_fid"] > 2 * figures["inception_floor"] > 0

    def missing():
        raise OSError("FID needs the package")

    monkeypatch.setattr(frechet, "inception_metric", missing)
    assert "FID needs" in refused("evaluate", *model, "--inception")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["train", "--T", "1", "--out", "/nonexistent"], "from 2 to 10000"),
        (["train", "--image-size", "30", "--out", "/nonexistent"], "divisible by 4"),
        (["train", "--image-size", "32", "--out", "/nonexistent"], "network takes (1, 32, 32)"),
        (["train", "--data", "no/such/place", "--out", "/nonexistent"], "neither a folder nor"),
        (["train", "--num-classes", "5", "--out", "/nonexistent"], "labels go from 0 to 9"),
        (["train", "--rescale", "banana", "--out", "/nonexistent"], "true or false"),
        (["train-cascade", "--base-image-size", "16", "--out", "/nonexistent"], "must be 32"),
        (["evaluate", "--n", "3"], "at least 10"),
        (["evaluate", "--nll", "--n", "1"], "at least 2"),
        (["sample", "--checkpoint", "missing.safetensors"], "no such checkpoint"),
        (["sample", "--steps", "1001"], "from 1 to 1000"),
        (["sample", "--label", "10"], "between 0 and 9"),
        (["sample", "--count", "0"], "between 1 and 4096"),
        (["sample", "--beside-real", "--out", "folder"], "is for one picture of all"),
    ],
)
def test_bad_input_prints_one_line(args, says):
    assert says in refused(*args)


@pytest.fixture(scope="module")
def colour(tmp_path_factory) -> tuple[Path, Path]:
    """Pictures of CIFAR-10's shape in three classes, and a model trained on them."""
    folder, out = tmp_path_factory.mktemp("pictures"), tmp_path_factory.mktemp("colour")
    pixels = np.random.default_rng(0).integers(0, 256, (24, 32, 32, 3), dtype=np.uint8)
    for k, picture in enumerate(pixels):
        (folder / f"{k % 3}").mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / f"{k % 3}" / f"{k}.png")
    (folder / "2" / "torn.png").write_bytes(b"no picture")
    size = ["--image-size", "32", "--channels", "3", "--steps", "3"]
    train = [sys.executable, "-m", "ddpm", "train", *TINY, *size, "--data", folder, "--out", out]
    done = subprocess.run(train, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "torn.png" in done.stderr and "24 pictures" in done.stdout
    return folder, out


@pytest.mark.slow
def test_any_pictures_train_resume_and_are_sampled(colour, tmp_path):
    folder, out = colour
    model = out / "model.safetensors"
    first = ddpm.load_checkpoint(model)
    unet = first.config.unet
    assert (unet.image_size, unet.channels, unet.num_classes) == (32, 3, 3)  # classes of the data
    assert first.info["classes"] == ["0", "1", "2"] and first.info["images"] == 24
    run("train", "--steps", "4", "--out", out, "--resume")  # the run knows its data
    assert ddpm.load_checkpoint(model).info["steps"] == 4
    png = tmp_path / "a.png"
    args = ["sample", "--checkpoint", model, "--count", "4", "--steps", "3", "--out", png]
    run(*args, "--label", "2")
    assert Image.open(png).size == (70, 70) and Image.open(png).mode == "RGB"

    (folder / "0" / "0.png").unlink()
    said = refused("train", "--steps", "5", "--out", out, "--resume")
    assert "there were 24 pictures, now 23" in said


def save_mean_colour(path: Path, *size: int | str) -> Path:
    """In place of an Inception: the mean of each channel."""
    shapes = {"x": ["B", 3, *size], "features": ["B", 3]}
    x, features = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    )
    nodes = [
        onnx.helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        onnx.helper.make_node("Flatten", ["mean"], ["features"]),
    ]
    graph = onnx.helper.make_graph(nodes, "eyes", [x], [features])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.mark.slow
def test_evaluate_compares_with_a_folder_in_the_features_of_any_network(
    colour, tmp_path, monkeypatch, by_eigenvalues, of_halves
):
    """Without a classifier of their own. The floor is that of the two halves of the folder."""
    monkeypatch.delitem(sys.modules, "openvino")
    monkeypatch.setattr(draw, "compiled", lambda model: model)
    folder, out = colour
    asked = ["evaluate", "--checkpoint", out / "model.safetensors", "--steps", "2", "--n", "11"]
    assert "has no classifier to judge by" in refused(*asked)
    eyes = save_mean_colour(tmp_path / "eyes.onnx", "H", "W")
    figures = json.loads(run(*asked, "--classifier", eyes))
    assert figures.keys() == {
        "n", "floor_n", "frechet_distance", "floor", "precision", "recall",
    }  # fmt: skip
    halves = [dataset_of(str(folder), (3, 32, 32)).load(part) for part in ("train", "test")]
    expected = by_eigenvalues(*(to_float(half.images[:11]).mean((2, 3)) for half in halves))
    assert figures["floor"] == pytest.approx(expected, rel=1e-2)
    monkeypatch.setattr(frechet, "inception_metric", of_halves)
    figures = json.loads(run(*asked, "--inception", "--data", folder))
    assert figures.keys() == {"n", "floor_n", "inception_fid", "inception_floor"}
    small = load_features(save_mean_colour(tmp_path / "small.onnx", 8, 8))
    images = torch.full((2, 1, 28, 28), 255, dtype=torch.uint8)  # grey becomes RGB of that size
    assert small(images).tolist() == [[1.0] * 3] * 2
    (tmp_path / "no.onnx").write_bytes(b"no network")
    for more, said in (
        (["--classifier", tmp_path / "no.onnx"], "not a network from pictures to features"),
        (["--classifier", "nowhere.onnx"], "no such file of a network"),
        (["--n", "40"], "source has 1"),
        (["--data", "nowhere"], "neither a folder nor a zip"),
        (["--data", "fashion_mnist"], "draws (3, 32, 32), and fashion_mnist has (1, 28, 28)"),
    ):
        assert said in refused(*asked, "--classifier", eyes, *more)


def test_bits_per_dimension_with_a_learned_variance(tmp_path):
    learned = ["train", *TINY, "--learned-variance", "true", "--steps", "4", "--out", tmp_path]
    run(*learned)
    model = tmp_path / "model.safetensors"
    done = run("evaluate", "--checkpoint", model, "--nll", "--n", "12", "--source", "shipped")
    figures = json.loads(done)
    assert figures["n"] == 12 and 2 < figures["bits_per_dim"] < 40
    asked = ["--sampler", "ddpm", "--steps", "5", "--count", "2", "--out", tmp_path / "a.png"]
    run("sample", "--checkpoint", model, *asked)
