"""Another data set than the usual one: by name on the command line, in a checkpoint, and judged."""

import json
import sys
from dataclasses import replace

import torch
from PIL import Image
from safetensors.torch import save_file

import ddpm
from ddpm.config import Config
from ddpm.data import DATASETS, USUAL, learned_from
from ddpm.evaluation.frechet import Classifier
from devtools.command import refused, run
from devtools.shapes import CLASSES, SHAPES

TINY = ["--preset", "minute", "--dim", "8", "--T", "50", "--batch-size", "8", "--warmup", "1"]


def test_another_data_set_is_trained_drawn_and_judged(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)  # compiling takes longer
    monkeypatch.setitem(DATASETS, "shapes", SHAPES)
    out, png = tmp_path / "run", tmp_path / "a.png"
    run("train", *TINY, "--data", "shapes", "--steps", 2, "--out", out)
    run("train", "--steps", 3, "--out", out, "--resume")  # the run knows its data
    model = ddpm.load(out, "cpu")
    assert (model.config.data, model.network.num_classes) == ("shapes", 3)
    assert model.dataset == SHAPES and model.classes == CLASSES and model.info["steps"] == 3

    asked = ["--checkpoint", out, "--steps", 2]
    run("sample", *asked, "--count", 4, "--label", "CROSS", "--out", png)
    x = ddpm.sample(model, 4, labels=2, steps=2)
    assert Image.open(png).tobytes() == ddpm.to_pil(ddpm.make_grid(x, 2)).tobytes()
    said = refused("sample", *asked, "--label", "sneaker")
    assert "be one of bar, box, cross, not sneaker" in said

    said = refused("evaluate", *asked, "--n", 12)
    assert "shapes has no classifier to judge by" in said
    judge = tmp_path / "judge.safetensors"
    save_file(Classifier(len(CLASSES)).state_dict(), judge)
    monkeypatch.setitem(DATASETS, "shapes", replace(SHAPES, judge=judge))
    figures = json.loads(run("evaluate", *asked, "--n", 12))
    assert figures["n"] == 12 and len(figures["class_shares"]) == 3
    assert json.loads(run("evaluate", *asked, "--nll", "--n", 3))["n"] == 3

    monkeypatch.delitem(DATASETS, "shapes")  # where nobody knows it, its classes still have names
    assert ddpm.load(out, "cpu").classes == CLASSES
    said = refused("evaluate", *asked)
    assert "shapes is neither a folder nor a zip" in said and "--data" in said


def test_a_file_without_the_name_is_of_the_usual_data_set():
    """One of before there was another; what is written now has all that such a file had."""
    written = Config().to_dict()
    assert written.pop("data") == USUAL.name
    assert written.keys() == {"unet", "diffusion", "train", "distill", "network"}
    assert Config.from_dict(written) == Config()
    for noted in ({}, {"data": ""}, {"data": "auto"}, {"data": "idx"}):
        assert learned_from(Config().data, noted) == USUAL
    own = {"data": "photos.zip", "classes": ["cat", "dog"]}
    assert learned_from(Config().data, own).classes == ("cat", "dog")
    assert learned_from(Config().data, own).shape is None


def test_a_data_set_is_what_it_says():
    for known in DATASETS.values():
        for split in ("train", "test"):
            found = known.load(split, "shipped" if "shipped" in known.sources else "auto")
            assert tuple(found.images.shape[1:]) == known.shape and found.classes == known.classes
            assert found.images.dtype == torch.uint8
            assert found.labels.unique().tolist() == list(range(len(known.classes)))
        assert known.judge is None or known.judge.is_file()
