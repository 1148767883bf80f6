"""The student on the page: what it draws, what it refuses, and how the tab offers it."""

from functools import partial

import gradio as gr
import pytest
import torch

import ddpm
from devtools import buttons
from devtools.visit import ASKED, VISITOR
from page.models.registry import Request, chosen, trajectory
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import axes, compare, compare_view
from page.texts import TEXTS

WAY = {"model": "student", "sampler": "consistency", "steps": 2}


def run(**changes):
    return generate_tab.sample(VISITOR, None, **{"model": "student"} | ASKED | changes)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_it_draws_what_the_core_draws(student, steps):
    drawn = buttons.last_of(student, **ASKED | WAY | {"steps": steps, "seed": 3})
    expected = ddpm.sample(student, 4, labels=7, steps=steps, seed=3)
    torch.testing.assert_close(drawn, expected)
    *_, (_, png, _) = run(**WAY | {"steps": steps})
    assert f"sneaker-consistency-{steps}-steps" in png.value["path"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sampler": "ddim"}, ("Sampler must be Consistency", "采样器必须是“一致性采样”", "DDIM")),
        ({"guidance": 2.0}, ("Guidance must be 1", "引导强度必须是 1", "2.0")),
        (
            {"guided_by": "classifier"},
            ("Guided by must be “The labels", "引导方式必须是“学过的类别", "分类器"),
        ),
        ({"schedule": "linear"}, ("Noise schedule must be Cosine", "必须是“余弦”", "线性")),
        ({"steps": 3}, ("must be 1, 2 or 4", "1、2 或 4", "3")),
        (
            {"sampler": "consistency", "model": "shipped"},  # others refuse its sampler
            ("Sampler can't be Consistency", "采样器不能是“一致性采样”", ""),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_it_does_not_do_is_refused_by_name_in_both_languages(student, changes, says):
    with pytest.raises(gr.Error) as refused:
        next(run(**WAY | changes))
    english, chinese = refused.value.message.split("<br>")
    assert says[0] in english and says[1] in chinese and says[2] in chinese
    assert english.startswith(TEXTS["generate_" + next(iter(changes))][0])  # shown at its field


def test_the_controls_offer_what_a_model_can_do(student):
    seen, (sampler, steps, *values, guided_by, _) = buttons.offered("student", "ddim", 10)
    assert not seen["guidance"] and not seen["schedule"] and values == [1, "cosine"]
    assert guided_by.value == "labels"
    assert [value for _, value in sampler.choices] == ["consistency"] == [sampler.value]
    assert steps.props["stops"] == [1, 2, 4] and steps.value == 2
    Request(model="student", sampler=sampler.value, steps=steps.value, guidance=values[0])

    seen, (sampler, steps, *_) = buttons.offered("shipped", "consistency", 2)
    assert seen["guidance"] and seen["schedule"] and not seen["words"]
    assert [value for _, value in sampler.choices] == list(ddpm.SAMPLERS)
    assert (sampler.value, steps.value) == ("dpm_solver", 10)
    _, (sampler, steps, *_) = buttons.offered("trained", "ddim", 7)
    assert "value" not in sampler._constructor_args[0] and "value" not in steps._constructor_args[0]


# ------------------------------------------------------------------ Compare

COMPARED = {"label": 7, "sampler": "ddim", "schedule": "linear", "guidance": 2.0, "seed": 5}
compared = partial(buttons.compared, COMPARED)


def test_one_call_to_a_thousand_from_one_noise(student, monkeypatch):
    """Each row is what its model draws in its own way, whatever the settings are."""
    first = next(compared("calls"))
    assert [(row["value"], row["model"], row["sampler"]) for row in first["rows"]] == [
        (1, "student", "consistency"), (2, "student", "consistency"),
        (10, "shipped", "dpm_solver"), (1000, "shipped", "ddpm"),
    ]  # fmt: skip
    assert first["total"] == 1013 and first["same"] == {
        "label": 7, "schedule": "cosine", "guidance": 1, "seed": 5,
    }  # fmt: skip
    few = {calls: axes.CALLS[calls] for calls in (1, 2, 10)}
    monkeypatch.setattr(axes, "CALLS", few)
    *_, last = compared("calls")
    asked = {name: COMPARED[name] for name in ("label", "seed")} | {"count": 8}
    for row, (calls, way) in zip(last["rows"], few.items(), strict=True):
        checkpoint = student if way["model"] == "student" else chosen(None, "shipped")
        x, steps = trajectory(checkpoint, Request(**asked, steps=calls, **way))
        *_, step = steps
        assert row["picture"] == compare.data_uri.grid_uri(step.x, 8)
        assert last["noise"]["picture"] == compare.data_uri.grid_uri(x, 8)
        assert row["calls"] == calls


def test_network_calls_are_compared_alone(student):
    with pytest.raises(gr.Error, match="“Nothing” from column"):
        next(compared("calls", "label"))
    asked = {name: COMPARED.get(name, each.default) for name, each in compare.SHARED.items()}
    plan = compare_view.planned(
        None, "noise", "", "calls", "none", list(axes.SCHEDULES.default), *asked.values()
    ).props["plan"]
    assert (plan["cells"], plan["calls"], plan["count"]) == (4, 1013, 8)
    assert "calls" not in axes.ACROSS.choices


def test_models_are_compared_each_in_its_own_way(student):
    first = next(compared("model", steps=3))
    assert [row["value"] for row in first["rows"]] == ["shipped", "student"]
    assert [row["steps"] for row in first["rows"]] == [3, 2]
    assert set(first["same"]) == {"label", "seed"}
    first = next(compared("model", **{name: WAY[name] for name in ("sampler", "steps")}))
    assert [row["steps"] for row in first["rows"]] == [10, 2]


def test_steps_of_the_student(student):
    first = next(compared("steps", **WAY | {"guidance": 1.0, "schedule": "cosine"}))
    assert [row["value"] for row in first["rows"]] == [1, 2, 4]


@pytest.mark.parametrize("axis", ["sampler", "schedule", "guidance"])
def test_what_the_student_has_no_choice_of_is_no_axis(student, axis):
    with pytest.raises(gr.Error, match="for this model"):
        next(compared(axis, **WAY | {"guidance": 1.0, "schedule": "cosine"}))
