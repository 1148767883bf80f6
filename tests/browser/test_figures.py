"""Figures to take home: every tab's menu downloads them, in the page's language."""

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from devtools.tabs import message, open_training, set_number, until_drawn

pytestmark = pytest.mark.slow


def check(page: Page, tab: str, figure: str, called: str) -> None:
    """What a choice in a tab's menu downloads, as PNG or SVG."""
    kind = called.rpartition(".")[2]
    menu = page.locator(f"#{tab}-figure")
    if not menu.locator("li").first.is_visible():  # it stays open from one to the next
        menu.locator("summary").click()
    with page.expect_download() as started:
        menu.locator(f"[data-figure={figure}-{kind}]").click()
    expect(menu.locator("summary")).not_to_contain_text("…")
    assert started.value.suggested_filename == called
    if kind == "svg":
        assert 'width="1200pt"' in started.value.path().read_text()
    else:
        with Image.open(started.value.path()) as picture:
            assert picture.width == 1600


def test_every_tab(noise, console_errors):
    check(noise, "noise", "noise_figure_rows", "noise-T200-seed0.png")
    check(noise, "noise", "noise_figure_curves", "schedules-T200.svg")

    # a film, also after a reload
    noise.get_by_role("tab", name="Generate").click()
    noise.locator("#generate-figure summary").click()
    noise.locator("#generate-figure button").first.click()
    expect(message(noise)).to_contain_text("draw something first")
    console_errors.clear()
    set_number(noise, "steps", 3)
    noise.locator("#generate-go").click()
    until_drawn(noise)
    name = "each-dpm_solver-3-steps-seed-0-strip"
    check(noise, "generate", "generate_figure_strip", f"{name}.png")
    noise.reload()
    expect(noise.locator("#generate-png")).to_be_enabled()
    check(noise, "generate", "generate_figure_strip", f"{name}.svg")

    # a comparison
    noise.get_by_role("tab", name="Compare").click()
    set_number(noise, "steps", 1)
    noise.locator("#compare-go").click()
    status = noise.locator("#compare-view").get_by_role("status")
    expect(status).to_contain_text("4 settings")
    expect(noise.locator("#compare-stop")).to_be_disabled()
    check(noise, "compare", "compare_figure_grid", "compare-sampler.png")

    # the curves of the loss, in both languages
    open_training(noise, 10)
    noise.locator("#train-go").click()
    expect(noise.locator("#train-file")).to_be_enabled()
    check(noise, "train", "train_figure_curves", "loss.svg")
    noise.evaluate("setLanguage", "zh-CN")
    expect(noise.get_by_role("tab", name="训练")).to_be_visible()
    check(noise, "train", "train_figure_curves", "loss.png")
