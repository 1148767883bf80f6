"""What IPython is given to show, in its own shell; progress; and the page in a frame."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

import ddpm
from ddpm import notebook, shown
from ddpm.config import Config, TrainConfig, UnetConfig
from ddpm.evaluation.frechet import Figures
from devtools.tiny_models import SMALL, save_cascade


@pytest.fixture
def shell():
    """As a kernel formats the last line of a cell."""
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def shown_as(shell, what, kind):
    data, _ = shell.display_formatter.format(what)
    return data[kind]


def test_schedules_steps_models_and_figures_show_themselves(shell, tmp_path):
    schedule = ddpm.Schedule.named("cosine", 100)
    picture = Image.open(io.BytesIO(shown_as(shell, schedule, "image/png")))
    assert 700 < picture.width < 900 and picture.convert("L").getextrema() != (255, 255)
    step = ddpm.Step(0, 9, torch.full((4, 1, 8, 8), -1.0), torch.full((4, 1, 8, 8), 1.0))
    picture = Image.open(io.BytesIO(shown_as(shell, step, "image/png")))
    left, right = np.array_split(np.asarray(picture), 2, axis=1)
    assert left.min() == 0 and right.min() > 250  # x is black, x̂_0 white
    embeddings = ddpm.Step(0, 9, torch.zeros(4, 64), torch.zeros(4, 64))
    assert "image/png" not in shell.display_formatter.format(embeddings)[0]
    cascade = ddpm.load(save_cascade(tmp_path / "cascade.safetensors"), "cpu")
    table = shown_as(shell, cascade, "text/html")
    assert "<b>Cascade" in table and table.count("<tr>") == 3 and "28 × 28 × 1" in table
    found = Figures(n=10, frechet_distance=1.23456, autoencoder={"precision": 0.5, "<i>": 1})
    table = shown_as(shell, found, "text/html")
    assert "1.235" in table and "&lt;i&gt;" in table and "autoencoder" in table


def training(shell):
    images = torch.randint(0, 256, (8, 1, 28, 28), dtype=torch.uint8)
    config = Config(UnetConfig(**SMALL), train=TrainConfig(steps=3, batch_size=4))
    return ddpm.fit(config, images, torch.arange(8))


def test_fit_draws_its_curve_in_a_notebook_alone(shell, monkeypatch):
    calls = []
    monkeypatch.setattr(notebook, "LIVE_S", 0.0)
    handle = SimpleNamespace(update=calls.append)
    monkeypatch.setattr("IPython.display.display", lambda image, **k: calls.append(image) or handle)
    assert [step.step for step in training(shell)] == [1, 2, 3] and not calls
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    plain = [step.loss for step in training(shell)]
    assert len(plain) == 3 and len(calls) == 4  # after each step, and at the end
    assert all(image.data.startswith(b"\x89PNG") for image in calls)
    steps = training(shell)
    next(steps)
    steps.close()  # stopped early: what there is stays drawn
    assert len(calls) == 5


def test_progress_is_shown_to_whoever_looks_and_not_before_two_seconds(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert shown.progress(items := [1, 2], "step") is items
    sys.stderr.isatty = lambda: True
    bar = shown.progress(range(3), "step")
    assert bar.delay == 2 and list(bar) == [0, 1, 2]
    assert sys.stderr.getvalue().strip() == ""


def test_the_page_in_a_frame_and_a_start_that_fails(monkeypatch, tmp_path):
    served = "import http.server as s, sys; s.HTTPServer(('127.0.0.1', int(sys.argv[-1])), " \
        "s.SimpleHTTPRequestHandler).serve_forever()"  # fmt: skip
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "__main__.py").write_text(served)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    page = ddpm.page(height=500)
    try:
        frame = page._repr_html_()
        assert page.url in frame and 'height="500"' in frame
    finally:
        page.close()
    assert page._process.wait(30) is not None
    for program, said in (
        ("import gradio_that_is_not_here", r"(?s)ddpm-lab\[page\].*gradio_that_is_not_here"),
        ("raise SystemExit('the port is taken')", "ended with code 1: the port is taken"),
    ):
        (tmp_path / "page" / "__main__.py").write_text(program)
        with pytest.raises(OSError, match=said):
            ddpm.page()
