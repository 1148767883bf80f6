"""The tabs' figures without a browser: what a choice in their menus makes, and refuses."""

import json
import re
from pathlib import Path

import gradio as gr
import pytest
import torch

import ddpm
from ddpm.figures import style
from devtools import ROOT
from devtools.visit import ASKED, VISITOR
from page.tabs.generate import figure as of_generate
from page.tabs.generate import tab as generate_tab
from page.tabs.generate.compare import compare_view
from page.tabs.generate.compare import figure as of_compare
from page.tabs.generate.compare.axes import SHARED
from page.tabs.noise import figure as of_noise
from page.tabs.noise.drawing.drawing import LIMITS
from page.tabs.noise.forward import CAT, tables
from page.tabs.train import figure as of_train
from page.widgets.figure_menu.figure_menu import Choice, choice
from page.widgets.film.scrubber import Film
from page.widgets.names import schedule_name

NOISE = (CAT, 0, 50, ["linear", "rectified_flow~shift_3"], False, False)


def texts(figure) -> list[str]:
    axes = [axes.get_title(loc="left") for axes in figure.axes]
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return [text.get_text() for text in figure.texts] + legends + axes


def in_english(figure: str) -> Choice:
    return Choice(figure, "png", "en")


def test_noise_has_curves_and_rows_in_the_pages_language(missing):
    name, curves = of_noise.draw(in_english(of_noise.CURVES), *NOISE)
    assert name == "schedules-T50"
    assert {"Linear", "Rectified flow, shift 3", "log-SNR, in decibels"} <= {*texts(curves)}
    if not ddpm.figures.has_chinese():
        missing("no installed font has Chinese characters")
    name, rows = of_noise.draw(Choice(of_noise.ROWS, "png", "zh"), *NOISE)
    assert name == "noise-T50-seed0" and texts(rows)[:3] == ["线性", "整流流，平移 3", "x₀"]


def test_curves_have_the_colours_of_the_page_and_all_say_zero_terminal():
    css = (ROOT / "page" / "widgets" / "common.css").read_text("utf-8")
    light = css[: css.index(".dark &")]
    assert re.findall(r"--line-\d: (#\w+)", light) == [*style.COLORS]
    drawn = "drawn~0_12~1_-9~zero_terminal"
    chosen = ["cosine", "linear", drawn]
    _, figure = of_noise.draw(in_english(of_noise.CURVES), CAT, 0, 50, chosen, False, True)
    lines = {line.get_label(): line.get_color() for line in figure.axes[0].lines}
    places = [row["color"] for row in tables(50, chosen[:2], False, True)]
    assert lines == {
        "Cosine, zero terminal SNR": style.COLORS[places[0]],
        "Linear, zero terminal SNR": style.COLORS[places[1]],
        "Drawn, zero terminal SNR": style.COLORS[LIMITS["color"]],
    }


def test_noise_without_a_schedule_or_a_picture_is_refused():
    with pytest.raises(gr.Error, match="at least one schedule"):
        of_noise.draw(in_english(of_noise.CURVES), CAT, 0, 50, [], False, False)
    with pytest.raises(gr.Error):
        of_noise.draw(in_english(of_noise.ROWS), None, *NOISE[1:])


def test_a_film_can_be_drawn_as_a_strip_while_its_png_is_kept():
    *_, (_, png, _) = generate_tab.sample(VISITOR, None, "shipped", *ASKED.values())
    path = png.value["path"]
    name, figure = of_generate.draw_strip(in_english(of_generate.STRIP), {"path": path})
    assert name == "sneaker-ddim-5-steps-seed-0-strip"
    assert texts(figure)[:8] == ["xₜ", "x̂₀", *(f"t = {t}" for t in (999, 799, 599, 399, 199)), "x₀"]


def test_the_strip_shows_the_run_and_its_noise():
    x = torch.zeros(2, 1, 4, 4)
    film = Film(x, 99, 20)
    for i in range(20):
        film.add(ddpm.Step(i, 99 - 5 * i, torch.full_like(x, i / 20), torch.full_like(x, -i / 20)))
    assert len(film.strip) == 8
    assert film.strip[0][0] == 99 and film.strip[0][1] is x
    for t, held, guess in film.strip[1:-1]:
        i = (99 - t) // 5  # the step that was about to be taken
        assert held[0, 0, 0, 0].item() == pytest.approx((i - 1) / 20)
        assert guess[0, 0, 0, 0].item() == pytest.approx(-i / 20)
    t, held, _ = film.strip[-1]
    assert t is None and held[0, 0, 0, 0].item() == pytest.approx(19 / 20)


@pytest.mark.parametrize("path", [None, "", "/etc/passwd", {"path": "../x"}, {}, 7, ["a"]])
def test_another_file_is_not_read(path):
    with pytest.raises(gr.Error, match="nothing to show"):
        of_generate.draw_strip(in_english(of_generate.STRIP), path)


@pytest.mark.parametrize("across", ["none", "label"])
def test_a_comparison_is_a_labelled_grid(across):
    asked = {name: setting.default for name, setting in SHARED.items()} | {"steps": 1, "label": 7}
    shown = list(
        compare_view.show(VISITOR, None, "noise", "", "sampler", across, [], *asked.values())
    )
    path = shown[-1][1]
    assert shown[0][1] is None and isinstance(path, str)
    name, figure = of_compare.draw_grid(in_english(of_compare.GRID), path)
    names = texts(figure)
    assert names[:4] == ["DDPM", "DDIM", "DPM-Solver++", "DEIS"]
    assert any(text.startswith("The same everywhere: First version") for text in names)
    if across == "label":
        assert name == "compare-sampler-label"
        assert {"Anything", "T-shirt", "Ankle boot"} <= {*names}
    else:
        assert name == "compare-sampler"
        saved = ddpm.figures.save(figure, Path(path).with_name("grid.png"))
        assert saved.stat().st_size > 10_000


CURVE = {"stride": 2, "raw": [3.0, 2.0, 1.0], "smoothed": [3.0, 2.9, 2.8]}


def shown(*curves: dict, logarithmic: bool = False) -> str:
    runs = [{"name": f"run {k}", "curve": curve} for k, curve in enumerate(curves)]
    return json.dumps({"runs": runs, "logarithmic": logarithmic})


def test_loss_curves_are_those_that_the_page_shows():
    runs, logarithmic = of_train.read(shown(CURVE, CURVE, logarithmic=True))
    assert list(runs) == ["run 0", "run 1"] and logarithmic
    assert list(runs["run 0"].steps) == [1, 3, 5]
    name, figure = of_train.draw(in_english(of_train.CURVES), shown(CURVE))
    assert name == "loss" and figure.axes[0].get_xlabel() == "training step"
    with pytest.raises(gr.Error, match="no loss curve yet"):
        of_train.draw(in_english(of_train.CURVES), shown())


@pytest.mark.parametrize(
    "sent",
    [
        None, 7, "", "[]", "{}", "null", '{"runs": 3, "logarithmic": true}', "x" * 200_000,
        shown(CURVE | {"raw": [1.0]}), shown(CURVE | {"stride": 0}), shown(*[CURVE] * 5),
        shown(CURVE | {"raw": [float("nan")] * 3}), shown(CURVE | {"raw": [1e400] * 3}),
        shown(CURVE | {"raw": ["a"] * 3}), shown(CURVE | {"stride": 10**30}),
        shown({"stride": 1, "raw": [1.0] * 301, "smoothed": [1.0] * 301}),
        "[" * 50_000,
    ],
)  # fmt: skip
def test_what_no_browser_of_ours_sends_is_refused(sent):
    with pytest.raises(gr.Error, match="no such figure"):
        of_train.draw(in_english(of_train.CURVES), sent)


@pytest.mark.parametrize(
    "value",
    [
        None, "png", {}, {"figure": "a", "format": "pdf", "language": "en"},
        {"figure": "b", "format": "png", "language": "en"},
        {"figure": "a", "format": "../x", "language": "en"},
        {"figure": "a", "format": "png", "language": "fr"},
    ],
)  # fmt: skip
def test_only_what_is_on_the_menu_is_drawn(value):
    with pytest.raises(gr.Error, match="no such figure"):
        choice(value, ("a",))


def test_without_a_chinese_font_the_figure_is_in_english(monkeypatch, warned):
    monkeypatch.setattr(style, "families", lambda: (style.LATIN,))
    sent = {"figure": "a", "format": "svg", "language": "zh"}
    assert choice(sent, ("a",)) == Choice("a", "svg", "en")
    assert "no font with Chinese" in warned[0]


def test_a_drawn_schedule_is_named_as_on_the_page():
    text = "drawn~0_12~0.4_1.5~1_-9~input_scale_0.5"
    assert schedule_name(text, in_english("a")) == "Drawn, input × 0.5"
