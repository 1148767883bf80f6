"""The curve and the tables that the browser computes through drawn points are Python's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

import ddpm
from ddpm.schedules.drawn import MAX_POINTS, drawn_log_snr
from page.tabs.noise.drawing import drawing

SCRIPT = (Path(drawing.__file__).parent / "curve.js").read_text("utf-8")
SETS, PLACES = 200, 1000
RUN = """([script, name, values]) => new Function(
    "values", `${script}; return values.map((each) => ${name}(...each));`)(values)"""
CURVE = """(([points, places]) => {
    const f = monotoneCubic(points);
    return places.map(f);
})"""
TABLES = """((points, T, limits, isZero) => {
    const tables = drawnTables(points, T, limits);
    const shown = isZero ? zeroTerminalSnr(tables) : tables;
    return [shown.betas, shown.alphasCumprod, shown.logSnr].map((column) =>
        [...column].map(String));
})"""


@pytest.fixture(scope="module")
def blank(browser):
    """A page without the app."""
    page = browser.new_page()
    yield page
    page.close()


def random_points(rng: random.Random) -> list[list[float]]:
    """Also level stretches, steep falls, and few or many points, the first and last anywhere."""
    count = rng.randint(2, MAX_POINTS)
    at = sorted(rng.sample(range(2001), count))
    values = sorted((rng.choice([rng.uniform(-20, 20), 3.0, 29.0]) for _ in at), reverse=True)
    return [[u / 2000, round(value, 4)] for u, value in zip(at, values, strict=True)]


POINTS = [random_points(random.Random(seed)) for seed in range(SETS)]


def test_the_curve_is_pythons(blank):
    places = torch.linspace(0, 1, PLACES, dtype=torch.float64)
    given = [[[points, places.tolist()]] for points in POINTS]
    curves = torch.tensor(blank.evaluate(RUN, [SCRIPT, CURVE, given]), dtype=torch.float64)
    assert curves.shape == (SETS, PLACES)
    for points, curve in zip(POINTS, curves, strict=True):
        assert (curve - drawn_log_snr(points)(places)).abs().max() < 1e-5, points


@pytest.mark.parametrize("is_zero", [False, True])
@pytest.mark.parametrize("T", [10, 50, 200, 1000])
def test_the_tables_are_pythons(blank, T, is_zero):
    some = POINTS[::10]
    given = [[points, T, drawing.LIMITS, is_zero] for points in some]
    for points, columns in zip(some, blank.evaluate(RUN, [SCRIPT, TABLES, given]), strict=True):
        schedule = ddpm.Schedule.drawn(points, T)
        if is_zero:
            schedule = ddpm.zero_terminal_snr(schedule)
        of_python = (schedule.betas, schedule.alphas_cumprod, schedule.log_snr)
        for got, expected in zip(columns, of_python, strict=True):
            numbers = torch.tensor([float(v.replace("Infinity", "inf")) for v in got])
            torch.testing.assert_close(numbers, expected, rtol=1e-5, atol=1e-5)
