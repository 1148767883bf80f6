"""What can guide, besides labels: a classifier of noisy pictures, or a worse model; and the times
at which any guide acts."""

import json
from functools import partial
from unittest.mock import patch

import gradio as gr
import pytest
import torch

import ddpm
from ddpm.config import Config, DiffusionConfig, UnetConfig
from ddpm.evaluation.frechet import features_and_logits, load_classifier
from devtools import buttons
from devtools.buttons import last_of
from devtools.tiny_models import save_network
from devtools.visit import ASKED, VISITOR, in_both_languages
from page.compute.interface import FIRST
from page.models import registry as models
from page.models.guides import GUIDES
from page.models.registry import Request, trajectory
from page.models.request import ALL_TIMES
from page.tabs.generate import explain, run
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import axes, compare, compare_view
from page.tabs.generate.compare.time_estimate import PACE
from page.tabs.generate.controls import visibility
from page.tabs.generate.guide_pictures import guide_pictures
from page.texts import TEXTS

WORSE = GUIDES["worse"]
BY_CLASSIFIER = {"guided_by": "classifier", "guidance": 4.0}
BY_WORSE = {"label": -1, "guided_by": "worse", "guidance": 1.5}
GUIDED = ASKED | {"count": 2, "steps": 3} | BY_WORSE
WITHIN = {"interval": [200, 700]}
ARGUMENTS = {
    "labels": {},
    "classifier": {"classifier": "noisy_classifier"},
    "worse": {"guide": "fashion_mnist_minute"},
}
compared = partial(buttons.compared, {"label": 7, "sampler": "ddim", "guidance": 4.0, "seed": 5})


@pytest.fixture
def trained(tmp_path):
    """`trained(**unet)`: the file of a tiny model."""

    def save(**unet) -> str:
        config = Config(UnetConfig(dim=8, **unet), DiffusionConfig(T=50))
        return str(save_network(tmp_path / "mine.safetensors", config))

    return save


@pytest.fixture
def in_float32(monkeypatch):
    """As on a processor without bfloat16."""
    monkeypatch.setattr("page.models.guides.faster", lambda checkpoint: checkpoint)
    monkeypatch.setattr("page.models.guides._loaded", lambda load, *where: load(*where))


@pytest.mark.parametrize("guide", ARGUMENTS)
@pytest.mark.parametrize("schedule", ["cosine", "linear"])
@pytest.mark.usefixtures("in_float32")
def test_each_draws_what_the_core_draws(guide, schedule):
    """At all times and within some."""
    system, drawn = ddpm.load_checkpoint("fashion_mnist", "cpu"), []
    label = {"label": 7} if guide != "worse" else {}
    asked = GUIDED | {"guided_by": guide, "schedule": schedule, "guidance": 3.0, **label}
    for times, interval in ((ALL_TIMES, None), ([200, 700], (200, 700))):
        drawn.append(last_of(system, **asked | {"interval": times}))
        expected = ddpm.sample(
            system, 2, labels=label.get("label"), guidance=3.0, interval=interval, sampler="ddim",
            steps=3, schedule=ddpm.Schedule.named(schedule, 1000), **ARGUMENTS[guide],
        )  # fmt: skip
        torch.testing.assert_close(drawn[-1], expected)
    assert (drawn[1] - drawn[0]).abs().max() > 0.05


def test_the_unconditional_network_draws_what_is_asked():
    """Seen by another classifier, which never saw noise. Scale 0 asks for nothing."""
    judge = load_classifier(FIRST.with_name("classifier.safetensors"))
    found = {}
    for scale in (0.0, 8.0):
        asked = {"label": 8, "count": 16, "guided_by": "classifier", "guidance": scale}
        drawn = ddpm.to_uint8(last_of(models.chosen(None, "shipped"), **asked).cpu())
        found[scale] = int((features_and_logits(drawn, judge)[1].argmax(1) == 8).sum())
    assert found[0.0] <= 6 and found[8.0] >= 14


def test_a_model_without_classes_draws_what_the_classifier_asks_for(trained, warned):
    file = trained(num_classes=None)
    *_, (_, png, _) = generate_tab.sample(VISITOR, file, "trained", **ASKED | BY_CLASSIFIER)
    assert "sneaker-ddim-5-steps" in png.value["path"] and warned == []
    asked = ASKED | BY_CLASSIFIER | {"guidance": 10.0}
    one, other = (last_of(models.chosen(file, "trained"), **asked | {"label": k}) for k in (1, 9))
    assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.usefixtures("in_float32")
def test_the_wider_network_is_guided_by_an_early_self_of_its_own():
    name = "fashion_mnist_large"
    large, early = (ddpm.load_checkpoint(each, "cpu") for each in (name, f"{name}_early"))
    *_, step = trajectory(large, Request(**GUIDED | {"model": "large", "steps": 2}))[1]
    same = {"sampler": "ddim", "steps": 2, "guide": early, "guidance": 1.5}
    torch.testing.assert_close(step.x, ddpm.sample(large, 2, **same))
    scale = models.KINDS["large"].guides["worse"].usual
    assert visibility.usual_way("large", "worse", 1, ALL_TIMES) == [scale, [*WORSE.times]]
    # to it from the pretrained model, and back
    for model, before, own in (("large", WORSE.usual, scale), ("shipped", scale, WORSE.usual)):
        assert visibility.usual(model, "worse", 10, before, [*WORSE.times], "dynamic") == [
            gr.skip(), own, gr.skip(), gr.skip()
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (BY_CLASSIFIER | {"label": -1}, "choose one under “What to draw”.*请在“画什么”中选择"),
        ({"guided_by": "words"}, "one of: labels, classifier"),
        ({"guidance": 20.5}, "from 0 to 20"),
        ({"interval": (700, 200)}, "the lower first"),
        ({"interval": (0, 1000)}, "from 0 to 999"),
        ({"interval": (5,)}, "two whole numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_in_both_languages(changes, says):
    with pytest.raises(gr.Error, match=says) as refused:
        next(generate_tab.sample(VISITOR, None, **ASKED | changes))
    assert in_both_languages(refused.value.message)


@pytest.mark.parametrize(
    ("unet", "size"), [({"channels": 3}, "28 × 28 × 3"), ({"image_size": 32}, "32 × 32 × 1")]
)
def test_pictures_that_the_classifier_does_not_know_are_refused_in_words(trained, unet, size):
    with pytest.raises(gr.Error) as refused:
        next(generate_tab.sample(VISITOR, trained(**unet), "trained", **ASKED | BY_CLASSIFIER))
    for sentence in refused.value.message.split("<br>"):
        assert size in sentence


def test_times_are_shares_of_a_shorter_schedule():
    assert Request(**GUIDED, interval=[200, 999]).guided_times(50) == (10, 49)
    assert Request(**GUIDED).guided_times(50) is None


def test_it_is_offered_for_the_pretrained_models_alone():
    offered = {name: dict(visibility.guides_of(kind)) for name, kind in models.KINDS.items()}
    have = [name for name in offered if "worse" in offered[name].values()]
    assert have == ["taught", "shipped", "large"]
    plain = ddpm.load_checkpoint("fashion_mnist", "cpu")
    with pytest.raises(gr.Error, match="worse version of the pretrained one") as refused:
        trajectory(plain, Request(**GUIDED, model="trained"))
    assert "预训练模型的较差版本" in refused.value.message
    for model in ("trained", "student", "cascade"):
        *_, guided_by, _ = visibility.for_model(model, "ddim", 10, guided_by="worse")
        assert guided_by._constructor_args[0]["value"] == "labels"


@pytest.mark.parametrize(
    ("model", "guide", "says"),
    [
        ("emoji", "worse", "worse version"),
        ("emoji", "classifier", "Guided by"),
        ("student", "worse", "distilled"),
    ],
)
def test_a_guide_that_a_model_does_not_have_is_refused_in_words(model, guide, says):
    """While the page has not yet chosen another."""
    asked = Request(**GUIDED | {"model": model, "guided_by": guide, "label": 1})
    with pytest.raises(gr.Error, match=says):
        axes.comparison(None, "guidance", "none", [], asked)
    with pytest.raises(gr.Error, match=says):
        asked.kind.program(asked, models.chosen(None, model), None)
    assert visibility.usual_way(model, guide, 1, ALL_TIMES) == [gr.skip()] * 2


def test_its_scale_and_times_are_those_that_were_tuned():
    everywhere, own = [*ALL_TIMES], [WORSE.usual, [*WORSE.times]]
    assert visibility.usual_way("shipped", "worse", 1, everywhere) == own
    assert visibility.usual_way("shipped", "labels", *own) == [1, everywhere]
    by_hand = visibility.usual_way("shipped", "worse", 4, everywhere)
    assert by_hand == [gr.skip()] * 2
    setting = models.SETTINGS["guidance"]
    assert round(WORSE.usual / setting.step, 6).is_integer()
    # from the pretrained model to one that it doesn't guide
    found = visibility.usual("trained", "worse", None, WORSE.usual, [*WORSE.times], "dynamic")
    assert found[1:3] == [1, everywhere]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, set()),
        ({"guidance": 2}, {"doubled"}),
        ({"guidance": 2, "label": -1}, set()),
        (BY_CLASSIFIER, {"doubled", "by_classifier"}),
        (BY_CLASSIFIER | {"guidance": 1}, {"doubled", "by_classifier"}),
        (BY_WORSE, {"doubled", "by_worse"}),
        (BY_WORSE | {"guidance": 0}, {"doubled", "by_worse"}),
        (BY_WORSE | {"guidance": 1}, {"by_worse"}),
        (BY_WORSE | WITHIN, {"doubled", "by_worse", "interval"}),
    ],
)
def test_a_guided_call_counts_for_two_whatever_guides_it(changes, said):
    film, *_ = next(generate_tab.sample(VISITOR, None, **ASKED | changes))
    facts = ("doubled", "by_classifier", "by_worse", "interval")
    assert {name for name in facts if film.get(name)} == said
    plain, guided = (PACE.seconds(Request(**ASKED | each)) for each in ({}, changes))
    assert guided == pytest.approx((2 if "doubled" in said else 1) * plain)


def test_the_handles_are_shown_where_guidance_acts():
    for given, shown in (
        (("draw", "shipped", "sampler", "none", 1), False),
        (("draw", "shipped", "sampler", "none", 1.15), True),
        (("draw", "shipped", "guidance", "none", 1), False),  # Compare is not open
        (("compare", "shipped", "guidance", "none", 1), True),
        (("compare", "shipped", "calls", "none", 2), False),
        (("draw", "student", "sampler", "none", 2), False),
        (("draw", "cascade", "sampler", "none", 2), True),
        (("draw", "unclip", "sampler", "none", 2), True),
    ):
        view, model, axis, across, guidance = given
        given = view, model, "noise", axis, across, guidance
        assert visibility.interval_of(*given)["visible"] is shown, given
        assert buttons.shown(*given)["interval"] is shown, given
    # its pictures from a pair are not guided
    given = "draw", "unclip", "sketch", "sampler", "none", 2
    assert not visibility.interval_of(*given)["visible"]


def test_the_equation_and_the_code_follow_the_guide():
    for guided_by, model, own in (
        ("classifier", "shipped", {"classifier_guided", "label_gradient"}),
        ("labels", "shipped", set()),
        ("worse", "shipped", {"autoguided"}),
        ("worse", "trained", set()),
    ):
        step, guide, code = explain.explained("ddim", guided_by, model)
        assert step.key == "generate_equation_ddim"
        assert guide._constructor_args[0]["visible"] == bool(own)
        named = "ddim", "classifier_guided", "label_gradient", "autoguided"
        assert {name for name in named if f"def {name}(" in code} == own | {"ddim"}
    for formula in TEXTS["generate_equation_by_classifier"]:
        assert r"\sqrt{1-\bar\alpha_t}\;s\,\nabla_{x_t} \log p(y \mid x_t)" in formula
    with pytest.raises(gr.Error, match="one of: labels"):
        explain.explained("ddim", "words", "shipped")


@pytest.mark.parametrize("left", [["labels", "classifier"], ["labels"]])
def test_without_its_file_nothing_offers_it(left):
    with patch.dict(GUIDES):  # their order is put back too
        for guide in GUIDES.keys() - {*left}:
            del GUIDES[guide]
        with pytest.raises(gr.Error, match=f"one of: {', '.join(left)}"):
            Request(**GUIDED)
        assert [name for _, name in visibility.guides_of(models.KINDS["shipped"])] == left
        for view in ("draw", "compare"):
            seen = buttons.shown(view, "shipped", "noise", "sampler", "none")
            assert seen["guided_by"] == (len(left) > 1)


def test_pictures_of_each_guide_are_there():
    rows = guide_pictures.rows()
    assert {row["guided_by"] for row in rows} == {*GUIDES}
    assert len({row["picture"] for row in rows}) == len(rows) == 7
    assert guide_pictures.FILE.stat().st_size < 60_000


# ------------------------------------------------------------------ Compare


def test_all_stand_side_by_side():
    *_, last = compared("guided_by", "guidance")
    assert [row["value"] for row in last["rows"]] == ["labels", "classifier", "worse"]
    for row in last["rows"]:
        assert [cell["value"] for cell in row["cells"]] == axes.AXES["guidance"]
    by_labels, by_classifier, by_worse = (
        [c["picture"] for c in row["cells"]] for row in last["rows"]
    )
    assert by_labels[0] == by_classifier[0]  # scale 0: neither says anything
    assert not {*by_labels[1:]} & {*by_classifier[1:]}
    assert by_worse[0] != by_labels[0] and by_worse[1] == by_labels[1]  # 1: as learned


def test_an_old_call_still_draws_by_labels():
    """Positional, without the newest arguments; what all share is as before."""
    old = ("sampler", 7, "ddim", 2, "cosine", 4.0, 5, "shipped", "none", list(ddpm.SCHEDULES))
    first = next(compare.compare(VISITOR, None, False, *old))
    assert list(first["same"]) == ["model", "label", "steps", "schedule", "guidance", "seed"]
    by_classifier = next(compared("sampler", guided_by="classifier"))
    assert by_classifier["same"] == first["same"] | {"guided_by": "classifier"}


def test_a_class_is_needed_and_chosen():
    with pytest.raises(gr.Error, match="choose one under “What to draw”"):
        next(compared("guided_by", label=-1))
    with pytest.raises(gr.Error, match="choose one under “What to draw”"):
        next(compared("steps", label=-1, guided_by="classifier"))
    assert compare_view.needed_class("guided_by", "none", -1, "shipped") == 7
    first = next(compared("label", label=-1, guided_by="classifier"))
    assert [row["value"] for row in first["rows"]] == list(range(10))


def test_a_network_without_classes_is_compared_with_the_classifier_alone(trained):
    own = {"trained": trained(num_classes=None), "model": "trained"}
    with pytest.raises(gr.Error, match="without classes"):
        next(compared("guided_by", **own))
    *_, last = compared("guidance", guided_by="classifier", **own)
    assert len({row["picture"] for row in last["rows"]}) > 1


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
