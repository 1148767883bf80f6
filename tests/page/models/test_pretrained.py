"""A classifier of noisy pictures as the guide: what is drawn, refused, explained and compared."""

from __future__ import annotations

from unittest.mock import patch

import gradio as gr
import pytest
import torch

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config, DiffusionConfig, UnetConfig
from ddpm.evaluation.frechet import features_and_logits, load_classifier
from devtools.visit import ASKED, VISITOR
from page.compute.interface import SHIPPED
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.models.request import GUIDES
from page.tabs.generate import explain
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import axes, compare, compare_view
from page.tabs.generate.controls import visibility
from page.texts import TEXTS

GUIDED = ASKED | {"guided_by": "classifier", "guidance": 4.0}


@pytest.fixture
def trained(tmp_path):
    """`trained(**unet)`: the file of a tiny model."""

    def save(**unet) -> str:
        config = Config(UnetConfig(dim=8, **unet), DiffusionConfig(T=50))
        ddpm.save_checkpoint(tmp_path / "mine.safetensors", ckpt.build_network(config), config)
        return str(tmp_path / "mine.safetensors")

    return save


def last_of(model: ddpm.Checkpoint, **asked) -> torch.Tensor:
    *_, step = trajectory(model, Request(**asked))[1]
    return step.x


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_it_draws_what_the_core_draws(schedule):
    model = models.chosen(None, "shipped")
    drawn = last_of(model, **GUIDED | {"schedule": schedule})
    expected = ddpm.sample(
        model, 4, labels=7, classifier=ddpm.NoisyClassifier.load(), guidance=4.0, sampler="ddim",
        steps=5, schedule=ddpm.Schedule.named(schedule, 1000),
    )  # fmt: skip
    torch.testing.assert_close(drawn, expected)


def test_the_unconditional_network_draws_what_is_asked():
    """Seen by another classifier, which never saw noise. Scale 0 asks for nothing."""
    judge = load_classifier(SHIPPED.with_name("classifier.safetensors"))
    found = {}
    for scale in (0.0, 8.0):
        asked = {"label": 8, "count": 16, "guided_by": "classifier", "guidance": scale}
        drawn = ddpm.to_uint8(last_of(models.chosen(None, "shipped"), **asked).cpu())
        found[scale] = int((features_and_logits(drawn, judge)[1].argmax(1) == 8).sum())
    assert found[0.0] <= 6 and found[8.0] >= 14


def test_a_model_without_classes_draws_what_the_classifier_asks_for(trained, monkeypatch):
    warnings = []
    monkeypatch.setattr(gr, "Warning", warnings.append)
    file = trained(num_classes=None)
    *_, (_, png, _) = generate_tab.sample(VISITOR, file, "trained", **GUIDED)
    assert "sneaker-ddim-5-steps" in png.value["path"] and warnings == []
    asked = {**GUIDED, "label": 1, "guidance": 10.0}
    one, other = (last_of(models.chosen(file, "trained"), **asked | {"label": k}) for k in (1, 9))
    assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"label": -1}, ("choose one under “What to draw”", "请在“画什么”中选择")),
        ({"guided_by": "words"}, ("one of: labels, classifier", "labels, classifier")),
        ({"guidance": 20.5}, ("from 0 to 20", "0 到 20")),
    ],
    ids=["anything", "unknown", "scale"],
)
def test_what_makes_no_sense_is_refused_in_both_languages(changes, says):
    with pytest.raises(gr.Error) as refused:
        next(generate_tab.sample(VISITOR, None, **GUIDED | changes))
    english, chinese = refused.value.message.split("<br>")
    assert says[0] in english and says[1] in chinese


@pytest.mark.parametrize(
    ("unet", "size"), [({"channels": 3}, "28 × 28 × 3"), ({"image_size": 32}, "32 × 32 × 1")]
)
def test_pictures_that_the_classifier_does_not_know_are_refused_in_words(trained, unet, size):
    with pytest.raises(gr.Error) as refused:
        next(generate_tab.sample(VISITOR, trained(**unet), "trained", **GUIDED))
    for sentence in refused.value.message.split("<br>"):
        assert size in sentence


def test_the_film_says_that_a_gradient_was_taken():
    film, *_ = next(generate_tab.sample(VISITOR, None, **GUIDED))
    assert film["by_classifier"] and film["doubled"]
    film, *_ = next(generate_tab.sample(VISITOR, None, **ASKED))
    assert not film["by_classifier"] and not film["doubled"]


def test_the_equation_and_the_code_follow_the_guide():
    step, guide, code = explain.explained("ddim", "classifier", "shipped")
    assert step.key == "generate_equation_ddim" and guide._constructor_args[0]["visible"]
    for name in ("ddim", "classifier_guided", "label_gradient"):
        assert f"def {name}(" in code
    _, guide, code = explain.explained("ddim", "labels", "shipped")
    assert not guide._constructor_args[0]["visible"] and "classifier_guided" not in code
    for formula in TEXTS["generate_equation_by_classifier"]:
        assert r"\sqrt{1-\bar\alpha_t}\;s\,\nabla_{x_t} \log p(y \mid x_t)" in formula
    with pytest.raises(gr.Error, match="one of: labels"):
        explain.explained("ddim", "words", "shipped")


# ------------------------------------------------------------------ Compare

COMPARED = dict(
    axis="guided_by", label=7, sampler="ddim", steps=2, schedule="cosine", guidance=4.0, seed=5,
    model="shipped", across="none", schedules=list(ddpm.SCHEDULES), guided_by="labels",
)  # fmt: skip


def compared(trained=None, **changes):
    return compare.compare(VISITOR, trained, False, *(COMPARED | changes).values())


def test_all_stand_side_by_side():
    *_, last = compared(across="guidance", axis="guided_by")
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
    *old, _ = (COMPARED | {"axis": "sampler"}).values()
    first = next(compare.compare(VISITOR, None, False, *old))
    assert list(first["same"]) == ["model", "label", "steps", "schedule", "guidance", "seed"]
    by_classifier = next(compared(axis="sampler", guided_by="classifier"))
    assert by_classifier["same"] == first["same"] | {"guided_by": "classifier"}


def test_a_class_is_needed_and_chosen():
    with pytest.raises(gr.Error, match="choose one under “What to draw”"):
        next(compared(label=-1))
    with pytest.raises(gr.Error, match="choose one under “What to draw”"):
        next(compared(axis="steps", label=-1, guided_by="classifier"))
    assert compare_view.needed_class("guided_by", "none", -1, "shipped") == 7
    first = next(compared(axis="label", label=-1, guided_by="classifier"))
    assert [row["value"] for row in first["rows"]] == list(range(10))


def test_a_network_without_classes_is_compared_with_the_classifier_alone(trained):
    file = trained(num_classes=None)
    with pytest.raises(gr.Error, match="without classes"):
        next(compared(file, model="trained"))
    *_, last = compared(file, model="trained", axis="guidance", guided_by="classifier")
    assert len({row["picture"] for row in last["rows"]}) > 1


def test_the_gradient_is_in_the_estimate():
    """A call of a guided network counts for two, whatever guides it."""
    plain, by_labels, by_classifier = (
        compare.PACE.seconds(Request(label=7, **changes))
        for changes in ({}, {"guidance": 2}, {"guidance": 1, "guided_by": "classifier"})
    )
    assert by_labels == by_classifier == pytest.approx(2 * plain)


@patch.dict(GUIDES)  # their order is put back too
def test_without_its_file_nothing_offers_it():
    for guide in ("classifier", "worse"):
        del GUIDES[guide]
    with pytest.raises(gr.Error, match="one of: labels"):
        Request(guided_by="classifier")
    for view in ("draw", "compare"):
        updates = visibility.arranged(view, "shipped", "noise", "sampler", "none")
        updates = updates[-len(visibility.SHOWN) :]
        assert not dict(zip(visibility.SHOWN, updates, strict=True))["guided_by"]["visible"]
