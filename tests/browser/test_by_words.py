"""Pictures by words in a browser and through the endpoint, with a small model of its own."""

from __future__ import annotations

import re
import subprocess

import pytest
from gradio_client import Client
from playwright.sync_api import expect

from devtools import ROOT
from devtools.axe import violations
from devtools.tabs import choose, more_settings, until_drawn, until_shared, where

pytestmark = pytest.mark.slow

FIELD = "#generate-words :is(input, textarea)"
SAID = "#generate-view .said"


def test_words_take_the_place_of_classes_and_unknown_ones_are_named(generate):
    expect(generate.locator(FIELD)).to_be_hidden()
    choose(generate, "generate-model", "By words (Imagen’s way)")
    expect(generate.locator(FIELD)).to_be_visible()
    for hidden in ("label", "start", "schedule"):
        expect(generate.locator(f"#generate-{hidden}")).to_be_hidden()
    steps = generate.locator("#generate-steps input[type=number]")
    expect(steps).to_have_value("18")
    expect(generate.locator("#generate-guidance input[type=number]")).to_have_value("2")
    expect(generate.locator("#generate-equation")).to_contain_text("Dynamic thresholding")
    choose(generate, "generate-model", "Pretrained")
    expect(generate.locator("#generate-label input")).to_be_visible()
    expect(generate.locator(FIELD)).to_be_hidden()
    expect(steps).to_have_value("10")

    choose(generate, "generate-model", "By words (Imagen’s way)")
    generate.get_by_role("button", name="a flurb sweater").click()
    expect(generate.locator(FIELD)).to_have_value("a flurb sweater")
    generate.locator("#generate-go").click()
    until_drawn(generate)
    expect(where(generate)).to_have_text("28 × 28 · Step 18 of 18 · done, x₀")
    expect(generate.locator(SAID)).to_contain_text("doesn’t know, and passed over: flurb")
    expect(generate.locator(SAID)).to_contain_text("Dynamic thresholding")
    small = generate.get_by_role("img", name="What the small stage drew")
    assert small.evaluate("image => image.naturalWidth") == 4 * 14 + 5 * 2
    generate.get_by_label("Position in the run").press("Home")
    expect(where(generate)).to_contain_text("14 × 14 · Step 0 of 18")
    assert violations(generate, "#generate-tab") == []
    note = generate.locator("#words-examples .untaught")
    expect(note).to_have_text("No caption in training had: flurb")
    generate.locator(FIELD).fill("a red hat")
    expect(note).to_have_text("No caption in training had: red, hat")
    generate.locator(FIELD).press("Enter")
    expect(generate.locator(SAID)).to_contain_text("No caption in training had: red, hat")
    generate.get_by_role("button", name="中文").click()
    expect(note).to_have_text("训练用的服装描述里没有出现过：red、hat")
    generate.locator(FIELD).fill("a dark boot")
    expect(note).to_be_empty()


def test_hostile_words_stay_words(generate, app_url):
    """In the field, in the sentence about them, and in a link; Enter draws them."""
    more_settings(generate)
    choose(generate, "generate-model", "By words (Imagen’s way)")
    generate.get_by_label("Static").check()
    hostile = "<img src=x onerror=document.title='hit'> zqx"
    generate.locator(FIELD).fill(hostile)
    generate.locator(FIELD).press("Enter")
    until_drawn(generate)
    expect(generate.locator(SAID)).to_contain_text("zqx")
    expect(generate.locator(SAID)).to_contain_text("Static thresholding cut them off")
    assert generate.locator(f"{SAID} img").count() == 0
    link = (
        "generate?v=1&model=words&words=%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D%27hit%27%3E"
        "%20zqx&thresholding=static"
    )
    until_shared(generate, link)
    generate.goto("about:blank")
    generate.goto(f"{app_url}/#{link}")
    expect(generate.locator(FIELD)).to_have_value(hostile)
    expect(generate.locator("#generate-steps input[type=number]")).to_have_value("18")
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
