"""The cascade on the page: what it draws, shows, refuses and hides."""

from __future__ import annotations

from functools import partial

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from devtools import buttons
from devtools.tiny_models import AUG
from page.models import registry as models
from page.models.cascade import own_aug
from page.models.registry import KINDS, Request, trajectory
from page.tabs.generate import program
from page.tabs.generate.batching import part_of
from page.tabs.generate.link import COMPARING, DRAWING
from page.widgets import data_uri
from page.widgets.links import read

ASKED = {"model": "cascade", "label": 3, "count": 3, "steps": 5, "guidance": 2.0, "aug": 100}
drawn, compared = partial(buttons.drawn, ASKED), partial(buttons.compared, ASKED)


@pytest.mark.parametrize("steps", [2, 3, 20, 1000])
def test_steps_are_shared_between_both_stages(steps):
    small, large = KINDS["cascade"].split(steps)
    assert small + large == steps and abs(large - small) <= 1


@pytest.mark.parametrize("label", [3, -1])
@pytest.mark.parametrize("from_one", [False, True])
def test_it_draws_what_the_core_draws(cascade_model, label, from_one):
    request = Request(**ASKED | {"label": label, "from_one": from_one, "seed": 4})
    x, steps = trajectory(cascade_model, request)
    made = list(steps)
    labels = None if label < 0 else label
    settings = {"labels": labels, "guidance": 2.0, "aug": 100, "steps": (2, 3), "seed": 4}
    found = list(cascade_model.trajectory(3, from_one=from_one, **settings))
    assert torch.equal(made[-1].x, found[-1].step.x)
    assert [step.i for step in made] == [0, 1, 2, 3, 4]
    for step, each in zip(made, found, strict=True):
        factor = 28 // each.step.x.shape[-1]
        assert step.x.shape == step.x_start.shape == step.before.shape == (3, 1, 28, 28)
        for ours, theirs in ((step.x, each.step.x), (step.before, each.before)):
            assert torch.equal(ours[..., ::factor, ::factor], theirs.expand(3, -1, -1, -1))
    assert torch.equal(x, made[0].before)  # with the noise of the seeds


def test_the_film_shows_both_stages_and_what_passed_between_them(cascade_model):
    film, progress, files = drawn()[-1]
    assert [frame["step"] for frame in film.frames] == [0, 1, 2, 3, 4, 5]
    assert progress["calls"] == 5 and progress["ended"] == "done" and progress["doubled"]
    found = list(cascade_model.trajectory(3, labels=3, guidance=2.0, aug=100, steps=(2, 3)))
    assert film.value()["stages"] == {
        "picture": data_uri.grid_uri(found[1].step.x, film.nrow),
        "given": data_uri.grid_uri(found[2].low, film.nrow),
        "steps": 2,
        "aug": 100,
        "from_one": False,
    }
    assert "dress-dpm_solver-5-steps" in files[0] and Image.open(files[1]).n_frames == 6
    # the second stage begins with noise of its own, not with what the first one left
    assert film.frames[2]["x"] == data_uri.grid_uri(found[2].before, film.nrow)


def test_all_come_from_one_small_picture(cascade_model):
    films = drawn(from_one=True)
    film = films[-1][0]
    shown = film.value()["stages"]
    found = list(cascade_model.trajectory(1, labels=3, guidance=2.0, aug=100, steps=(2, 3)))
    assert shown["from_one"] and shown["picture"] == data_uri.grid_uri(found[1].step.x, 1)
    assert not torch.equal(film.x[0], film.x[1])
    torch.testing.assert_close(film.x[:1], found[-1].step.x, rtol=0, atol=0.1)


def test_noise_on_the_small_pictures_matters_to_the_second_stage_alone(cascade_model):
    plain, noised = (drawn(aug=aug)[-1][0] for aug in (0, 500))
    first, second = plain.value()["stages"], noised.value()["stages"]
    assert first["picture"] == second["picture"] == first["given"] != second["given"]
    assert not torch.equal(plain.x, noised.x)


def test_other_models_do_not_heed_its_settings(cascade_model):
    shared = {"model": "shipped", "count": 1, "steps": 1, "guidance": 1.0}
    plain, changed = (
        drawn(**shared | changes)[-1][0] for changes in ({}, {"aug": 500, "from_one": True})
    )
    assert torch.equal(plain.x, changed.x) and "stages" not in changed.value()


def test_it_is_drawn_alone_and_does_not_part_the_batches_of_others(cascade_model):
    assert part_of(Request(**ASKED), cascade_model) is None
    others = [Request(aug=aug, from_one=bool(aug)) for aug in (0, 500)]
    first, second = (part_of(each, models.chosen(None, "shipped")) for each in others)
    assert first.key == second.key


def test_its_own_noise_is_read_from_its_file(cascade_model, tmp_path):
    assert own_aug(KINDS["cascade"].file) == cascade_model.aug == AUG
    assert own_aug(tmp_path / "missing.safetensors") == 0


# ------------------------------------------------------------------ links, Compare, programs


def test_a_link_says_its_settings(cascade_model):
    values = DRAWING.defaults({"model": "cascade"}) | {"model": "cascade"}
    values |= {"label": 7, "aug": 325, "from_one": True}
    link = DRAWING.write(values)
    assert link == "generate?v=1&model=cascade&label=7&aug=325&from_one=1"
    opened = read(link, [DRAWING, COMPARING])
    assert opened.values == values and opened.values["steps"] == 20 and not opened.wrong
    assert read("generate?v=1&model=cascade&aug=1001", [DRAWING]).wrong == ["aug"]


def test_it_is_compared_with_others(cascade_model):
    *_, last = compared("model", steps=4)
    assert [row["value"] for row in last["rows"]] == ["shipped", "cascade"]
    assert last["same"]["aug"] == 100
    request = Request(**ASKED | {"steps": 4, "count": 8})
    *_, step = trajectory(cascade_model, request)[1]
    assert last["rows"][1]["picture"] == data_uri.grid_uri(step.x, 8)


def test_others_are_compared_without_it(cascade_model):
    with pytest.raises(gr.Error, match="Only the cascade has small pictures"):
        compared("aug", model="shipped")
    same = compared("label", model="shipped", guidance=1.0, steps=1)[0]["same"]
    assert not {"aug", "from_one"} & same.keys()


def run(source: str) -> dict:
    names: dict = {}
    exec(source.replace("'cascade')", f"{str(models.KINDS['cascade'].file)!r})"), names)
    return names


@pytest.mark.parametrize("changes", [{}, {"from_one": True}, {"label": -1, "guidance": 1}], ids=str)
def test_the_program_of_a_drawing_makes_the_pages_pictures(
    cascade_model, changes, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run(program.drawing(DRAWING.defaults({}) | ASKED | {"trained": None, "picture": ""} | changes))
    film, _, files = drawn(**changes)[-1]
    saved = Image.open("pictures.png")  # in whole pixels, as large as the page's download
    shown = film.pictures[-1].resize(saved.size, Image.Resampling.NEAREST)
    assert np.array_equal(saved, shown)
    assert Image.open("small_pictures.png").size[0] == (14 if "from_one" in changes else 34)
    side, _ = Image.open("given_to_the_second.png").size
    assert side % 34 == 0 and side > 34  # in whole pixels too
    assert Image.open("film.gif").size == Image.open(files[1]).size


@pytest.mark.parametrize(
    "axes", [("aug", "none"), ("aug", "guidance"), ("model", "none"), ("model", "guidance")]
)
def test_the_program_of_a_comparison_makes_the_pages_pictures(
    cascade_model, axes, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    axis, across = axes
    asked = {"trained": None, "steps": 2, "axis": axis, "across": across, "from_one": True}
    source = program.comparing(COMPARING.defaults({}) | ASKED | asked)
    assert max(map(len, source.splitlines())) <= 100
    count = 8 if across == "none" else 4
    given = {"axis": axis, "across": across, "steps": 2, "from_one": True}
    *_, last = compared(**given)
    for row, pictures in zip(last["rows"], run(source)["pictures"], strict=True):
        for cell, x in zip(row.get("cells", [row]), pictures, strict=True):
            nrow = 8 if across == "none" else 2
            assert len(x) == count and cell["picture"] == data_uri.grid_uri(x, nrow)
