"""Schedules drawn by hand, and schedules as text."""

import math
import random
from fractions import Fraction
from urllib.parse import quote

import pytest
import torch

from ddpm.schedules import SCHEDULES, Schedule
from ddpm.schedules.drawn import MAX_POINTS, drawn_log_snr
from ddpm.schedules.text_form import drawn_text, parse


def random_points(rng: random.Random) -> list[tuple[float, float]]:
    count = rng.randint(2, MAX_POINTS)
    at = sorted(rng.sample(range(0, 1001), count))
    values = sorted((rng.choice([rng.uniform(-12, 12), 3.0]) for _ in at), reverse=True)
    return [(u / 1000, value) for u, value in zip(at, values, strict=True)]


def test_the_curve_passes_through_its_points_and_never_rises():
    u = torch.linspace(0, 1, 4001, dtype=torch.float64)
    for seed in range(200):
        points = random_points(random.Random(seed))
        f = drawn_log_snr(points)
        at, value = torch.tensor(points, dtype=torch.float64).T
        torch.testing.assert_close(f(at), value, rtol=0, atol=1e-12)
        curve = f(u)
        assert (curve.diff() < 1e-12).all(), seed
        # between two points it stays between their values
        assert curve.max() <= value.max() + 1e-12 and curve.min() >= value.min() - 1e-12


def test_a_line_through_points_is_a_line():
    f = drawn_log_snr([(0, 9), (0.25, 4.5), (0.3, 3.6), (1, -9)])
    u = torch.linspace(0, 1, 101, dtype=torch.float64)
    torch.testing.assert_close(f(u), 9 - 18 * u, rtol=0, atol=1e-12)


def test_the_slopes_are_those_of_fritsch_and_carlson():
    """Three points worked by hand: secants -8 and -2, so slopes -8, -5 and -2; on the right piece
    5/2 and 1 lie within the circle of radius 3."""
    f = drawn_log_snr([(0, 5), (0.5, 1), (1, 0)])
    s, h = 0.5, 0.5  # in the middle of the left piece, from Hermite's basis
    basis = [2 * s**3 - 3 * s**2 + 1, s**3 - 2 * s**2 + s, -2 * s**3 + 3 * s**2, s**3 - s**2]
    by_hand = 5 * basis[0] + h * -8 * basis[1] + 1 * basis[2] + h * -5 * basis[3]
    assert float(f(torch.tensor(0.25))) == pytest.approx(by_hand, abs=1e-12)


def test_steep_slopes_are_reduced_to_the_circle():
    """Secants -100 and -1: the mean slope -50.5 is 50.5 times the right one's, so (50.5, 1) shrinks
    to length 3."""
    f = drawn_log_snr([(0, 50.5 - 29.5), (0.2, 1), (1, 0.2)])
    length = math.hypot(50.5, 1)
    h, rise = 0.8, -0.8
    left, right = 3 * 50.5 / length * rise, 3 * 1 / length * rise
    s = 0.5
    by_hand = 1 + rise * (3 * s**2 - 2 * s**3)
    by_hand += left * (s**3 - 2 * s**2 + s) + right * (s**3 - s**2)
    found = float(f(torch.tensor(0.2 + h * s, dtype=torch.float64)))
    assert found == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_32_points_of_a_named_schedule_reproduce_it(name):
    schedule = Schedule.named(name, 1000)
    log_snr = schedule.exact_log_snr
    u = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    even = torch.linspace(float(log_snr[0]), float(log_snr[-1]), 32, dtype=torch.float64)
    places = sorted({int((log_snr - value).abs().argmin()) for value in even})
    drawn = Schedule.drawn([(float(u[k]), float(log_snr[k])) for k in places], 1000)
    error = (drawn.exact_alphas_cumprod - schedule.exact_alphas_cumprod).abs().max()
    assert error < 1e-3


@pytest.mark.parametrize(
    "points, why",
    [
        ([(0, 1)], "2 to 32 points, not 1"),
        ([(k / 40, -k) for k in range(33)], "2 to 32 points, not 33"),
        ([(0.5, 1), (0.2, 0)], "in order of u"),
        ([(0.5, 1), (0.5, 0)], "in order of u"),
        ([(0, 1), (1, 2)], "must not rise"),
        ([(0, math.nan), (1, 0)], "from -30 to 30"),
        ([(0, 31), (1, 0)], "from -30 to 30"),
        ([(-0.1, 1), (1, 0)], "u must be a number from 0 to 1"),
        ([(0, 1), (math.inf, 0)], "u must be a number from 0 to 1"),
    ],
)
def test_points_that_make_no_schedule_are_refused_in_words(points, why):
    with pytest.raises(ValueError, match=why):
        Schedule.drawn(points, 100)


def test_text_and_points_are_the_same_schedule():
    for seed in range(50):
        points = [(round(u, 4), round(v, 4)) for u, v in random_points(random.Random(seed))]
        text = drawn_text(points)
        assert list(parse(text).points) == points
        assert torch.equal(Schedule.named(text, 77).betas, Schedule.drawn(points, 77).betas)
        assert quote(text) == text  # a link needs no escapes
        assert len(text) < 1000


def test_points_as_close_as_they_may_be_survive_as_text():
    """In ten-thousandths of u, exact as fractions; halves are what rounding to four decimals may
    join."""
    for first in range(0, 9_969, 7):
        at = [Fraction(2 * (first + k) + first % 2, 20_000) for k in range(32)]
        points = [(float(u), -k / 3) for k, u in enumerate(at)]
        found = parse(drawn_text(points)).points
        assert all(abs(u - exact) <= 0.000051 for (u, _), exact in zip(found, at, strict=True))
    with pytest.raises(ValueError, match="in order of u"):
        Schedule.drawn([(0.3, 1), (0.30009, 0)], 100)
    for unfit in ([(0, 1)], [(0.5, 1), (0.2, 0)], [(0, 1), (1, 31)]):
        with pytest.raises(ValueError, match=r"2 to 32 points|in order of u|from -30 to 30"):
            drawn_text(unfit)


@pytest.mark.parametrize(
    "text, why",
    [
        ("drawn~0_12~1_-9~shift_3", "shift is an option of rectified_flow, not of drawn"),
        ("drawn~٠_١٢~1_-9", "two numbers, not '٠_١٢'"),
        ("drawn~0_1_2~1_-9", "two numbers, not '0_1_2'"),
        ("drawn~0_ 12~1_-9", "two numbers"),
        ("rectified_flow~shift_３", "shift must be a number from 0.1 to 10"),
        ("rectified_flow~shift_abc", "shift must be a number from 0.1 to 10"),
        ("banana", f"unknown schedule 'banana': choose one of {', '.join(SCHEDULES)}, drawn"),
        ("drawn", "2 to 32 points"),
        ("drawn~0_1~0.5", "two numbers, not '0.5'"),  # a link cut in half
        ("drawn~0_1~0.5_", "two numbers"),
        ("drawn~0_1~1_nan", "two numbers"),
        ("cosine~0_1", "options are"),
        ("cosine~shift_3", "shift is an option of rectified_flow"),
        ("rectified_flow~shift_1000", "from 0.1 to 10"),
        ("cosine~input_scale_0", "from 0.1 to 2"),
        ("drawn" + "~0_1" * 1000, "at most 1000 characters"),
        (None, "text"),
    ],
)
def test_text_that_stands_for_no_schedule_is_refused_in_words(text, why):
    with pytest.raises(ValueError, match=why):
        Schedule.named(text, 100)
