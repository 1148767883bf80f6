"""The cascade in a browser, small and untrained."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from devtools.axe import violations
from devtools.tabs import choose, more_settings, set_number, until_drawn, until_shared, where
from devtools.tiny_models import AUG

pytestmark = pytest.mark.slow

SMALL, GIVEN = "#generate-view img.small", "#generate-view img.given"


def number(page, name: str):
    return page.locator(f"#generate-{name} input[type=number]")


def width(page, selector: str) -> int:
    return page.locator(selector).evaluate("image => image.naturalWidth")


def test_its_settings_appear_with_it_and_both_stages_are_drawn(generate, app_url):
    expect(number(generate, "aug")).to_be_hidden()
    choose(generate, "generate-model", "Cascade")
    expect(number(generate, "aug")).to_have_value(str(AUG))
    expect(generate.get_by_label("All from one small picture")).to_be_visible()
    for hidden in ("start", "schedule", "words"):
        expect(generate.locator(f"#generate-{hidden}")).to_be_hidden()
    expect(generate.locator("#generate-label input")).to_be_visible()
    expect(number(generate, "steps")).to_have_value("20")
    expect(generate.locator("#generate-equation")).to_contain_text("A cascade")
    choose(generate, "generate-model", "Pretrained")
    expect(number(generate, "aug")).to_be_hidden()
    expect(number(generate, "steps")).to_have_value("10")

    choose(generate, "generate-model", "Cascade")
    expect(number(generate, "steps")).to_have_value("20")
    generate.locator("#generate-go").click()
    until_drawn(generate)
    expect(where(generate)).to_have_text("28 × 28 · Step 20 of 20 · done, x₀")
    assert width(generate, SMALL) == width(generate, GIVEN) == 4 * 14 + 5 * 2
    stages = generate.locator("#generate-view .stages")
    expect(stages).to_contain_text("What the small stage drew")
    expect(stages).to_contain_text(f"after {AUG} of 1,000 steps of noise")
    generate.get_by_label("Position in the run").press("Home")
    expect(where(generate)).to_contain_text("14 × 14 · Step 0 of 20")
    generate.get_by_role("button", name="What the large stage was given").press("Enter")
    expect(generate.get_by_role("dialog")).to_be_visible()
    generate.keyboard.press("Escape")
    assert violations(generate, "#generate-tab") == []

    # many garments from one small picture
    more_settings(generate)
    generate.get_by_label("All from one small picture").check()
    set_number(generate, "aug", 0)
    set_number(generate, "steps", 2)
    generate.locator("#generate-go").click()
    expect(generate.locator("#generate-view .said")).to_contain_text("from this one small picture")
    expect(generate.locator("#generate-view .stages")).to_contain_text("without noise")
    expect(generate.locator(SMALL)).to_have_js_property("naturalWidth", 14)
    expect(generate.locator(GIVEN)).to_have_js_property("naturalWidth", 4 * 14 + 5 * 2)
    link = "generate?v=1&model=cascade&label=-2&steps=2&aug=0&from_one=1"
    until_shared(generate, link)
    generate.goto("about:blank")
    generate.goto(f"{app_url}/#{link}")
    expect(generate.get_by_label("All from one small picture")).to_be_checked()
    expect(number(generate, "aug")).to_have_value("0")
