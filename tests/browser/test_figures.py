"""Figures to take home: every tab's menu downloads them, in the page's language."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from devtools.tabs import message, set_number, until_drawn
from devtools.waits import SLOW_MS


def download(page: Page, tab: str, figure: str, kind: str):
    """What a choice in a tab's menu downloads: its file's name and path."""
    menu = page.locator(f"#{tab}-figure")
    if not menu.locator("li").first.is_visible():  # it stays open from one to the next
        menu.locator("summary").click()
    with page.expect_download(timeout=SLOW_MS) as started:
        menu.locator(f"[data-figure={figure}-{kind}]").click()
    expect(menu.locator("summary")).not_to_contain_text("…", timeout=SLOW_MS)
    return started.value.suggested_filename, started.value.path()


def check(page: Page, tab: str, figure: str, name: str) -> None:
    for kind in ("png", "svg"):
        called, path = download(page, tab, figure, kind)
        assert called == f"{name}.{kind}"
        if kind == "png":
            with Image.open(path) as picture:
                assert picture.width == 1600
        else:
            assert 'width="1200pt"' in path.read_text()


def test_noise(noise):
    check(noise, "noise", "noise_figure_rows", "noise-T200-seed0")
    check(noise, "noise", "noise_figure_curves", "schedules-T200")


def test_a_film_also_after_a_reload(page, console_errors):
    page.get_by_role("tab", name="Generate").click()
    page.locator("#generate-figure summary").click(timeout=SLOW_MS)
    page.locator("#generate-figure button").first.click()
    expect(message(page)).to_contain_text("draw something first", timeout=SLOW_MS)
    console_errors.clear()
    set_number(page, "steps", 3)
    page.locator("#generate-go").click()
    until_drawn(page)
    name = "any-dpm_solver-3-steps-seed-0-strip"
    check(page, "generate", "generate_figure_strip", name)
    page.reload()
    expect(page.locator("#generate-png")).to_be_enabled(timeout=SLOW_MS)
    check(page, "generate", "generate_figure_strip", name)
    console_errors.clear()  # Gradio reports the streams that a reload ends


def test_a_comparison(page):
    page.get_by_role("tab", name="Generate").click()
    page.get_by_role("tab", name="Compare").click(timeout=SLOW_MS)
    set_number(page, "steps", 1)
    page.locator("#compare-go").click()
    status = page.locator("#compare-view").get_by_role("status")
    expect(status).to_contain_text("4 settings", timeout=SLOW_MS)
    expect(page.locator("#compare-stop")).to_be_disabled(timeout=SLOW_MS)
    check(page, "compare", "compare_figure_grid", "compare-sampler")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_loss_curves(browser, app_url, locale):
    page = browser.new_page(locale=locale)
    page.goto(app_url)
    page.get_by_role("tab").nth(2).click()
    page.locator("#train-advanced > button").click()
    for field, value in (("steps", 10), ("dim", 8), ("batch-size", 8)):
        page.locator(f"#train-{field} input[type=number]").fill(str(value))
    page.locator("#train-go").click()
    expect(page.locator("#train-file")).to_be_enabled(timeout=SLOW_MS)
    check(page, "train", "train_figure_curves", "loss")
    page.close()
