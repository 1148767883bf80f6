"""Schedules drawn by hand on the Noise tab: what they start from, links, endpoints, verdicts."""

import numpy as np
import pytest
from PIL import Image

import ddpm
from ddpm.schedules.text_form import drawn_text
from devtools.visit import VISITOR
from page.tabs.noise import forward, link
from page.tabs.noise.drawing import drawing
from page.tabs.noise.settings import SETTINGS
from page.widgets.links import read

NAMES = list(ddpm.SCHEDULES)
FORM = "drawn~0_9~0.4_1.5~1_-9"


@pytest.mark.parametrize("notebook", [False, True])
@pytest.mark.parametrize("T", [10, 50, 200, 1000])
def test_what_a_hand_starts_from_is_nearly_the_named_schedule(T, notebook):
    for name, points in drawing.starts(T, notebook).items():
        assert 5 <= len(points) <= drawing.EVEN + 2, name
        named = ddpm.Schedule.named(name, T, rescale=not notebook)
        error = (ddpm.Schedule.drawn(points, T).alphas_cumprod - named.alphas_cumprod).abs().max()
        assert error < 0.02, (name, float(error))
        assert not named.is_clipped  # which the page would have to say


def test_a_link_brings_its_drawn_schedule():
    """The first, if there are two; without one, the visitor's own stays."""
    for schedules, points in [
        (f"linear,{FORM},cosine", [(0, 9), (0.4, 1.5), (1, -9)]),
        (f"{FORM},linear,drawn~0_1~1_0", [(0, 9), (0.4, 1.5), (1, -9)]),
        ("linear,edm", None),
    ]:
        opened = read(f"noise?v=1&schedules={schedules}&T=300", [link.LINKED])
        *controls, view = link.updates(opened.values)
        assert view.props["linked"]["points"] == points
        named = dict(zip(SETTINGS, controls, strict=True))["schedules"]
        assert named == [name for name in ddpm.SCHEDULES if name in schedules.split(",")]


def test_the_gif_shows_text_forms_too(tmp_path):
    Image.new("L", (28, 28), 200).save(path := tmp_path / "grey.png")
    long = drawn_text([(k / 31, 9 - 0.5551 * k) for k in range(32)])
    assert len(long) > 255  # no name of a file
    gif = forward.gif(VISITOR, path, 0, 50, ["linear", "rectified_flow~shift_3", long], False)
    assert gif.name == "forward-linear-rectified_flow-drawn-T50-seed0.gif"
    assert Image.open(gif).n_frames == forward.GIF_FRAMES


def test_the_gif_of_a_zero_terminal_schedule_ends_in_noise_alone(tmp_path):
    """Two different pictures, one noise: the last frames are the same."""
    last = []
    for grey in (0, 255):
        Image.new("L", (28, 28), grey).save(path := tmp_path / f"{grey}.png")
        gif = Image.open(forward.gif(VISITOR, path, 0, 10, ["laplace"], False, True))
        gif.seek(gif.n_frames - 1)
        last.append(np.asarray(gif.convert("L"), float))
    assert np.abs(last[0] - last[1]).max() <= 1


@pytest.mark.parametrize("notebook", [False, True])
@pytest.mark.parametrize("T", [10, 50, 200, 1000])
def test_every_badge_is_right(T, notebook):
    for row in forward.tables(T, NAMES, notebook):
        named = ddpm.Schedule.named(row["name"], T, rescale=not notebook)
        left = named.exact_alphas_cumprod[-1].sqrt().item()
        assert row["left"] == pytest.approx(left, rel=1e-6), row["name"]
        assert row["is_noise"] == (left <= 0.05), row["name"]
        assert not row["is_exact"]
    for row in forward.tables(T, NAMES, notebook, True):
        assert (row["left"], row["is_noise"], row["is_exact"]) == (0, True, True)
