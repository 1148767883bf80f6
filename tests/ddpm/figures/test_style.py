"""What all figures share: files, fonts, and no global state."""

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

import ddpm
from ddpm import figures
from ddpm.figures import style
from devtools import ROOT


def curves(names=("linear", "cosine"), language="en"):
    chosen = {name: ddpm.Schedule.named("cosine", 50) for name in names}
    return figures.schedules(chosen, language=language)


def test_a_figure_is_1600_pixels_wide_and_light(tmp_path):
    with Image.open(figures.save(curves(), tmp_path / "figure.png")) as picture:
        assert picture.width == 1600
        assert picture.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
    svg = figures.save(curves(), tmp_path / "figure.svg").read_text()
    assert 'width="1200pt"' in svg  # 1,600 CSS pixels
    assert "<text" not in svg and "http-equiv" not in svg and "<script" not in svg


def test_threads_draw_what_one_draws(tmp_path):
    def draw(k: int) -> bytes:
        return figures.save(curves(), tmp_path / f"{k}.png").read_bytes()

    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(draw, range(4)))
    assert set(drawn) == {draw(4)}


def test_pyplot_and_its_state_are_left_alone():
    program = (
        "import sys, ddpm; schedule = ddpm.Schedule.named('cosine', 50); "
        "ddpm.figures.schedules({'a': schedule}); "
        "import matplotlib; print('matplotlib.pyplot' in sys.modules, "
        "[key for key, value in matplotlib.rcParamsOrig.items() if 'backend' not in key "
        "and matplotlib.rcParams[key] != value])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.split() == ["False", "[]"], run.stderr


def test_every_sign_has_a_glyph(tmp_path, missing):
    if not figures.has_chinese():
        missing("no installed font has Chinese characters")
    signs = "".join(english + chinese for english, chinese in style.WORDS.values())
    with warnings.catch_warnings(action="error"):  # matplotlib warns of a missing glyph
        drawn = curves([signs, "方差表、引导强度：平移余弦（xₜ，x̂₀，ᾱ，β × 1000/T）"], "zh")
        for kind in ("png", "svg"):
            figures.save(drawn, tmp_path / f"figure.{kind}")


def test_without_a_chinese_font_that_is_said(monkeypatch):
    monkeypatch.setattr(style, "families", lambda: (style.LATIN,))
    curves()
    with pytest.raises(ValueError, match="no installed font has Chinese characters: install"):
        curves(language="zh")
    with pytest.raises(ValueError, match="no installed font"):
        curves(["线性", "余弦"])


def test_a_name_is_taken_literally(tmp_path):
    name = r"$\frac{</svg><script>alert(1)</script>"
    svg = figures.save(curves([name, "b"]), tmp_path / "figure.svg").read_text()
    assert "<script>" not in svg


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="en, zh"):
        curves(language="fr")
