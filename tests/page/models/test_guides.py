"""A worse model as the guide, and the times at which any guide acts."""

from __future__ import annotations

import json
from unittest.mock import patch

import gradio as gr
import pytest
import torch

import ddpm
from devtools.visit import ASKED, VISITOR
from page.models import registry as models
from page.models.guides import GUIDES
from page.models.registry import Request, trajectory
from page.models.request import ALL_TIMES
from page.tabs.generate import explain, run
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import axes, compare, compare_view
from page.tabs.generate.controls import visibility
from page.tabs.generate.guide_pictures import guide_pictures

WORSE = GUIDES["worse"]
GUIDED = ASKED | {"label": -1, "count": 2, "steps": 3, "guided_by": "worse", "guidance": 1.5}
WITHIN = {"interval": [200, 700]}
ARGUMENTS = {
    "labels": {},
    "classifier": {"classifier": "noisy_classifier"},
    "worse": {"guide": "fashion_mnist_minute"},
}


def last_of(**asked) -> torch.Tensor:
    """In float32, as on a processor without bfloat16."""
    system = ddpm.load_checkpoint("fashion_mnist", "cpu")
    *_, step = trajectory(system, Request(**GUIDED | asked))[1]
    return step.x


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setattr("page.models.guides.faster", lambda checkpoint: checkpoint)
    monkeypatch.setattr("page.models.guides._loaded", lambda load, *where: load(*where))


@pytest.mark.parametrize("guide", ARGUMENTS)
@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_within_its_times_each_draws_what_the_core_draws(guide, schedule):
    label = {"label": 7} if guide != "worse" else {}
    asked = {"guided_by": guide, "schedule": schedule, "guidance": 3.0, **WITHIN, **label}
    expected = ddpm.sample(
        ddpm.load_checkpoint("fashion_mnist", "cpu"), 2, labels=label.get("label"), guidance=3.0,
        interval=(200, 700), sampler="ddim", steps=3, **ARGUMENTS[guide],
        schedule=ddpm.Schedule.named(schedule, 1000),
    )  # fmt: skip
    drawn = last_of(**asked)
    torch.testing.assert_close(drawn, expected)
    everywhere = last_of(**asked | {"interval": ALL_TIMES})
    assert (drawn - everywhere).abs().max() > 0.05


def test_the_wider_network_is_guided_by_an_early_self_of_its_own():
    name = "fashion_mnist_large"
    large, early = (ddpm.load_checkpoint(each, "cpu") for each in (name, f"{name}_early"))
    *_, step = trajectory(large, Request(**GUIDED | {"model": "large", "steps": 2}))[1]
    same = {"sampler": "ddim", "steps": 2, "guide": early, "guidance": 1.5}
    torch.testing.assert_close(step.x, ddpm.sample(large, 2, **same))
    scale = models.KINDS["large"].guides["worse"].usual
    assert visibility.usual_way("large", "worse", 1, ALL_TIMES) == [scale, [*WORSE.times]]
    # to it from the pretrained model, and back
    assert visibility.usual("large", "worse", None, WORSE.usual)[1] == scale
    assert visibility.usual("shipped", "worse", None, scale)[1] == WORSE.usual


@pytest.mark.parametrize(
    ("interval", "says"),
    [((700, 200), "the lower first"), ((0, 1000), "from 0 to 999"), ((5,), "two whole numbers")],
)
def test_times_that_make_no_sense_are_refused_in_both_languages(interval, says):
    with pytest.raises(gr.Error, match=says) as refused:
        Request(**GUIDED, interval=interval)
    assert "两个整数" in refused.value.message


def test_times_are_shares_of_a_shorter_schedule():
    assert Request(**GUIDED, interval=[200, 999]).guided_times(50) == (10, 49)
    assert Request(**GUIDED).guided_times(50) is None


def test_it_is_offered_for_the_pretrained_models_alone(tmp_path):
    offered = {name: dict(visibility.guides_of(kind)) for name, kind in models.KINDS.items()}
    assert [name for name, each in offered.items() if "worse" in each.values()] == [
        "shipped",
        "large",
    ]
    plain = ddpm.load_checkpoint("fashion_mnist", "cpu")
    with pytest.raises(gr.Error, match="worse version of the pretrained one") as refused:
        trajectory(plain, Request(**GUIDED, model="trained"))
    assert "预训练模型的较差版本" in refused.value.message
    for model in ("trained", "student", "cascade"):
        *_, guided_by, _ = visibility.for_model(model, "ddim", 10, guided_by="worse")
        assert guided_by._constructor_args[0]["value"] == "labels"


def test_its_scale_and_times_are_those_that_were_tuned():
    everywhere, own = [*ALL_TIMES], [WORSE.usual, [*WORSE.times]]
    assert visibility.usual_way("shipped", "worse", 1, everywhere) == own
    assert visibility.usual_way("shipped", "labels", *own) == [1, everywhere]
    by_hand = visibility.usual_way("shipped", "worse", 4, everywhere)
    assert by_hand == [gr.skip()] * 2
    setting = models.SETTINGS["guidance"]
    assert round(WORSE.usual / setting.step, 6).is_integer()
    # from the pretrained model to one that it doesn't guide
    assert visibility.usual("trained", "worse", None, WORSE.usual)[1] == 1


def test_its_second_call_is_counted():
    plain, guided, alone = (
        compare.PACE.seconds(Request(**GUIDED | changes))
        for changes in ({"guidance": 1}, {}, {"guidance": 0})
    )
    assert guided == alone == pytest.approx(2 * plain)
    film, *_ = next(generate_tab.sample(VISITOR, None, **GUIDED))
    assert film["by_worse"] and film["doubled"] and not film["by_classifier"]
    assert "interval" not in film
    film, *_ = next(generate_tab.sample(VISITOR, None, **GUIDED | WITHIN))
    assert film["interval"] == (200, 700)


def test_the_handles_are_shown_where_guidance_acts():
    for given, shown in (
        (("draw", "shipped", "sampler", "none", 1), False),
        (("draw", "shipped", "sampler", "none", 1.15), True),
        (("draw", "shipped", "guidance", "none", 1), False),  # Compare is not open
        (("compare", "shipped", "guidance", "none", 1), True),
        (("compare", "shipped", "calls", "none", 2), False),
        (("draw", "student", "sampler", "none", 2), False),
        (("draw", "cascade", "sampler", "none", 2), False),
    ):
        assert visibility.show_interval(*given)["visible"] is shown, given
        view, model, axis, across, guidance = given
        arranged = visibility.arranged(view, model, "noise", axis, across, guidance)
        updates = dict(zip(visibility.SHOWN, arranged[-len(visibility.SHOWN) :], strict=True))
        assert updates["interval"]["visible"] is shown, given


def test_the_equation_and_the_code_are_of_autoguidance():
    _, guide, code = explain.explained("ddim", "worse", "shipped")
    assert guide._constructor_args[0]["visible"] and "def autoguided(" in code
    assert "classifier_guided" not in code
    _, guide, code = explain.explained("ddim", "worse", "trained")
    assert not guide._constructor_args[0]["visible"] and "autoguided" not in code


def test_compare_takes_scales_of_its_own_without_a_class():
    asked = Request(**GUIDED, interval=[0, 700])
    plan = axes.comparison(None, "guidance", "none", [], asked)
    assert [each.guidance for each in plan.everything] == [*WORSE.scales]
    assert compare._same(plan)["interval"] == (0, 700)
    plan = axes.comparison(None, "guided_by", "none", [], Request(**GUIDED | {"label": 7}))
    assert [each.guided_by for each in plan.everything] == list(GUIDES)
    json.dumps(compare.Board(plan, "").view("wait"))


def test_their_axis_is_shown_at_a_scale_where_each_acts():
    given = [("guided_by", "none", 1), ("sampler", "guided_by", 1), ("guided_by", "guidance", 1)]
    given += [("guided_by", "none", 1.3), ("sampler", "none", 1)]
    skip = gr.skip()
    assert [compare_view.needed_guidance(*each) for each in given] == [2, 2, skip, skip, skip]


def test_programs_that_pass_settings_by_position_mean_the_same():
    for takes in (run.FROM_NOISE, run.FROM_PICTURE, compare.TAKES):
        assert list(takes)[-1] == "interval"


@patch.dict(GUIDES)  # their order is put back too
def test_without_its_file_nothing_offers_it():
    del GUIDES["worse"]
    with pytest.raises(gr.Error, match="one of: labels, classifier"):
        Request(**GUIDED)
    shipped = visibility.guides_of(models.KINDS["shipped"])
    assert [name for _, name in shipped] == ["labels", "classifier"]


def test_pictures_of_each_guide_are_there():
    rows = guide_pictures.rows()
    assert {row["guided_by"] for row in rows} == {*GUIDES}
    assert len({row["picture"] for row in rows}) == len(rows) == 7
    assert guide_pictures.FILE.stat().st_size < 60_000
