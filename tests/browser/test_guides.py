"""Guides in a browser, chosen, explained, refused and compared; and the times at which they act."""

import re

import pytest
from playwright.sync_api import Locator, expect

from devtools.tabs import choose, drag, more_settings, set_number, shared_link, until_drawn
from page.models.guides import GUIDES

pytestmark = pytest.mark.slow

WORSE = GUIDES["worse"]
INTERVAL = "#generate-interval"
AXIS = f"{INTERVAL} .axis"
BOARD = "#compare-view .board .name"


def test_a_classifier_guides_and_stands_beside_the_labels(generate):
    more_settings(generate)
    set_number(generate, "steps", 2)
    equation = generate.locator("#generate-equation-guide")
    expect(equation).to_be_hidden()
    generate.get_by_label("A classifier of noisy pictures").check()
    expect(equation).to_contain_text("Guided by a classifier")
    expect(equation.locator(".katex").first).to_be_visible()
    choose(generate, "generate-label", "Sneaker")
    set_number(generate, "guidance", 4)
    generate.get_by_role("button", name="Show the code").click()
    code = generate.locator("#generate-code")
    expect(code).to_contain_text("def dpm_solver(")
    generate.locator("#generate-go").click()
    until_drawn(generate)
    expect(generate.locator("#generate-view .note")).to_contain_text("classifier for its gradient")
    link = shared_link(generate)
    assert link.endswith(
        "#generate?v=1&model=taught&label=7&steps=2&guidance=4&guided_by=classifier"
    )

    generate.get_by_role("tab", name="Compare").click()
    choose(generate, "compare-axis", "Guided by")
    expect(generate.locator("#generate-guided-by")).to_be_hidden()
    generate.locator("#compare-go").click()
    status = generate.locator("#compare-view").get_by_role("status")
    expect(status).to_contain_text("3 settings")
    rows = [f"Guided by {each}" for each in ("its labels", "a classifier", "its own worse self")]
    expect(generate.locator(BOARD)).to_have_text(["The noise", *rows])
    expect(generate.locator("#compare-view .look")).to_contain_text("Look at")


def test_its_own_worse_self_guides_without_a_class(generate):
    more_settings(generate)
    generate.get_by_label("Its own worse self").check()
    scale = generate.locator("#generate-guidance input[type=number]")
    expect(scale).to_have_value(f"{WORSE.usual:g}")
    expect(generate.locator(f"{INTERVAL} output")).to_have_text("{} – {}".format(*WORSE.times))
    equation = generate.locator("#generate-equation-guide")
    expect(equation).to_contain_text("Guided by its own worse self")
    expect(equation.locator(".katex").first).to_be_visible()
    set_number(generate, "steps", 2)
    generate.locator("#generate-go").click()
    until_drawn(generate)
    said = "also asks the worse model · guidance at t = {} … {} only".format(*WORSE.times)
    expect(generate.locator("#generate-view .note")).to_contain_text(said)
    link = shared_link(generate)
    way = f"guidance={WORSE.usual:g}&guided_by=worse&interval={{}},{{}}".format(*WORSE.times)
    assert link.endswith(f"#generate?v=1&model=taught&label=-2&steps=2&{way}")

    fold = generate.locator("#guide-pictures")
    fold.locator("button.label-wrap").click()
    expect(fold.locator("img")).to_have_count(7)
    # below one another: a column is of the same noise
    assert len({box["x"] for box in map(Locator.bounding_box, fold.locator("img").all())}) == 1
    assert fold.locator("img").evaluate_all("all => all.every((each) => each.naturalWidth > 200)")
    choose(generate, "generate-model", "One, two or four calls")
    expect(generate.locator("#generate-guidance")).to_be_hidden()
    choose(generate, "generate-model", "Pretrained")
    generate.get_by_label("The labels it learned").check()
    expect(scale).to_have_value("1")


def test_two_handles_say_when_guidance_acts(generate):
    shown = generate.locator(f"{INTERVAL} output")
    expect(generate.locator(INTERVAL)).to_be_hidden()
    set_number(generate, "guidance", 2)
    expect(shown).to_have_text("0 – 999")
    least = generate.get_by_label("Lowest t at which guidance acts")
    greatest = generate.get_by_label("Highest t at which guidance acts")
    greatest.focus()
    generate.keyboard.press("PageDown")
    generate.keyboard.press("ArrowLeft")
    lower = int(shown.inner_text().split(" – ")[1])
    assert 890 <= lower < 900 and greatest.get_attribute("aria-valuetext") == f"t = {lower}"
    generate.keyboard.press("Home")  # no further than the other handle
    expect(shown).to_have_text("0 – 0")
    drag(generate, AXIS, (0.01, 0.5), (0.5, 0.5), steps=3)  # from where both are
    drag(generate, AXIS, (0.2, 0.5), (0.3, 0.5), steps=3)  # the nearer one
    expect(least).to_be_focused()
    low, high = map(int, shown.inner_text().split(" – "))
    assert 285 <= low <= 310 and 490 <= high <= 510
    drag(generate, AXIS, (0.3, 0.5), (0.9, 0.5), steps=3)
    expect(shown).to_have_text(f"{high} – {high}")

    set_number(generate, "guidance", 1)
    expect(generate.locator(INTERVAL)).to_be_hidden()
    set_number(generate, "guidance", 2)  # nothing is forgotten
    expect(shown).to_have_text(f"{high} – {high}")
    way = f"#generate?v=1&model=taught&label=-2&guidance=2&interval={high},{high}"
    assert shared_link(generate).endswith(way)
    choose(generate, "generate-model", "Cascade")
    expect(generate.locator(INTERVAL)).to_be_hidden()


def test_a_link_sets_the_handles_and_a_finger_moves_them(phone):
    phone.evaluate("openLink", "generate?v=1&guidance=3&guided_by=worse&interval=100,600")
    phone.locator("#sheet-button").tap()
    shown = phone.locator(f"{INTERVAL} output")
    expect(shown).to_have_text("100 – 600")
    axis = phone.locator(f"{INTERVAL} .axis")
    box = axis.bounding_box()
    axis.tap(position={"x": 0.8 * box["width"], "y": box["height"] / 2})
    expect(shown).to_have_text(re.compile(r"100 – 8[01]\d"))
    assert box["height"] >= 44 and box["x"] + box["width"] <= 390
