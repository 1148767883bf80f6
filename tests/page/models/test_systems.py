"""What models of several networks have in common on the page: their axes, their code, and what
each refuses, passes over and is fitted to."""

from __future__ import annotations

import gradio as gr
import pytest
import torch

import ddpm
from devtools import buttons
from devtools.visit import in_both_languages
from page.models.registry import KINDS, Request, trajectory
from page.tabs.generate import explain
from page.tabs.generate.controls import controls, visibility
from page.widgets import data_uri

FIXTURES = {"cascade": "cascade_model", "words": "text_model", "unclip": "unclip_model"}
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
PICTURE = controls.pad.write(torch.zeros(1, 28, 28))
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
        ({"picture": PICTURE}, "from noise only"),
    ]


@pytest.fixture
def system(request, name):
    return request.getfixturevalue(FIXTURES[name])


@pytest.mark.parametrize("name, axis", [(name, axis) for name in AXES for axis in AXES[name]])
def test_what_it_can_do_is_an_axis(system, name, axis):
    *_, last = buttons.compared(ASKED[name], axis)
    same = {k: v for k, v in OWN[name].items() if k != axis}
    assert len(last["rows"]) > 1 and same.items() <= last["same"].items()
    assert not last["noise"]["is_given"] and not (UNHEEDED[name] | {axis}) & last["same"].keys()
    for row in last["rows"]:
        request = Request(**ASKED[name] | {"steps": 2, "count": 8} | {axis: row["value"]})
        *_, step = trajectory(system, request)[1]
        assert row["picture"] == data_uri.grid_uri(step.x, 8)


@pytest.mark.parametrize(
    ("name", "axis", "says"),
    [
        ("cascade", "schedule", "its own noise schedules"),
        ("cascade", "guided_by", "its own noise schedules"),
        ("words", "label", "no classes and no other schedules"),
        ("words", "schedule", "no classes and no other schedules"),
        ("unclip", "label", "has no classes"),
    ],
)
@pytest.mark.usefixtures("system")
def test_what_it_has_no_choice_of_is_no_axis(name, axis, says):
    with pytest.raises(gr.Error, match=says) as refused:
        buttons.compared(ASKED[name], axis)
    assert in_both_languages(refused.value.message)


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
    ("name", "hidden"),
    [
        ("cascade", {"schedule": "linear", "guided_by": "classifier", "words": "a bag"}),
        ("words", {"schedule": "linear", "label": 7}),
    ],
)
@pytest.mark.usefixtures("system")
def test_what_the_page_hides_is_passed_over(name, hidden):
    plain, other = (buttons.drawn(ASKED[name], **more)[-1][0].x for more in ({}, hidden))
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
    ("name", "calls", "guidance", "others"),
    [("cascade", 20, 1, (18, 2)), ("words", 18, 2, (20, 1))],
)
@pytest.mark.usefixtures("system")
def test_the_controls_offer_what_it_can_do(name, calls, guidance, others):
    shown, (sampler, steps, *_) = buttons.offered(name, "consistency", 2)
    assert shown["guidance"] and not shown["schedule"] and not shown["picture"]
    assert [value for _, value in sampler.choices] == list(ddpm.SAMPLERS)
    assert (steps.value, steps.props["low"], steps.props["stops"][0]) == (calls, 2, 2)
    assert visibility.usual(name, "labels", *others) == [calls, guidance]  # from the other's usual
    assert visibility.usual("shipped", "labels", calls, guidance)[0] == 10
    assert all("value" not in each for each in visibility.usual(name, "labels", 50, 3))
