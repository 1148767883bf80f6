"""A visitor's run without a browser: where its film begins, what is never shown, its files."""

import gradio as gr
import pytest
import torch

import ddpm
from devtools.visit import ASKED, VISITOR, in_both_languages
from page.models import registry as models
from page.models.registry import Request
from page.tabs.generate import run as drawing
from page.tabs.generate.compare import compare
from page.widgets.sketch_pad import pad


@pytest.mark.parametrize("picture", [None, pad.write(torch.zeros(1, 28, 28))])
def test_under_zero_terminal_snr_the_film_begins_where_samplers_can(picture):
    """ε says nothing about x_0 at t = 999, where ᾱ is 0: all 1,000 calls are one fewer."""
    changes = {"schedule": "linear~zero_terminal", "count": 1, "picture": picture, "noise": 999}
    request = Request(**ASKED | changes | {"steps": 1000})
    checkpoint = models.chosen(None, "shipped")
    x, steps = models.trajectory(checkpoint, request)
    film = request.kind.film(request, checkpoint, x)
    assert film.frames[0]["t"] == next(steps).t == 998 and film.steps == 999


def test_each_frame_has_the_t_of_its_step():
    """DPM-Solver's first call may be well below the last t."""
    request = Request(**ASKED | {"sampler": "dpm_solver", "steps": 3, "count": 1})
    checkpoint = models.chosen(None, "shipped")
    x, steps = models.trajectory(checkpoint, request)
    film, steps = request.kind.film(request, checkpoint, x), [*steps]
    for step in steps:
        film.add(step)
    assert [frame["t"] for frame in film.frames] == [*(step.t for step in steps), None]


@pytest.mark.parametrize(("schedule", "says"), [("cosine", "Model"), ("edm", "Noise schedule")])
def test_what_is_not_finite_is_no_picture(monkeypatch, schedule, says):
    """It would be shown as black, and as done. Compare asks the same door."""
    broken = torch.full((4, 1, 28, 28), float("nan"))

    def begin(*_):
        return broken, iter([ddpm.Step(0, 999, broken, broken)])

    request = Request(**ASKED | {"schedule": schedule})
    with monkeypatch.context() as changed:
        changed.setattr(drawing, "part_of", lambda *_: None)
        changed.setattr(models, "trajectory", begin)
        seen = []
        with pytest.raises(gr.Error, match=rf"{says}: .* t = 999") as refused:
            seen.extend(film for film, _, _ in drawing.run(VISITOR, None, request))
        assert in_both_languages(refused.value.message)
        assert len(seen[-1].frames) == 1
        with pytest.raises(gr.Error, match="t = 999"):
            list(compare.compare(VISITOR, None, False, "steps"))
