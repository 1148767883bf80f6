"""Figures made of lines, against closed forms and against what they were drawn from."""

import json
import math

import numpy as np
import pytest

import ddpm
from ddpm import figures
from ddpm.figures.curves import WINDOW_DB, step_density
from ddpm.figures.style import DASHES, MARKS, line_style
from ddpm.sampling.samplers import BEST_SPACING
from devtools import ROOT

DB = 10 / math.log(10)


def test_the_density_of_the_plain_cosine_is_its_closed_form():
    """u(λ) = 2/π atan(exp(-λ/2)), so the share of the steps between two log-SNR is a difference."""
    schedule = ddpm.Schedule.from_log_snr(lambda u: -2 * (math.pi * u / 2).tan().log(), 1000)
    decibels = np.arange(-40, 41, 5)
    low, high = (decibels - WINDOW_DB / 2) / DB, (decibels + WINDOW_DB / 2) / DB
    u = [2 / math.pi * np.arctan(np.exp(-edge / 2)) for edge in (low, high)]
    expected = 100 * (u[0] - u[1]) / WINDOW_DB
    assert step_density(schedule, decibels) == pytest.approx(expected, rel=0.01)


def test_every_schedule_has_a_line_in_three_plots_that_ends_where_it_does():
    chosen = {name: ddpm.Schedule.named(name, 100) for name in ddpm.SCHEDULES}
    chosen["zero"] = ddpm.zero_terminal_snr(chosen["linear"])
    signal, snr, density = figures.schedules(chosen).axes
    for k, schedule in enumerate(chosen.values()):
        assert signal.lines[k].get_ydata()[-1] == schedule.exact_alphas_cumprod[-1]
        assert snr.lines[k].get_ydata()[0] == pytest.approx(DB * schedule.log_snr[0].item())
        assert np.isfinite(density.lines[k].get_ydata()).all()


def test_lines_differ_in_grey_print():
    """By their dashes or marks, as many as there are schedules, and one drawn."""
    styles = [line_style(k) for k in range(len(ddpm.SCHEDULES) + 1)]
    without_colour = {(DASHES.index(s["linestyle"]), s["marker"]) for s in styles}
    assert len(without_colour) == len(styles)
    assert len({s["marker"] for s in styles[: len(MARKS)]}) == len(MARKS)


def test_a_loss_curve_is_read_from_a_run(tmp_path):
    lines = [json.dumps({"step": k + 1, "loss": loss}) for k, loss in enumerate([4.0, 0.0, 0.0])]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))
    curve = figures.LossCurve.read(tmp_path)
    assert list(curve.steps) == [1, 2, 3] and list(curve.losses) == [4, 0, 0]
    assert curve.smooth == pytest.approx([4, 4 * 0.2, 4 * 0.2 / 3])
    (axes,) = figures.losses({"a": curve, "b": curve}, logarithmic=True).axes
    assert [line.get_label() for line in axes.lines] == ["a", "b"]
    (alone,) = figures.losses({"a": curve}).axes
    assert len(alone.lines) == 2  # every step, and the smooth line


@pytest.mark.parametrize("text", ["no json", '{"step": 1}', "[1]", '{"loss": null}'])
def test_what_is_no_log_is_said(tmp_path, text):
    (tmp_path / "log.jsonl").write_text(text)
    with pytest.raises(ValueError, match="not the log of a training run"):
        figures.LossCurve.read(tmp_path)


def test_quality_has_the_means_of_the_measured_rows():
    file = ROOT / "benchmarks/samplers.json"
    lines = figures.read_quality(file)
    assert set(lines) == set(ddpm.SAMPLERS)
    wanted = {"sampler": "ddim", "calls": 20, "n": 5000, "spacing": BEST_SPACING["ddim"]}
    rows = [row for row in json.loads(file.read_text()) if wanted.items() <= row.items()]
    by_seed = {row["seed"]: row["frechet_distance"] for row in rows}
    assert lines["ddim"][20] == pytest.approx(sum(by_seed.values()) / len(by_seed))
    (axes,) = figures.quality(lines, floor=0.035).axes
    points = dict(zip(*axes.lines[0].get_data(), strict=True))
    assert points == lines[next(iter(lines))]
    assert axes.lines[-1].get_label() == "real test images"


def test_of_two_measurements_of_one_thing_the_later_counts(tmp_path):
    rows = [("a", 5, 0, 1.0), ("a", 5, 0, 2.0), ("a", 5, 1, 4.0), ("a", 10, 0, 1.0)]
    names = ("schedule", "calls", "seed", "frechet_distance")
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows))
    assert figures.read_quality(file, "schedule") == {"a": {5: 3.0, 10: 1.0}}
    with pytest.raises(ValueError, match="no rows with sampler"):
        figures.read_quality(file)


def test_a_ranking_has_the_least_mean_at_the_top():
    (axes,) = figures.ranking({"b": [2, 4], "a": [1, 1.5], "c": [9]}, "distance").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "b", "a"]


@pytest.mark.parametrize("draw", [figures.schedules, figures.losses, figures.quality])
def test_nothing_to_draw_is_said(draw):
    with pytest.raises(ValueError, match=r"at least one|nothing to draw"):
        draw({})
