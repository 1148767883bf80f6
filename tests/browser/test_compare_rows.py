"""Compare in a browser: rows stream without a jump, Stop ends them, a phone shows them."""

import pytest
from playwright.sync_api import expect

from devtools.waits import SLOW_MS

NOTE_HEIGHTS = """(view) => {
    window.heights = new Set();
    const note = () => window.heights.add(view.getBoundingClientRect().height);
    new ResizeObserver(note).observe(view); // calls back at once, too
}"""


def open_compare(page):
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("#compare-go")).to_be_visible(timeout=SLOW_MS)
    return page


def names(page):
    return page.locator("#compare-view .name").all_inner_texts()


@pytest.mark.parametrize("width", [1280, 390])
def test_rows_stream_without_a_jump(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_compare(page).get_by_label("Noise schedule").last.check()
    page.locator("#compare-go").click()
    view = page.locator("#compare-view")
    pictures = view.locator(".strip img")
    expect(pictures.nth(1)).to_be_visible(timeout=SLOW_MS)  # the noise, and a row at work
    assert names(page) == ["The noise", "Linear", "Quadratic", "Cosine", "Sigmoid"]
    expect(view.locator(".same")).to_have_text(
        "In every row: Pretrained · Anything · DPM-Solver++ · Steps: 10 · Guidance 1 · Seed 0"
    )
    view.evaluate(NOTE_HEIGHTS)
    expect(pictures).to_have_count(5, timeout=SLOW_MS)
    expect(view.get_by_role("status")).to_contain_text("4 rows", timeout=SLOW_MS)
    assert len(page.evaluate("[...window.heights]")) == 1
    costs = view.locator(".cost").all_inner_texts()[1:]
    assert all(cost.startswith("Network calls: 10") and cost.endswith(" s") for cost in costs)
    first = pictures.first
    assert first.evaluate("i => [i.naturalWidth, getComputedStyle(i).imageRendering]") == [
        242,
        "pixelated",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_guidance_without_a_class_shows_a_message(page, console_errors):
    open_compare(page).locator("#compare-axis").get_by_label("Guidance").check()
    page.locator("#compare-go").click()
    expect(page.get_by_text("Guidance pulls towards a class")).to_be_visible(timeout=SLOW_MS)
    console_errors.clear()


def test_chinese(browser, app_url):
    page = browser.new_page(locale="zh-CN")
    page.goto(app_url)
    open_compare(page).locator("#compare-axis").get_by_label("采样器").check()
    page.locator("#generate-steps input[type=number]").fill("1")
    page.locator("#compare-go").click()
    expect(page.locator("#compare-view .look")).to_contain_text("请看", timeout=SLOW_MS)
    expect(page.locator("#compare-view .same")).to_contain_text("每一行都是：")
    assert names(page) == ["噪声", "DDPM", "DDIM", "DPM-Solver++", "DEIS"]
    page.close()
