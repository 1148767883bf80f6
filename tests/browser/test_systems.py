"""Models of several networks in a browser, small and untrained: by words, a cascade, and DALL·E 2's
way. What their settings are and what they draw: tests/page/models."""

import re
import subprocess

import pytest
from gradio_client import Client
from playwright.sync_api import expect

from devtools import ROOT
from devtools.axe import violations
from devtools.tabs import (
    choose,
    more_settings,
    pixels,
    set_number,
    start_from_a_sketch,
    until_drawn,
    until_shared,
    where,
)
from devtools.tiny_models import AUG
from devtools.waits import until_still

pytestmark = pytest.mark.slow

FIELD = "#generate-words :is(input, textarea)"
BEFORE = "#generate-words-before :is(input, textarea)"
SAID = "#generate-view .said"
SMALL, GIVEN = "#generate-view img.small", "#generate-view img.given"
PROPOSAL = "#generate-view .proposal"
PLAN = "#compare-view .plan"


def number(page, name: str):
    return page.locator(f"#generate-{name} input[type=number]")


def draw(page) -> None:
    page.locator("#generate-go").click()
    until_drawn(page)


def width(page, selector: str) -> int:
    return page.locator(selector).evaluate("image => image.naturalWidth")


def has_both_stages(page, steps: int) -> None:
    """The film of sixteen pictures, which everyone can use."""
    expect(where(page)).to_have_text(f"28 × 28 · Step {steps} of {steps} · done, x₀")
    assert width(page, SMALL) == 4 * 14 + 5 * 2
    page.get_by_label("Position in the run").press("Home")
    expect(where(page)).to_contain_text(f"14 × 14 · Step 0 of {steps}")
    assert violations(page, "#generate-tab") == []


def test_words_take_the_place_of_classes_and_unknown_ones_are_named(generate):
    expect(generate.locator(FIELD)).to_be_hidden()
    choose(generate, "generate-model", "By words (Imagen’s way)")
    expect(generate.locator(FIELD)).to_be_visible()
    expect(generate.locator("#generate-label")).to_be_hidden()
    expect(generate.locator("#generate-equation")).to_contain_text("Dynamic thresholding")
    generate.get_by_role("button", name="a flurb sweater").click()
    expect(generate.locator(FIELD)).to_have_value("a flurb sweater")
    draw(generate)
    expect(generate.locator(SAID)).to_contain_text("doesn’t know, and passed over: flurb")
    has_both_stages(generate, 18)
    note = generate.locator("#words-examples .untaught")
    expect(note).to_have_text("No caption in training had: flurb")
    generate.locator(FIELD).fill("a red hat")
    expect(note).to_have_text("No caption in training had: red, hat")
    generate.locator(FIELD).press("Enter")
    expect(generate.locator(SAID)).to_contain_text("No caption in training had: red, hat")
    generate.get_by_role("button", name="中文").click()
    expect(note).to_have_text("训练用的服装描述里没有出现过：red、hat")
    expect(generate.get_by_role("button", name="深色短靴")).to_be_visible()
    generate.locator(FIELD).fill("a dark boot")
    expect(note).to_be_empty()


def test_hostile_words_stay_words(generate, app_url):
    """In the field, in the sentence about them, and in a link; Enter draws them."""
    more_settings(generate)
    choose(generate, "generate-model", "By words (Imagen’s way)")
    expect(generate.get_by_label("Static")).to_be_checked()  # what is best, for who chooses it
    hostile = "<img src=x onerror=document.title='hit'> zqx"
    generate.locator(FIELD).fill(hostile)
    generate.locator(FIELD).press("Enter")
    until_drawn(generate)
    expect(generate.locator(SAID)).to_contain_text("zqx")
    expect(generate.locator(SAID)).to_contain_text("Static thresholding cut them off")
    assert generate.locator(f"{SAID} img").count() == 0
    link = (
        "generate?v=1&model=words&interval=0,700&words=%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D%27hit%27%3E"
        "%20zqx&thresholding=static"
    )
    until_shared(generate, link)
    generate.goto("about:blank")
    generate.goto(f"{app_url}/#{link}")
    expect(generate.locator(FIELD)).to_have_value(hostile)
    expect(number(generate, "steps")).to_have_value("18")
    assert generate.title() != "hit"


def test_the_documented_calls_draw(app_url):
    text = (ROOT / "docs/PROGRAMS.md").read_text("utf-8")
    blocks = re.findall(r"```(?:python|bash)\n(.*?)```", text, re.S)
    blocks = [block.replace("http://127.0.0.1:7860", app_url) for block in blocks]
    python, shell = (block for block in blocks if "words" in block and "/generate" in block)
    client = Client(app_url, verbose=False, analytics_enabled=False)
    names: dict = {"client": client}
    exec(python, names)
    assert len(names["pictures"]) == 4 and names["progress"]["stages"]["unknown"] == []
    client.close()
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=120)
    assert "event: complete" in done.stdout and "data:image/png" in done.stdout


def test_a_cascade_draws_both_stages_and_many_garments_from_one_small_picture(generate, app_url):
    expect(number(generate, "aug")).to_be_hidden()
    choose(generate, "generate-model", "Cascade")
    expect(number(generate, "aug")).to_have_value(str(AUG))
    expect(number(generate, "steps")).to_have_value("20")
    expect(generate.locator("#generate-equation")).to_contain_text("A cascade")
    draw(generate)
    stages = generate.locator("#generate-view .stages")
    expect(stages).to_contain_text("What the small stage drew")
    expect(stages).to_contain_text(f"after {AUG} of 1,000 steps of noise")
    assert width(generate, GIVEN) == 4 * 14 + 5 * 2
    has_both_stages(generate, 20)
    generate.get_by_role("button", name="What the large stage was given").press("Enter")
    expect(generate.get_by_role("dialog")).to_be_visible()
    generate.keyboard.press("Escape")

    more_settings(generate)
    generate.get_by_label("All from one small picture").check()
    set_number(generate, "aug", 0)
    set_number(generate, "steps", 2)
    generate.locator("#generate-go").click()
    expect(generate.locator(SAID)).to_contain_text("from this one small picture")
    expect(stages).to_contain_text("without noise")
    expect(generate.locator(SMALL)).to_have_js_property("naturalWidth", 14)
    expect(generate.locator(GIVEN)).to_have_js_property("naturalWidth", 4 * 14 + 5 * 2)
    link = "generate?v=1&model=cascade&label=-2&steps=2&aug=0&from_one=1"
    until_shared(generate, link)
    generate.goto("about:blank")
    generate.goto(f"{app_url}/#{link}")
    expect(generate.get_by_label("All from one small picture")).to_be_checked()
    expect(number(generate, "aug")).to_have_value("0")


def test_words_are_drawn_and_a_real_garment_is_varied(generate):
    # the prior's proposals are shown
    choose(generate, "generate-model", "DALL·E 2’s way")
    expect(generate.locator("#generate-equation")).to_contain_text("two diffusions")
    generate.get_by_role("button", name="a flurb sweater").click()
    set_number(generate, "count", 4)
    draw(generate)
    for name in ("kept", "passed"):
        assert width(generate, f"{PROPOSAL} .{name} img") == 2 * 28 + 3 * 2
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
    while not pixels(generate, "#generate-pad canvas").any():
        generate.wait_for_timeout(100)
    generate.locator("#generate-go").click()
    expect(said).to_contain_text("Your picture became")
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
