"""DALL·E 2's way in a browser, small and untrained."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from devtools.axe import violations
from devtools.tabs import choose, pixels, set_number, start_from_a_sketch, until_drawn
from devtools.waits import until_still

pytestmark = pytest.mark.slow

FIELD = "#generate-words :is(input, textarea)"
BEFORE = "#generate-words-before :is(input, textarea)"
PROPOSAL = "#generate-view .proposal"
PLAN = "#compare-view .plan"


def test_words_are_drawn_and_a_real_garment_is_varied(generate):
    # the prior's proposals are shown
    choose(generate, "generate-model", "DALL·E 2’s way")
    expect(generate.locator(FIELD)).to_be_visible()
    expect(generate.locator("#generate-label")).to_be_hidden()
    expect(generate.locator("#generate-equation")).to_contain_text("two diffusions")
    expect(generate.locator("#generate-guidance input[type=number]")).to_have_value("2")
    generate.get_by_role("button", name="a flurb sweater").click()
    set_number(generate, "count", 4)
    generate.locator("#generate-go").click()
    until_drawn(generate)
    for name in ("kept", "passed"):
        image = generate.locator(f"{PROPOSAL} .{name} img")
        assert image.evaluate("image => image.naturalWidth") == 2 * 28 + 3 * 2
    said = generate.locator(f"{PROPOSAL} .about")
    expect(said).to_contain_text("its similarity to them is")
    expect(said).to_contain_text("passed over: flurb")
    expect(generate.locator("#generate-view .stages")).to_be_hidden()
    until_still(generate)
    assert violations(generate, "#generate-tab") == []

    # a real garment is varied
    start_from_a_sketch(generate)
    expect(generate.locator("#generate-eta")).to_be_visible()
    for hidden in ("noise", "steps", "guidance"):
        expect(generate.locator(f"#generate-{hidden}")).to_be_hidden()
    expect(generate.locator(BEFORE)).to_be_visible()
    expect(generate.locator("#generate-go")).to_have_text("Draw variations")
    generate.locator("#generate-real").click()
    for _ in range(100):
        if pixels(generate, "#generate-pad canvas").any():
            break
        generate.wait_for_timeout(100)
    generate.locator("#generate-go").click()
    expect(generate.locator(f"{PROPOSAL} .about")).to_contain_text("Your picture became")
    expect(generate.locator(f"{PROPOSAL} .passed")).to_be_hidden()


def test_an_axis_of_its_own_chooses_it_and_asks_for_both_texts(generate):
    generate.get_by_role("tab", name="Compare").click()
    choose(generate, "compare-axis", "Change by words")
    expect(generate.locator(BEFORE)).to_be_visible()
    expect(generate.locator(FIELD)).to_be_visible()
    expect(generate.locator("#generate-steps")).to_be_hidden()
    expect(generate.locator(PLAN)).to_contain_text("150 network calls")
    generate.get_by_label("A sketch or a photo").check()
    expect(generate.locator("#generate-pad canvas")).to_be_visible()
    expect(generate.locator(f"{PLAN}.refused")).to_be_visible()
    generate.get_by_label("Noise", exact=True).check()
    expect(generate.locator(PLAN)).to_contain_text("150 network calls")
