"""Compare without a browser: what a row contains, how rows arrive, what is refused."""

import time
from functools import partial

import gradio as gr
import numpy as np
import pytest
import torch

import ddpm
from ddpm.config import Config, DiffusionConfig, UnetConfig
from devtools import buttons
from devtools.buttons import last_of, pixels
from devtools.tiny_models import SMALL, save_network
from devtools.visit import VISITOR
from page.models import registry as models
from page.models.registry import Request
from page.tabs.generate.compare import axes, compare, compare_view
from page.tabs.generate.compare.time_estimate import Pace

pytestmark = pytest.mark.usefixtures("without_student")  # whose rows are in test_student.py

ASKED = {"label": 7, "sampler": "ddim", "steps": 2, "guidance": 1.0, "seed": 5}

compared = partial(buttons.compared, ASKED)


def grid(x, nrow=8):
    return ddpm.to_uint8(ddpm.make_grid(x.cpu(), nrow)[0]).numpy().astype(int)


def drawn(**asked):
    return last_of(models.chosen(None, "shipped"), **ASKED | asked)


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        ("sampler", list(ddpm.SAMPLERS)),
        ("steps", [2, 3]),  # more steps would only take longer
        ("schedule", list(ddpm.SCHEDULES)),
        ("guidance", [0, 1, 2, 4, 8]),
        ("label", [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_a_row_is_what_generate_draws_from_that_noise(monkeypatch, axis, values):
    """All rows start from the same x_T and differ only in the value of the axis."""
    monkeypatch.setitem(axes.AXES, "steps", [2, 3])
    *_, last = compared(axis)
    assert [row["value"] for row in last["rows"]] == values
    seeds = [torch.Generator().manual_seed(5 + k) for k in range(8)]
    x = ddpm.randn_like(torch.empty(8, 1, 28, 28), seeds)
    assert (pixels(last["noise"]["picture"]) == grid(x)).all()
    for row in last["rows"]:
        x = drawn(count=8, **{axis: row["value"]})
        # one grey level: with two threads, sums may round differently
        assert np.abs(pixels(row["picture"]) - grid(x)).max() <= 1, row["value"]
        assert row["calls"] == row["steps"] and row["seconds"] > 0


def test_the_axis_of_schedules_takes_those_that_are_chosen():
    """Also drawn ones, and one whose last step sampling leaves out."""
    chosen = ["edm", "drawn~0_12~0.4_1.5~1_-9", "linear~zero_terminal", "edm"]
    *_, last = compared("schedule", schedules=chosen)
    assert [row["value"] for row in last["rows"]] == chosen[:3]
    for row in last["rows"]:
        x = drawn(count=8, schedule=row["value"])
        assert np.abs(pixels(row["picture"]) - grid(x)).max() <= 1, row["value"]
    *_, last = compared("sampler", schedules=[])  # which then don't matter
    assert len(last["rows"]) == len(ddpm.SAMPLERS)


def test_a_schedule_drawn_for_the_tab_joins_the_axis():
    drawn = "drawn~0_12~1_-9"
    shown = compare_view.offered_schedules("sampler", "schedule", drawn)
    assert shown["visible"] and shown["choices"][-1][1] == drawn
    assert compare_view.with_drawn(drawn, ["edm"]) == ["edm", drawn]
    hidden = compare_view.offered_schedules("sampler", "none", "cosine")
    assert not hidden["visible"] and "value" not in hidden  # the choice stays
    for schedule, chosen in (("cosine", ["edm"]), (drawn, [drawn])):
        assert compare_view.with_drawn(schedule, chosen) == gr.skip()


def test_rows_are_named_at_once_and_fill_from_the_top(monkeypatch):
    monkeypatch.setattr(compare, "FRAME_S", 0.0)
    calls, count = [], len(ddpm.SAMPLERS)
    for shown in compared("sampler", steps=3):
        assert [row["value"] for row in shown["rows"]] == list(ddpm.SAMPLERS)
        assert shown["total"] == 3 * count
        assert all(bool(row["picture"]) == (row["calls"] > 0) for row in shown["rows"])
        calls.append([row["calls"] for row in shown["rows"]])
    everything = [[0] * count]
    everything += [[3] * k + [n] + [0] * (count - 1 - k) for k in range(count) for n in (1, 2, 3)]
    assert calls == [*everything, [3] * count]


def test_updates_name_the_shared_settings_and_the_state():
    states = []
    for shown in compared("label", steps=1):
        assert list(shown["same"].items()) == [
            ("model", "shipped"), ("sampler", "ddim"), ("steps", 1), ("schedule", "cosine"),
            ("guidance", 1.0), ("seed", 5),
        ]  # fmt: skip
        states.append(shown["note"]["state"])
    assert (states[0], set(states[1:-1]), states[-1]) == ("wait", {"now"}, "done")


def test_the_time_of_a_row_excludes_its_consumer(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])

    def sampler():
        for i in range(3):
            clock[0] += 1
            yield ddpm.Step(i, 0, torch.zeros(1), torch.zeros(1))

    seen = []
    for _, seconds in compare._timed(sampler()):
        seen.append(seconds)
        clock[0] += 100
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"axis": "seed"}, "sampler, steps, schedule, guidance, label"),
        ({"steps": 101}, "from 1 to 100"),
        ({"across": "seed"}, "none, sampler, steps"),
        ({"across": "sampler"}, "change the same setting"),
        ({"axis": "label", "across": "schedule", "steps": 40}, "network calls; the limit is 1500"),
        ({"axis": "model"}, "only one model"),
        ({"axis": "schedule", "schedules": []}, "at least one schedule"),
        ({"axis": "schedule", "schedules": ["drawn~0_12~1_x"]}, "linear, quadratic"),
        ({"axis": "guidance", "label": -1}, "choose one under “What to draw”"),
    ],
)
def test_bad_requests_are_refused_with_the_range(changes, says):
    with pytest.raises(gr.Error, match=says) as error:
        next(compared(**{"axis": "sampler"} | changes))
    assert not error.value.message.startswith("'")  # not the str() of another gr.Error


def test_a_flag_is_true_or_false():
    with pytest.raises(gr.Error, match="true or false"):
        next(compare.compare(VISITOR, None, "x" * 100_000, "sampler"))


def test_time_up_during_the_last_call_is_not_reported(monkeypatch):
    """As nothing is missing."""
    calls, rows = [], len(ddpm.SAMPLERS)

    def over(turn):
        calls.append(turn)
        return len(calls) == 2 * rows  # each of two steps

    monkeypatch.setattr(compare.run_queue.Turn, "is_over", property(over))
    *_, last = compared("sampler")
    assert len(calls) == 2 * rows and [row["calls"] for row in last["rows"]] == [2] * rows
    assert (last["note"]["state"], last["note"]["cells"]) == ("done", rows)


def test_the_steps_slider_is_ignored_if_steps_are_the_axis():
    rows = next(compared("steps", steps=1000))["rows"]
    assert [row["value"] for row in rows] == [2, 3, 5, 10, 20, 50]


def test_a_model_of_few_steps_has_fewer_rows(tmp_path):
    config = Config(UnetConfig(**SMALL), DiffusionConfig(T=12))
    own = {"trained": str(save_network(tmp_path / "mine.safetensors", config)), "model": "trained"}
    *_, last = compared("steps", **own)
    assert [row["calls"] for row in last["rows"]] == [2, 3, 5, 10]
    with pytest.raises(gr.Error, match="from 1 to 12"):
        next(compared("sampler", steps=13, **own))


def test_trained_here_needs_a_trained_model():
    with pytest.raises(gr.Error, match="not trained a model yet"):
        next(compare.compare(VISITOR, None, True, "sampler"))


@pytest.mark.parametrize(("axis", "across"), [("steps", "sampler"), ("guidance", "label")])
def test_a_cell_is_what_generate_draws_from_that_noise(monkeypatch, axis, across):
    """The same four noises under every pair of values; guidance has no cell without a class."""
    monkeypatch.setitem(axes.AXES, "steps", [1, 2])
    monkeypatch.setitem(axes.AXES, "guidance", [1, 4])
    monkeypatch.setitem(axes.AXES, "label", [-1, 3, 8])
    *_, last = compared(axis, across, label=-1)
    assert [row["value"] for row in last["rows"]] == axes.AXES[axis]
    assert last["calls"] == last["total"]
    for row in last["rows"]:
        expected = [value for value in axes.AXES[across] if value != -1]
        assert [cell["value"] for cell in row["cells"]] == expected
        for cell in row["cells"]:
            changes = {"label": -1, axis: row["value"], across: cell["value"]}
            x = drawn(count=4, **changes)
            assert np.abs(pixels(cell["picture"]) - grid(x, 2)).max() <= 1


def test_models_are_compared_from_the_same_noise(tmp_path):
    *_, last = compared("model", trained=str(save_network(tmp_path / "mine.safetensors")))
    assert [row["value"] for row in last["rows"]] == ["shipped", "trained"]
    first, second = (pixels(row["picture"]) for row in last["rows"])
    assert (first != second).any() and "model" not in last["same"]


def test_a_plan_says_what_the_click_would_do():
    asked = {name: ASKED.get(name, each.default) for name, each in compare.SHARED.items()}
    every = list(ddpm.SCHEDULES)
    plan = compare_view.planned(
        None, "noise", "", "steps", "sampler", every, *asked.values()
    ).props["plan"]
    first = next(compared("steps", "sampler"))
    cells = sum(len(row["cells"]) for row in first["rows"])
    assert (plan["cells"], plan["calls"], plan["count"]) == (cells, first["total"], 4)
    assert plan["seconds"] >= 1
    asked["label"] = -1
    refused = compare_view.planned(None, "noise", "", "guidance", "none", every, *asked.values())
    assert refused.props["plan"] == {"refused": "needs_class"}
    refused = compare_view.planned(None, "noise", "", "schedule", "none", [], *asked.values())
    assert refused.props["plan"] == {"refused": "no_schedule"}
    assert compare_view.needed_class("steps", "guidance", -1, "shipped") == 7
    assert not isinstance(compare_view.needed_class("label", "guidance", -1, "shipped"), int)


def test_the_pace_is_learned():
    pace, request = Pace(), Request(count=8, steps=10, guidance=1)
    for _ in range(40):
        pace.took(request, 16.0)
    assert pace.seconds(request) == pytest.approx(16.0, rel=0.01)
