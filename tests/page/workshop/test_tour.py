"""The tour's file: what the page's own says is true of the page, and errors are named by line."""

import gc
import re
import sys

import numpy as np
import pytest
import torch

import ddpm
from devtools import ROOT
from devtools.visit import picture_of
from page.__main__ import main
from page.models.registry import MODELS
from page.widgets.links import read
from page.workshop import tour
from page.workshop.links import LINKED

STEPS = tour.load(tour.OWN, LINKED)
STEP = """
- question: Why?
  link: noise?v=1&T=100
  answer:
    en: Because.
    zh: 因为。
"""


def write(folder, text):
    path = folder / "my-tour.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_page_has_a_tour_of_some_twelve_steps_in_both_languages():
    assert 12 <= len(STEPS) <= 16
    for step in STEPS:
        for english, chinese in (step["question"], step["look"], step["answer"]):
            assert not re.search("[一-鿿]", english) and re.search("[一-鿿]", chinese)
        opened = read(step["link"], LINKED)
        linked = next(each for each in LINKED if each.place == opened.place)
        assert linked.write(opened.values) == step["link"], "the shortest way to write it"


def test_a_step_about_a_model_needs_it(monkeypatch):
    shipped = {name: model for name, model in MODELS.items() if name != "student"}
    monkeypatch.setattr(tour, "MODELS", shipped)  # as it is: the order of models is the page's
    without = tour.load(tour.OWN, LINKED)
    assert not any("student" in step["answer"][0] for step in without)


def test_three_steps_ask_first_and_their_answers_are_true():
    """The schedule that is noise first, as few calls as do, and the garments of the test split."""
    soonest, calls, real = (step["ask"] for step in STEPS if "ask" in step)
    named = [choices[0].lower() for choices in soonest["choices"]]
    left = [ddpm.Schedule.named(name, 200).alphas_cumprod.sum() for name in named]
    assert soonest["right"] == [min(range(4), key=left.__getitem__)] and not soonest["several"]
    assert [calls["choices"][k][0] for k in calls["right"]] == ["Ten"]
    row = picture_of(real["pictures"])
    pictures = torch.tensor(np.array(row)).unflatten(1, (-1, 28)).transpose(0, 1)
    images, _ = ddpm.fashion_mnist("test")
    known = [k for k, picture in enumerate(pictures) if (images == picture).all((1, 2, 3)).any()]
    assert real["right"] == known and real["several"] and len(known) == real["count"] / 2


def test_what_the_tour_says_of_schedules_is_true():
    answers = "\n".join(step["answer"][0] for step in STEPS).replace("\n", " ")
    halves = {"linear": 51, "quadratic": 83, "sigmoid": 87, "cosine": 99}
    for name, t in halves.items():
        below = ddpm.Schedule.named(name, 200).alphas_cumprod < 0.5
        assert int(below.nonzero()[0]) == t
        assert re.search(rf"\b{t}\b[^.]* {name.capitalize()}", answers)
    linear = ddpm.Schedule.named("linear", 200)
    assert f"{linear.betas[60]:.2f}" == "0.03" and "β is only 0.03" in answers
    assert f"ᾱ down to {linear.alphas_cumprod[60]:.3f}" in answers
    for name, percent in {"linear": 36, "quadratic": 49}.items():
        left = ddpm.Schedule.named(name, 200, rescale=False).alphas_cumprod[-1].sqrt()
        assert round(100 * float(left)) == percent and f"{percent}%" in answers


def test_what_the_tour_says_of_quality_is_measured():
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
    card = (ROOT / "checkpoints" / "README.md").read_text("utf-8")
    for row in ("| `ddpm` | 1,000 | 0.177 |", "| `dpm_solver` | 10 | 0.180 |",
                "| `dpm_solver` | 5 | 0.210 |", "| 4.45 |", "| 4.06 |"):  # fmt: skip
        assert row in results
    assert "| `ddpm` | 10 | `trailing` | 0.723" in card
    assert "| `ddim` | 10 | `trailing` | 0.467" in card


def test_a_text_may_be_one_for_all_and_lines_of_chinese_join(tmp_path):
    more = STEP.replace(
        "zh: 因为。", "zh: |\n      因为\n      如此。\n\n      还有 DDPM\n      的原因。"
    )
    (step,) = tour.load(write(tmp_path, more), LINKED)
    assert step["question"] == ["Why?", "Why?"]
    assert step["answer"] == ["Because.", "因为如此。\n\n还有 DDPM\n的原因。"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "a list of 1 to 99 steps"),
        ("question: Why?", 1, "a list of 1 to 99 steps"),
        (STEP.replace("link:", "links:"), 3, "'links' is none of question, answer, link"),
        (STEP.replace("link:", "links:"), 2, "has no link"),
        (STEP.replace("T=100", "T=5"), 3, "T must be a whole number from 10 to 1000"),
        (STEP.replace("T=100", "speed=5"), 3, "the settings of noise are seed, T"),
        (STEP.replace("noise?", "nose?"), 3, "a place that this page doesn't have"),
        (STEP.replace("v=1", "v=9"), 3, "another version"),
        (STEP.replace("    zh: 因为。\n", ""), 5, "missing in zh"),
        (STEP.replace("zh: 因为。", "de: Darum."), 6, "'de' is none of en, zh"),
        (STEP.replace("Because.", "''"), 5, "a text of 1 to 3000 characters"),
        (STEP.replace("Why?", "[1, 2]"), 2, "here belong en, zh"),
        (STEP + "  url: javascript:alert(1)\n", 7, "begins with https://"),
        (STEP + "  needs: magic\n", 7, "may need taught, shipped, large, student"),
        (STEP + "  does: magic\n", 7, "may do play, compare, train"),
        (STEP + "  does: train\n", 7, "train is for links to train, not to noise"),
        (STEP + "  look: ''\n", 7, "a text of 1 to 3000 characters"),
        (STEP + "  link: noise?v=1\n", 7, "second time"),
        (STEP + "  ask: Which?\n", 7, "here belong question, choices, pictures, right"),
        (STEP + "  ask: {question: Which, choices: [a, b]}\n", 7, "what is right"),
        (STEP + "  ask: {question: Which, choices: [a], right: 1}\n", 7, "2 to 16 choices"),
        (STEP + "  ask: {question: Which, choices: [a, b], right: 3}\n", 7, "numbers from 1 to 2"),
        (STEP + "  ask: {question: Which, pictures: no.png, right: [1]}\n", 7, "can't be used"),
        (STEP + "- 3\n", 7, "here belong question"),
        (STEP + "  answer: 'half\n", 8, "not YAML"),
    ],
)  # fmt: skip
def test_errors_are_named_by_line(tmp_path, text, line, says):
    path = write(tmp_path, text)
    with pytest.raises(tour.WrongTour) as error:
        tour.load(path, LINKED)
    named = [each for each in str(error.value).splitlines() if f"line {line}:" in each]
    assert any(says in each for each in named), str(error.value)


def test_all_errors_are_named_at_once_when_the_page_starts(tmp_path, monkeypatch):
    path = write(tmp_path, STEP.replace("T=100", "T=5") + STEP.replace("Why?", "''"))
    monkeypatch.setenv("TOUR", str(path))
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setattr(gc, "disable", lambda: None)
    with pytest.raises(SystemExit) as ended:
        main()
    said = str(ended.value.code)
    assert f"{path}, line 3: T must be" in said and f"{path}, line 8:" in said


def test_a_file_that_is_not_there_or_too_long_is_named(tmp_path):
    with pytest.raises(tour.WrongTour, match="can't be read"):
        tour.load(tmp_path / "no.yaml", LINKED)
    with pytest.raises(tour.WrongTour, match="more than 200000"):
        tour.load(write(tmp_path, STEP * 4000), LINKED)


@pytest.mark.parametrize("step", [10**30, 0, -1, "3", None, 2.5])
def test_what_is_no_step_has_no_code(step):
    coded = tour.code_of_step("http://10.0.0.2:7860/", step).props["coded"]
    assert coded == {"step": None, "room": None, "qr": None}
