"""Figures made of pictures show the pictures that the formulas give, beside their names."""

import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from ddpm import figures

SHARED = 500  # pixels, at least, of each grey level that a figure must show


def greys(figure, tmp_path) -> set[int]:
    """The levels of its large grey areas."""
    with Image.open(figures.save(figure, tmp_path / "figure.png")) as picture:
        assert picture.width == 1600
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    grey = pixels[(pixels[:, 0] == pixels[:, 1]) & (pixels[:, 1] == pixels[:, 2]), 0]
    return {level for level, count in enumerate(np.bincount(grey)) if count > SHARED}


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def levels(x: torch.Tensor) -> set[int]:
    return set(ddpm.to_uint8(x).flatten().tolist())


def test_noise_shows_x_t_of_the_formula(tmp_path):
    """Four pixels, so that each is a large square."""
    x_start = torch.tensor([[[-0.5, 0.1], [0.4, 0.8]]])
    chosen = {name: ddpm.Schedule.named(name, 50) for name in ("linear", "cosine")}
    figure = figures.noise(chosen, x_start, columns=2, seed=3)
    eps = torch.randn(1, 1, 2, 2, generator=torch.Generator().manual_seed(3))[0]
    shown = greys(figure, tmp_path)
    assert levels(x_start) <= shown
    for schedule in chosen.values():
        for t in (24, 49):
            power = schedule.alphas_cumprod[t]
            assert levels(power.sqrt() * x_start + (1 - power).sqrt() * eps) <= shown
    assert texts(figure) == ["linear", "cosine", "x₀", "t = 24", "t = 49"]


def flat(value: float) -> torch.Tensor:
    return torch.full((2, 1, 4, 4), value)


def test_a_trajectory_begins_with_x_t_and_ends_with_x_0(tmp_path):
    steps = [ddpm.Step(i, 90 - 10 * i, flat(i / 10), flat(-i / 10)) for i in range(1, 4)]
    figure = figures.trajectory(flat(0.77), steps)
    shown = greys(figure, tmp_path)
    held = [0.77, 0.1, 0.2, 0.3]  # x_T first, which the notebook's film left out
    assert levels(torch.tensor([*held, -0.1, -0.2, -0.3])) <= shown
    assert texts(figure) == ["xₜ", "x̂₀", "t = 80", "t = 70", "t = 60", "x₀"]


@pytest.mark.parametrize("steps", [1, 7, 8, 1000])
def test_a_strip_has_both_ends_and_few_columns(steps):
    places = figures.strip_places(steps)
    assert places[0] == 0 and places[-1] == steps
    assert places == sorted(set(places)) and len(places) == min(8, steps + 1)


def test_a_comparison_has_rows_or_rows_and_columns(tmp_path):
    rows = {"one": flat(-0.9), "two": flat(0.6)}
    figure = figures.comparison(rows, "all else is equal")
    assert levels(torch.tensor([-0.9, 0.6])) <= greys(figure, tmp_path)
    assert texts(figure) == ["one", "two", "all else is equal"]
    both = {"one": rows, "two": {"one": flat(0.2), "two": flat(0.0)}}
    figure = figures.comparison(both)
    assert levels(torch.tensor([-0.9, 0.6, 0.2, 0.0])) <= greys(figure, tmp_path)
    assert texts(figure) == ["one", "two", "one", "two"]


def test_a_long_name_is_written_smaller_or_cut_and_stays_on_the_figure():
    figure = figures.comparison({"a name " * 40: flat(0.0)}, "a title " * 100)
    renderer = figure.canvas.get_renderer()
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.x1 <= 1600


TWO_T = {str(T): ddpm.Schedule.named("cosine", T) for T in (10, 20)}


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: figures.noise({}, torch.zeros(1, 4, 4)), "at least one"),
        (lambda: figures.trajectory(flat(0.0), []), "at least one"),
        (lambda: figures.comparison({}), "at least one"),
        (lambda: figures.comparison({"a": flat(0.0), "b": flat(0.0)[:1]}), "as many"),
        (lambda: figures.noise(TWO_T, torch.zeros(1, 4, 4)), "same T"),
    ],
)
def test_what_makes_no_figure_is_said(draw, says):
    with pytest.raises(ValueError, match=says):
        draw()
