"""What the Noise tab sends to the browser, decoded as noise_view.js does."""

import base64
import json
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import torch
from PIL import Image

import ddpm
from devtools.visit import VISITOR
from page.tabs.noise import forward
from page.tabs.noise import tab as noise_tab
from page.widgets.instrument import COMMON_CSS

NAMES = list(ddpm.SCHEDULES)


@pytest.fixture
def garment(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    Image.fromarray(pixels).save(path := tmp_path / "garment.png")
    return path


def decoded(base64_text, dtype):
    return np.frombuffer(base64.b64decode(base64_text), dtype)


def browser_sees(picture, table, t):
    """Grey levels at time t, with the arithmetic of noise_view.js."""
    x_start = decoded(picture["x_start"], "u1") / 127.5 - 1
    eps = decoded(picture["eps"], "<i2") * picture["eps_step"]
    acp = decoded(table["alphas_cumprod"], "<f4")[t]
    levels = 127.5 * (np.sqrt(acp) * x_start + np.sqrt(1 - acp) * eps + 1)
    shape = (picture["size"], picture["size"], picture["channels"])
    return levels.clip(0, 255).round().reshape(shape)


@pytest.mark.parametrize("notebook", [False, True])
def test_the_browser_sees_q_sample(notebook):
    seed, T = 3, 200
    x_start = ddpm.from_pil(Image.open(noise_tab.CAT), 128, 3)[None]
    eps = ddpm.randn_like(x_start, torch.Generator().manual_seed(seed))
    sent = forward.picture(noise_tab.CAT, seed)
    for table in forward.tables(T, NAMES, notebook):
        schedule = ddpm.Schedule.named(table["name"], T, rescale=not notebook)
        for t in (0, 50, T - 1):
            x_t = ddpm.to_uint8(ddpm.q_sample(schedule, x_start, torch.tensor([t]), eps))
            expected = x_t[0].permute(1, 2, 0).numpy().astype(float)
            assert np.abs(browser_sees(sent, table, t) - expected).max() <= 1


def test_the_page_opens_with_a_file_of_the_cat(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "a folder#1"))
    address = forward.opening_picture()["file"]
    path = unquote(address.removeprefix("gradio_api/file="))
    assert "#" not in address and path.startswith(str(tmp_path))
    assert json.loads(Path(path).read_text("utf-8")) == forward.picture(noise_tab.CAT, 0)


def test_the_page_opens_with_the_cat_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    assert forward.opening_picture() == forward.picture(noise_tab.CAT, 0)


def test_eps_is_accurate_to_half_a_step():
    eps = ddpm.randn_like(torch.empty(1, 3, 128, 128), torch.Generator().manual_seed(0))
    sent = forward.picture(noise_tab.CAT, 0)
    got = decoded(sent["eps"], "<i2").reshape(128, 128, 3) * forward.EPS_STEP
    error = np.abs(got - eps[0].permute(1, 2, 0).numpy()).max()
    assert error <= forward.EPS_STEP / 2 + 1e-7


def test_tables_are_the_schedules():
    for table in forward.tables(1000, NAMES, False):
        schedule = ddpm.Schedule.named(table["name"], 1000)
        assert table["T"] == 1000
        for key in ("betas", "alphas_cumprod", "log_snr"):
            assert (decoded(table[key], "<f4") == getattr(schedule, key).numpy()).all()


def test_the_payload_is_small_enough_for_bad_wifi(garment):
    kilobytes = {
        "photo": len(json.dumps(forward.picture(noise_tab.CAT, 0))) / 1000,
        "garment": len(json.dumps(forward.picture(garment, 0))) / 1000,
        "tables": len(json.dumps(forward.tables(200, NAMES, False))) / 1000,
    }
    assert kilobytes["photo"] < 200 and kilobytes["garment"] < 4
    assert kilobytes["tables"] < 3.5 * len(NAMES)


def test_every_schedule_has_its_own_color_in_light_and_dark():
    rows = forward.tables(200, NAMES, False)
    assert len({row["color"] for row in rows}) == len(NAMES)
    for row in rows:
        assert COMMON_CSS.count(f"--line-{row['color']}:") == 2, row["name"]


def test_only_the_notebooks_range_with_few_steps_is_not_noise():
    def not_noise(T, notebook):
        return {row["name"] for row in forward.tables(T, NAMES, notebook) if not row["is_noise"]}

    # Laplace's never does, whatever its range
    assert not_noise(200, True) == {"linear", "quadratic", "sigmoid", "laplace"}
    for T, notebook in ((200, False), (1000, False), (1000, True)):
        assert not_noise(T, notebook) == {"laplace"}
    left = {row["name"]: row["left"] for row in forward.tables(200, NAMES, True)}
    assert left["linear"] == pytest.approx(0.132**0.5, abs=1e-3)
    assert left["quadratic"] == pytest.approx(0.236**0.5, abs=1e-3)


def test_gif_runs_from_picture_to_noise(garment):
    gif = Image.open(forward.gif(VISITOR, garment, 0, 200, ["linear", "cosine"], False))
    assert gif.n_frames == forward.GIF_FRAMES
    assert gif.width > gif.height and gif.width >= 800  # side by side
    assert gif.info["comment"] == b"#noise?v=1&schedules=linear,cosine"
    first = np.asarray(gif.convert("L"), float)
    gif.seek(gif.n_frames - 1)
    last = np.asarray(gif.convert("L"), float)
    assert np.abs(first - last).mean() > 20
