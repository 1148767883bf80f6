"""The model that draws by words, on the page: what it draws, shows, refuses and hides."""

from __future__ import annotations

import random
from functools import partial

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from ddpm.data.captions import caption
from ddpm.data.properties import OF_CLASS
from devtools import buttons
from page.models import words as by_words
from page.models.imagen import Threshold
from page.models.registry import KINDS, Request, trajectory
from page.tabs.generate import program
from page.tabs.generate.controls import words_field
from page.tabs.generate.link import COMPARING, DRAWING
from page.texts import TEXTS as SENTENCES
from page.widgets import data_uri
from page.widgets.links import read

ASKED = {"model": "words", "words": "a dark boot", "count": 3, "steps": 5, "guidance": 2.0}
drawn, compared = partial(buttons.drawn, ASKED), partial(buttons.compared, ASKED)


def stages_of(**changes) -> dict:
    return drawn(**changes)[-1][0].value()["stages"]


def test_words_that_no_caption_has_are_named():
    assert by_words.untaught("The red HAT, a red boot, my trainers (zqx)") == [
        "red",
        "hat",
        "zqx",
    ]
    assert by_words.untaught("红色的毛衣") == ["红色"] and by_words.untaught("一双球鞋") == []
    assert by_words.untaught("boots " * 40) == [] == by_words.untaught("x" * 2000)
    draw = random.Random(0)
    for name, known in OF_CLASS.items():  # every word of every caption is taught
        values = {each.name: draw.choice(each.values) for each in known}
        for language in ("en", "zh") * 50:
            text = caption(name, values, draw, language=language, mentioned=1.0)
            assert by_words.untaught(text) == [], text


def test_the_note_has_all_that_its_script_reads():
    """If it comes before the field is shown, Gradio begins with this update's properties alone."""
    note = words_field.note("a red hat")
    assert note["untaught"] == ["red", "hat"]
    assert note["named"] in SENTENCES and note["label"].key == "language"


@pytest.mark.parametrize("steps", [2, 3, 10, 18, 50, 1000])
def test_steps_are_shared_between_both_stages(steps):
    model = KINDS["words"]
    small, large = model.split(steps)
    assert small + large == steps and min(small, large) >= 1
    assert model.split(model.usual["steps"]) == (10, 8)


@pytest.mark.parametrize(("thresholding", "clip"), [("dynamic", None), ("static", True)])
def test_it_draws_what_the_core_draws(text_model, thresholding, clip):
    request = Request(**ASKED, thresholding=thresholding, seed=4)
    x, steps = trajectory(text_model, request)
    made = list(steps)
    settings = {"guidance": 2.0, "clip": clip, "steps": (3, 2), "seed": 4}
    found = list(text_model.stages(["a dark boot"] * 3, **settings))
    assert torch.equal(made[-1].x, found[-1].step.x)
    assert [step.i for step in made] == [0, 1, 2, 3, 4]
    for step, each in zip(made, found, strict=True):
        factor = 28 // each.step.x.shape[-1]
        for ours, theirs in ((step.x, each.step.x), (step.before, each.before)):
            assert torch.equal(ours[..., ::factor, ::factor], theirs)
    assert torch.equal(x, made[0].before)  # with the noise of the seeds


def test_the_film_shows_both_stages(text_model):
    films = drawn()
    film, progress, files = films[-1]
    assert [frame["step"] for frame in film.frames] == [0, 1, 2, 3, 4, 5]
    assert progress["calls"] == 5 and progress["ended"] == "done"
    shown = film.value()["stages"]
    found = list(text_model.stages(["a dark boot"] * 3, guidance=2.0, steps=(3, 2)))
    assert shown["picture"] == data_uri.grid_uri(found[2].step.x, film.nrow)
    assert shown["given"] == data_uri.grid_uri(found[3].low, film.nrow) and shown["aug"] == 120
    assert shown["steps"] == 3 and films[0][0] is film
    assert "a-dark-boot-dpm_solver-5-steps" in files[0]
    assert Image.open(files[1]).n_frames == 6
    # the second stage begins with noise of its own, not with what the first one left
    assert film.frames[3]["x"] == data_uri.grid_uri(found[3].before, film.nrow)


def test_what_thresholding_clips_is_said():
    threshold = Threshold("static")
    x = torch.tensor([0.0, 0.5, -1.2, 3.0]).reshape(1, 1, 2, 2)
    assert threshold(x).flatten().tolist() == [0.0, 0.5, -1.0, 1.0] and threshold.beyond == 0.5
    dynamic = Threshold("dynamic")
    assert torch.equal(dynamic(x), ddpm.dynamic_threshold()(x)) and dynamic.beyond == 0.5
    dynamic(x / 4)
    assert dynamic.beyond == 0


TEXTS = {
    "": [],
    "xqzzy": ["xqzzy"],
    "a xqzzy boot 👢": ["xqzzy", "👢"],
    "<script>alert(1)</script>": None,
    "a 黑色 咕噜 boot\x00\n": ["咕噜"],
    "👗" * 200: ["👗"],
    "$\\frac{}{": None,
    "q" * 200: [f"{'q' * by_words.MOST_LETTERS}…"],
}


@pytest.mark.parametrize("words", TEXTS, ids=lambda words: words[:8])
def test_any_words_draw_and_those_it_does_not_know_are_named(text_model, words):
    stages = stages_of(words=words, steps=2, count=1)
    if TEXTS[words] is not None:
        assert stages["unknown"] == TEXTS[words]
    assert stages["nothing"] == (text_model.encoder.split(words)[0] == [])


def test_many_unknown_words_stay_a_line():
    words = [f"word{'x' * k}" for k in range(100)]
    found = by_words.listed(words)
    assert found[: by_words.MOST_WORDS] == words[: by_words.MOST_WORDS] and found[-1] == "…"
    assert len(", ".join(found)) < 200


def test_other_models_do_not_heed_words(text_model):
    asked = {"count": 1, "steps": 1, "label": 3}
    first, second = (
        drawn(**asked | {"model": "shipped", "guidance": 1.0, "words": words})[-1][0].x
        for words in ("a bag", "a boot")
    )
    assert torch.equal(first, second)


# ------------------------------------------------------------------ links, Compare, programs


def test_a_link_says_the_words(text_model):
    values = DRAWING.defaults({"model": "words"}) | {"model": "words", "words": "a 黑色 bag & <b>"}
    link = DRAWING.write(values)
    assert link == "generate?v=1&model=words&words=a%20%E9%BB%91%E8%89%B2%20bag%20%26%20%3Cb%3E"
    opened = read(link, [DRAWING, COMPARING])
    assert opened.values == values and opened.values["guidance"] == 2 and not opened.wrong
    long = read(f"generate?v=1&model=words&words={'x' * 201}", [DRAWING])
    assert long.wrong == ["words"] and long.values["words"] == Request().words


def test_others_are_compared_without_it(text_model):
    with pytest.raises(gr.Error, match="choose the thresholding"):
        compared("thresholding", model="shipped")
    assert "words" not in compared("label", model="shipped", guidance=1.0, steps=1)[0]["same"]
    with pytest.raises(gr.Error, match="only one model"):
        compared("model")


@pytest.mark.parametrize("words", ["a dark boot", "'\"\\ 黑色 {x} <b>" * 10], ids=["plain", "odd"])
def test_programs_draw_the_pages_pictures(text_model, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = repr(str(KINDS["words"].file))
    values = DRAWING.defaults({}) | ASKED | {"words": words, "trained": None, "picture": ""}
    source = program.drawing(values).replace("'text_to_image'", file)
    exec(source, {})
    film, _, files = drawn(words=words)[-1]
    saved = Image.open("pictures.png")  # in whole pixels, as large as the page's download
    shown = film.pictures[-1].resize(saved.size, Image.Resampling.NEAREST)
    assert np.array_equal(saved, shown)
    assert Image.open("small_pictures.png").size == (34, 34)
    assert Image.open("film.gif").size == Image.open(files[1]).size

    values = COMPARING.defaults({}) | ASKED | {"words": words, "trained": None, "steps": 2}
    values |= {"axis": "guidance", "across": "thresholding"}
    source = program.comparing(values).replace("'text_to_image'", file)
    names: dict = {}
    exec(source, names)
    for row, guidance in zip(names["pictures"], (0, 1, 2, 4, 8), strict=True):
        for x, how in zip(row, ("dynamic", "static"), strict=True):
            way = {"guidance": guidance, "thresholding": how, "words": words}
            request = Request(**ASKED | {"steps": 2, "count": 4} | way)
            *_, step = trajectory(text_model, request)[1]
            assert torch.equal(x, step.x)
