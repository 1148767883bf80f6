"""What models of several networks have in common on the page: what they draw and show, their axes,
their code and programs, and what each refuses, passes over and is fitted to."""

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from devtools import buttons
from devtools.visit import in_both_languages, picture_of
from page.models import words as by_words
from page.models.registry import KINDS, SETTINGS, Request, trajectory
from page.tabs.generate import explain, program
from page.tabs.generate.controls import controls, visibility
from page.tabs.generate.link import COMPARING, DRAWING
from page.widgets import data_uri
from page.widgets.sketch_pad import pad

OWN = {
    "cascade": {"label": 3, "aug": 100, "from_one": True},
    "words": {"words": "a dark boot"},
    "unclip": {"words": "a dark boot"},
}
ASKED = {k: {"model": k, "count": 3, "steps": 5, "guidance": 2.0} | own for k, own in OWN.items()}
UNHEEDED = {
    "cascade": {"schedule", "guided_by", "words"},
    "words": {"label", "schedule"},
    "unclip": {"label", "schedule", "eta", "words_before", "thresholding", "aug"},
}
AXES = {
    "cascade": ["guidance", "steps", "sampler", "label", "aug"],
    "words": ["guidance", "steps", "sampler", "thresholding"],
    "unclip": ["guidance", "steps", "sampler", "prior"],
}
CODE = {
    "cascade": ("def augment(", "class SuperResolution(", "def begin(", "def enlarge("),
    "words": ("def text_guided(", "def dynamic_threshold("),
    "unclip": ("def rerank(", "def turned("),
}
CORE = {  # the same, as the core is asked
    "cascade": (3, {"labels": 3, "guidance": 2.0, "aug": 100, "steps": (2, 3)}),
    "words": (["a dark boot"] * 3, {"guidance": 2.0, "steps": (3, 2)}),
}
PLAIN = {"from_one": False}
SHIPPED = {"model": "shipped", "guidance": 1.0, "steps": 1}
WITHIN = {"interval": (100, 600)}
GARMENT = pad.garment(0)
WORDS = {  # and which of them it says that it does not know
    "": [],
    "xqzzy": ["xqzzy"],
    "a xqzzy boot 👢": ["xqzzy", "👢"],
    "<script>alert(1)</script>": None,
    "a 黑色 咕噜 boot\x00\n": ["咕噜"],
    "👗" * 200: ["👗"],
    "$\\frac{}{": None,
    "q" * 200: [f"{'q' * by_words.MOST_LETTERS}…"],
}
ODD = "'\"\\ 黑色 {x} <b>" * 10
REFUSED = {
    "cascade": [
        ({"aug": 1001}, "Noise between stages must be"),
        ({"aug": None}, "from 0 to 1000"),
        ({"aug": 0.5}, "from 0 to 1000"),
        ({"from_one": "yes"}, "All from one small picture must be"),
    ],
    "words": [
        ({"words": "x" * 10_000}, "at most 200 characters"),
        ({"words": None}, "at most 200 characters"),
        ({"words": "a boot " * 17}, "at most 32 of the words that the encoder knows"),
        ({"thresholding": "none"}, "dynamic, static"),
    ],
}
for _rows in REFUSED.values():
    _rows += [
        ({"steps": 1}, "2 or more"),
        ({"sampler": "consistency"}, "Sampler can't be"),
        ({"picture": GARMENT}, "from noise only"),
    ]


@pytest.fixture
def system(small_model, name):
    return small_model(name)


@pytest.mark.parametrize("name", CORE)
@pytest.mark.parametrize("steps", [2, 3, 10, 18, 20, 50, 1000])
def test_steps_are_shared_between_both_stages(name, steps):
    """As their usual numbers are, to the nearest."""
    kind = KINDS[name]
    small, large = kind.split(steps)
    assert small + large == steps and min(small, large) >= 1
    assert abs(small - steps * kind.stage_steps[0] / sum(kind.stage_steps)) < 1


def of_core(system, name: str, **changes) -> list:
    """The steps of both stages."""
    asked, settings = CORE[name]
    return list(system.trajectory(asked, **settings | changes))


@pytest.mark.parametrize(
    ("name", "changes", "settings"),
    [
        ("cascade", PLAIN, {}),
        ("cascade", {"label": -1}, {"labels": None, "from_one": True}),
        ("cascade", {}, {"from_one": True}),
        ("words", {"thresholding": "dynamic"}, {"clip": None}),
        ("words", {"thresholding": "static"}, {"clip": True}),
        ("cascade", PLAIN | WITHIN, WITHIN),
        ("words", WITHIN, WITHIN),
    ],
)
def test_it_draws_what_the_core_draws(system, name, changes, settings):
    x, steps = trajectory(system, Request(**ASKED[name] | changes | {"seed": 4}))
    made, found = list(steps), of_core(system, name, **settings | {"seed": 4})
    assert torch.equal(made[-1].x, found[-1].step.x)
    assert [step.i for step in made] == [0, 1, 2, 3, 4]
    for step, each in zip(made, found, strict=True):
        factor = 28 // each.step.x.shape[-1]
        assert step.x.shape == step.x_start.shape == step.before.shape == (3, 1, 28, 28)
        for ours, theirs in ((step.x, each.step.x), (step.before, each.before)):
            assert torch.equal(ours[..., ::factor, ::factor], theirs.expand(3, -1, -1, -1))
    assert torch.equal(x, made[0].before)  # with the noise of the seeds


@pytest.mark.parametrize(
    ("name", "called", "first", "aug"),
    [("cascade", "dress", 2, 100), ("words", "a-dark-boot", 3, 120)],
)
def test_the_film_shows_both_stages_and_what_passed_between_them(system, name, called, first, aug):
    film, progress, files = buttons.drawn(ASKED[name] | PLAIN)[-1]
    assert [frame["step"] for frame in film.frames] == [0, 1, 2, 3, 4, 5]
    assert progress["calls"] == 5 and progress["ended"] == "done" and progress["doubled"]
    found, shown = of_core(system, name), film.value()["stages"]
    assert shown["picture"] == data_uri.grid_uri(found[first - 1].step.x, film.nrow)
    assert shown["given"] == data_uri.grid_uri(found[first].low, film.nrow)
    assert (shown["steps"], shown["aug"]) == (first, aug)
    assert f"{called}-dpm_solver-5-steps" in files[0] and Image.open(files[1]).n_frames == 6
    # the second stage begins with noise of its own, not with what the first one left
    assert film.frames[first]["x"] == data_uri.grid_uri(found[first].before, film.nrow)


@pytest.mark.parametrize(("name", "said"), [("words", "stages"), ("unclip", "proposal")])
@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[:8])
def test_any_words_draw_and_those_it_does_not_know_are_named(system, name, said, words):
    film, *_ = buttons.drawn(ASKED[name], words=words, steps=2, count=1)[-1]
    found = film.value()[said]
    assert WORDS[words] in (None, found["unknown"])
    assert found["nothing"] == (system.encoder.split(words)[0] == [])
    assert found["empty"] == (words.strip() == "")


# ------------------------------------------------------------------ Compare


@pytest.mark.parametrize("name, axis", [(name, axis) for name in AXES for axis in AXES[name]])
def test_what_it_can_do_is_an_axis(system, name, axis):
    *_, last = buttons.compared(ASKED[name], axis)
    same = {k: v for k, v in OWN[name].items() if k != axis}
    assert len(last["rows"]) > 1 and same.items() <= last["same"].items()
    assert not last["noise"]["is_given"] and not (UNHEEDED[name] | {axis}) & last["same"].keys()
    for row in last["rows"]:
        asked = ASKED[name] | {"steps": 2, "count": 8} | {axis: row["value"]}
        assert row["picture"] == data_uri.grid_uri(buttons.last_of(system, **asked), 8)


@pytest.mark.parametrize("name", ["cascade", "unclip"])
def test_it_is_compared_with_others(system, name):
    *_, last = buttons.compared(ASKED[name], "model", steps=4)
    assert [row["value"] for row in last["rows"]] == ["shipped", name]
    assert OWN[name].items() <= last["same"].items()
    x = buttons.last_of(system, **ASKED[name] | {"steps": 4, "count": 8})
    assert last["rows"][1]["picture"] == data_uri.grid_uri(x, 8)


@pytest.mark.parametrize(
    ("name", "axis", "changes", "says"),
    [
        ("cascade", "schedule", {}, "its own noise schedules"),
        ("cascade", "guided_by", {}, "its own noise schedules"),
        ("cascade", "aug", SHIPPED, "Only the cascade has small pictures"),
        ("words", "label", {}, "no classes and no other schedules"),
        ("words", "schedule", {}, "no classes and no other schedules"),
        ("words", "thresholding", SHIPPED, "choose the thresholding"),
        ("words", "model", {}, "only one model"),
        ("unclip", "label", {}, "has no classes"),
        ("unclip", "place", SHIPPED, "Only DALL"),
        ("unclip", "prior", SHIPPED, "Only DALL"),
        ("unclip", "eta", {}, "Variations need a picture"),
        ("unclip", "amount", {"across": "steps"}, "by DDIM in 25 steps"),
        ("unclip", "amount", {"picture": ""}, "empty|[Dd]raw"),
    ],
)
@pytest.mark.usefixtures("system")
def test_what_it_has_no_choice_of_is_no_axis(name, axis, changes, says):
    with pytest.raises(gr.Error, match=says) as refused:
        next(buttons.compared(ASKED[name], axis, **changes))
    assert in_both_languages(refused.value.message)


# ------------------------------------------------------------------ what it can and can't


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [(name, *row) for name, rows in REFUSED.items() for row in rows],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value)[:8],
)
@pytest.mark.usefixtures("system")
def test_what_it_can_not_do_is_refused_in_both_languages(name, changes, says):
    with pytest.raises(gr.Error, match=says) as refused:
        buttons.drawn(ASKED[name], **changes)
    assert in_both_languages(refused.value.message)


@pytest.mark.parametrize(
    ("name", "changes", "hidden"),
    [
        ("cascade", {}, {"schedule": "linear", "guided_by": "classifier", "words": "a bag"}),
        ("words", {}, {"schedule": "linear", "label": 7}),
        # settings that it has are not others'
        ("cascade", SHIPPED, {"aug": 500, "from_one": False}),
        ("words", SHIPPED, {"words": "a bag"}),
    ],
)
@pytest.mark.usefixtures("system")
def test_what_the_page_hides_is_passed_over(name, changes, hidden):
    asked = ASKED[name] | changes
    plain, other = (buttons.drawn(asked, **more)[-1][0].x for more in ({}, hidden))
    assert torch.equal(other, plain)


@pytest.mark.parametrize("name", CODE)
@pytest.mark.usefixtures("system")
def test_the_equation_and_the_code_follow_it(name):
    formula, guide, code = explain.explained("ddim", "classifier", name)
    assert f"generate_equation_{name}" in str(formula)
    assert not guide.visible  # a classifier of one network's steps
    assert all(each in code for each in CODE[name])


@pytest.mark.parametrize(("name", "label"), [("cascade", 3), ("words", -1), ("unclip", -1)])
def test_a_request_is_fitted_to_it(system, name, label):
    request = Request(model=name, sampler="consistency", steps=1, schedule="linear", label=3)
    own = KINDS[name].fitted(request, system)
    assert (own.sampler, own.steps, own.schedule, own.label) == ("dpm_solver", 10, "cosine", label)
    KINDS[name].check(own, system)


@pytest.mark.parametrize(
    ("name", "others", "own"),
    [
        ("cascade", [18, 2.0, [0, 700], "static"], [20, 1, [0, 999], "dynamic"]),
        ("words", [20, 1, [0, 999], "dynamic"], [18, 2.0, [0, 700], "static"]),
    ],
)
@pytest.mark.usefixtures("system")
def test_the_controls_offer_what_it_can_do(name, others, own):
    shown, (sampler, steps, *_) = buttons.offered(name, "consistency", 2)
    assert shown["guidance"] and not shown["schedule"] and not shown["picture"]
    assert [value for _, value in sampler.choices] == list(ddpm.SAMPLERS)
    assert (steps.value, steps.props["low"], steps.props["stops"][0]) == (own[0], 2, 2)
    assert visibility.usual(name, "labels", *others) == own  # from the other's usual
    assert visibility.usual("shipped", "labels", *own)[0] == 10
    by_hand = visibility.usual(name, "labels", 50, 3, [100, 600], own[3])
    assert by_hand == [gr.skip()] * 4


# ------------------------------------------------------------------ programs


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cascade", PLAIN),
        ("cascade", {}),
        ("cascade", PLAIN | {"label": -1, "guidance": 1}),
        ("words", {}),
        ("words", {"words": ODD}),
        ("cascade", WITHIN),
        ("words", WITHIN | {"thresholding": "static"}),
        ("unclip", WITHIN),
        ("unclip", {"words": ODD}),
        ("unclip", {"prior": "skipped", "sampler": "ddim"}),
        ("unclip", {"start": "sketch", "eta": 0.5}),
        ("unclip", {"start": "sketch", "amount": 0.3, "place": 0.5, "words_before": "a bag"}),
    ],
)
@pytest.mark.usefixtures("system")
def test_programs_draw_the_pages_pictures(run_program, name, changes):
    values = DRAWING.defaults({}) | ASKED[name] | {"trained": None, "picture": GARMENT} | changes
    run_program(program.drawing(values), KINDS[name])
    made = controls.of_start(values, values["start"])
    asked = {name: value for name, value in made.items() if name in SETTINGS}
    film, _, files = buttons.drawn(asked)[-1]
    # in whole pixels, as large as the page's downloads
    assert np.array_equal(Image.open("pictures.png"), Image.open(files[0]))
    gif, pages = Image.open("film.gif"), Image.open(files[1])
    assert gif.size == pages.size and gif.n_frames > 1
    stages = film.value().get("stages", {})
    for file, key in (("small_pictures.png", "picture"), ("given_to_the_second.png", "given")):
        if key in stages:
            assert Image.open(file).width % picture_of(stages[key]).width == 0


@pytest.mark.parametrize(
    ("name", "axis", "across", "changes"),
    [
        ("cascade", "aug", "none", {}),
        ("cascade", "aug", "guidance", {}),
        ("cascade", "model", "none", {}),
        ("cascade", "model", "guidance", {}),
        ("words", "guidance", "thresholding", {}),
        ("words", "guidance", "thresholding", {"words": ODD}),
        ("unclip", "prior", "none", {}),
        ("unclip", "place", "none", {}),
        ("unclip", "amount", "none", {"start": "sketch", "picture": GARMENT}),
        ("unclip", "model", "none", {}),
        ("cascade", "model", "guidance", WITHIN),
        ("words", "guidance", "none", WITHIN),
        ("unclip", "model", "none", WITHIN),
    ],
)
@pytest.mark.usefixtures("system")
def test_programs_compare_as_the_page_does(run_program, name, axis, across, changes):
    asked = {"trained": None, "steps": 2, "axis": axis, "across": across}
    source = program.comparing(COMPARING.defaults({}) | ASKED[name] | asked | changes)
    *_, last = buttons.compared(ASKED[name], axis, across, **changes)
    nrow = 8 if across == "none" else 2
    found = run_program(source, KINDS[name])["pictures"]
    for row, pictures in zip(last["rows"], found, strict=True):
        for cell, x in zip(row.get("cells", [row]), pictures, strict=True):
            assert cell["picture"] == data_uri.grid_uri(x, nrow)
