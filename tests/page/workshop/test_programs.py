"""Programs to take home: run, they make the page's own pictures, pixel for pixel."""

import json
import random
import shutil

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from devtools.random_settings import drawn_schedule, random_values
from devtools.visit import RECIPE, VISITOR, picture_of
from page.compute.interface import FIRST
from page.models.registry import Request
from page.models.request import GUIDES
from page.tabs.generate import program as generate
from page.tabs.generate import run as drawing
from page.tabs.generate.compare import axes, compare
from page.tabs.generate.link import COMPARING, DRAWING, WALKING
from page.tabs.generate.walk import walk, walk_program
from page.tabs.generate.walk.walk import place_of
from page.tabs.noise import forward
from page.tabs.noise import program as noise
from page.tabs.noise.link import LINKED as NOISE
from page.tabs.train import program as train
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe
from page.widgets.data_uri import grid_uri
from page.widgets.sketch_pad import pad
from page.workshop.notebook import notebook


@pytest.mark.parametrize("seed", range(8))
def test_noise(run_program, seed, tmp_path):
    chance = random.Random(seed)
    values = random_values(NOISE, chance) | {"hidden": ()}
    values["schedules"] = values["schedules"] or ("cosine",)
    shutil.copy(forward.CAT, tmp_path)
    names = run_program(noise.program(values))
    frames = Image.open("noise.png").convert("RGB")
    x_start, eps = forward.start_and_noise(forward.CAT, values["seed"])
    shown = forward.named_schedules(
        values["T"], list(values["schedules"]), values["notebook"], values["zero_terminal"]
    )
    t = torch.tensor([values["t"]])
    x_t = torch.cat([ddpm.q_sample(each, x_start, t, eps) for each in shown.values()])
    assert torch.equal(torch.cat(names["pictures"]), x_t)
    assert np.array_equal(frames, ddpm.to_pil(ddpm.make_grid(x_t, len(shown))))


def test_noise_of_a_visitors_picture(run_program, tmp_path):
    Image.new("L", (28, 28), 77).save(tmp_path / 'it\'s "grey".png')
    values = NOISE.defaults({}) | {"image": {"orig_name": 'it\'s "grey".png', "path": "/x"}}
    assert run_program(noise.program(values))["channels"] == 1


def draw(**changes):
    chosen = DRAWING.defaults({}) | {"trained": None, "picture": "", "count": 3, "steps": 4}
    return chosen | changes


def test_draw_random_settings(run_program):
    guides = set()
    for seed in range(8):
        chance = random.Random(seed)
        values = draw(
            label=chance.randint(-1, 9),
            count=chance.randint(1, 5),
            sampler=chance.choice(list(ddpm.SAMPLERS)),
            steps=chance.randint(1, 4),
            schedule=chance.choice([*ddpm.SCHEDULES, drawn_schedule(chance)]),
            guidance=chance.choice([0, 1, 2.5]),
            guided_by=chance.choice(list(GUIDES)),
            interval=chance.choice([[0, 999], [100, 800]]),
            seed=chance.randint(0, 1000),
        )
        if values["label"] < 0:
            values["guided_by"] = "labels"  # a classifier needs a class
        if seed % 2:
            sketch = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1
            values |= {"start": "sketch", "picture": pad.write(sketch), "noise": 500}
        names = run_program(generate.drawing(values))
        asked = {name: values[name] for name in drawing.SETTINGS if name != "picture"}
        picture = values["picture"] or None
        *_, (film, _, files) = drawing.run(VISITOR, None, Request(**asked, picture=picture))
        saved = Image.open("pictures.png")
        assert np.array_equal(saved, Image.open(files[0])) and min(saved.size) >= 480, values
        assert len(names["film"]) == film.steps
        assert Image.open("film.gif").size == Image.open(files[1]).size
        guides.add(values["guided_by"])
    assert guides == {*GUIDES}


def test_a_trained_model_is_taken_from_its_file(tmp_path, run_program):
    shutil.copy(FIRST, tmp_path / "mine.safetensors")
    values = draw(model="trained", trained=str(tmp_path / "mine.safetensors"), count=1, steps=1)
    program = generate.drawing(values)
    assert "load('mine.safetensors')" in program and str(tmp_path) not in program
    run_program(program)


@pytest.mark.parametrize(
    "asked",
    [
        {"axis": "sampler", "steps": 1, "label": 3},
        {"axis": "guidance", "steps": 1, "label": 7, "sampler": "ddim"},
        {"axis": "schedule", "steps": 2, "schedules": ["cosine", "drawn~0_9~1_-9"], "seed": 5},
        {"axis": "sampler", "across": "schedule", "schedules": ["edm", "linear"], "steps": 1},
        {"axis": "guided_by", "across": "guidance", "label": 7},
        {"axis": "label", "guided_by": "classifier", "guidance": 3},
        {"axis": "guidance", "guided_by": "worse", "interval": [0, 700]},
        {"axis": "model", "guided_by": "worse", "guidance": 1.5},  # two, each by its own
    ],
)
def test_compare(run_program, monkeypatch, asked):
    monkeypatch.setitem(axes.AXES, "label", [3, 7])  # more would only take longer
    values = COMPARING.defaults({}) | {"trained": None, "steps": 1, "picture": None} | asked
    names = run_program(generate.comparing(values))
    *_, board = compare.compare(
        VISITOR, None, False, values["axis"], *(values[name] for name in compare.TAKES)
    )
    nrow = compare.NROW[1 if board["across"] is None else 2]
    for row, pictures in zip(board["rows"], names["pictures"], strict=True):
        for cell, x in zip(row.get("cells", [row]), pictures, strict=True):
            assert cell["picture"] == grid_uri(x, nrow)


@pytest.mark.parametrize("corners", ["noises", "classes"])
def test_walk(run_program, corners):
    chance = random.Random(corners)
    for _ in range(2):
        values = random_values(WALKING, chance) | {"corners": corners}
        run_program(walk_program.walking(values))
        drawn = picture_of(walk.redraw(place_of(values))["picture"])
        shown = drawn.resize((812, 812), Image.Resampling.NEAREST)
        ours, pages = (np.asarray(each).astype(int) for each in (Image.open("picture.png"), shown))
        # the noises are summed in another order, and bf16 makes more of the last bit
        assert np.abs(ours - pages).max() <= 8, values


def test_a_comparison_that_makes_no_sense_has_no_program():
    values = COMPARING.defaults({}) | {"trained": None, "axis": "guidance"}
    with pytest.raises(gr.Error, match="not a class"):
        generate.comparing(values)


@pytest.mark.parametrize("seed", [0, 1])
def test_train(run_program, seed):
    chance = random.Random(seed)
    changes = {
        "schedule": chance.choice(["cosine", "linear"]),
        "objective": chance.choice(["eps", "v"]),
        "optimizer": chance.choice(["adamw", "muon"]),
        "seed": chance.randint(0, 99),
    }
    values = RECIPE | changes
    names = run_program(train.program(values | {"data": "fashion"}))
    *_, (report, _) = training.run(VISITOR, Recipe(**values), "fashion", None)
    assert report["phase"] == "done"
    assert report["picture"] == grid_uri(names["pictures"], 10)


@pytest.mark.parametrize(("source", "size"), [("own", 28), ("own_64", 64)])
def test_train_on_own_pictures(run_program, tmp_path, source, size):
    (tmp_path / "pictures").mkdir()
    levels = np.random.default_rng(0).integers(0, 256, (12, size, size), dtype=np.uint8)
    for k, each in enumerate(levels):
        Image.fromarray(each).save(tmp_path / "pictures" / f"{k:02}.png")
    names = run_program(train.program(RECIPE | {"data": source}))
    np.save(tmp_path / "pictures.npy", levels[:, None])
    stored = str(tmp_path / "pictures.npy")
    *_, (report, _) = training.run(VISITOR, Recipe(**RECIPE), source, stored)
    assert report["picture"] == grid_uri(names["pictures"], 10)


def test_programs_quote_what_visitors_choose():
    image = {"orig_name": '"); import os #.png'}
    program = noise.program(NOISE.defaults({}) | {"image": image})
    assert "import os" not in [line.strip() for line in program.splitlines()]
    compile(program, "noise", "exec")
    with pytest.raises(gr.Error):
        noise.program(NOISE.defaults({}) | {"seed": "0); import os"})
    with pytest.raises(gr.Error):
        train.program(RECIPE | {"data": "fashion", "preset": "x')"})


def test_a_notebook_is_json_with_one_cell_for_the_imports():
    book = json.loads(notebook(generate.drawing(draw())))
    first, imports, *_ = book["cells"]
    assert first["cell_type"] == "markdown"
    source = imports["source"]
    assert all(line.startswith(("import", "from", "\n")) for line in source), source
