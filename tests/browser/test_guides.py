"""Classifier guidance in a browser: chosen, explained, refused without a class, and compared."""

from __future__ import annotations

from playwright.sync_api import expect

from devtools.tabs import choose, message, more_settings, set_number, shared_link, until_drawn
from devtools.waits import SLOW_MS

BOARD = "#compare-view .board .name"


def test_a_classifier_guides_and_stands_beside_the_labels(generate, console_errors):
    more_settings(generate)
    set_number(generate, "steps", 2)
    equation = generate.locator("#generate-equation-guide")
    expect(equation).to_be_hidden()
    generate.get_by_label("A classifier of noisy pictures").check()
    expect(equation).to_contain_text("Guided by a classifier", timeout=SLOW_MS)
    expect(equation.locator(".katex").first).to_be_visible()
    generate.locator("#generate-go").click()  # anything
    expect(message(generate)).to_contain_text("is not a class: choose one", timeout=SLOW_MS)
    console_errors.clear()

    choose(generate, "generate-label", "Sneaker")
    set_number(generate, "guidance", 4)
    generate.get_by_role("button", name="Show the code").click()
    code = generate.locator("#generate-code")
    expect(code).to_contain_text("def dpm_solver(", timeout=SLOW_MS)
    generate.locator("#generate-go").click()
    until_drawn(generate)
    expect(generate.locator("#generate-view .note")).to_contain_text("classifier for its gradient")
    link = shared_link(generate)
    assert link.endswith("#generate?v=1&label=7&steps=2&guidance=4&guided_by=classifier")

    generate.get_by_role("tab", name="Compare").click()
    choose(generate, "compare-axis", "Guided by")
    expect(generate.locator("#generate-guided-by")).to_be_hidden(timeout=SLOW_MS)
    generate.locator("#compare-go").click()
    status = generate.locator("#compare-view").get_by_role("status")
    expect(status).to_contain_text("2 settings", timeout=SLOW_MS)
    expect(generate.locator(BOARD)).to_have_text(
        ["The noise", "Guided by its labels", "Guided by a classifier"]
    )
    expect(generate.locator("#compare-view .look")).to_contain_text("Look at")
