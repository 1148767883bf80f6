"""The film of a run in a browser: one plays on opening, and each loops until a hand takes it."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from devtools.tabs import pixels, set_number, slider, until_drawn, where
from devtools.waits import until_loaded

pytestmark = pytest.mark.slow

PLACES = """() => {  // where the slider has been from now on
    const slider = document.querySelector("#generate-view .place");
    window.places = [];
    const look = () => {
        if (window.places.at(-1) !== slider.value) window.places.push(slider.value);
        requestAnimationFrame(look);
    };
    look();
}"""
SEEN = """() => {  // the picture of each place when its words first appear, from now on
    const line = document.querySelector("#generate-view .where");
    const canvas = document.querySelector("#generate-view canvas.x");
    window.seen = {};
    new MutationObserver(() => (window.seen[line.textContent] ??= canvas.toDataURL())).observe(
        line, { childList: true });
}"""
# the last frame follows the first but one, and the first follows it
LOOPS = """() => window.places.join(" ").includes("9 10 0 1")"""


def open_generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(slider(page)).to_be_enabled()


def test_a_film_plays_without_a_click_and_a_run_takes_its_place(page):
    open_generate(page)
    expect(page.locator("#generate-view .note")).to_contain_text("recorded earlier")
    assert pixels(page, "#generate-view canvas.x").float().std() > 20  # a picture
    page.evaluate(PLACES)
    page.wait_for_function(LOOPS)
    expect(page.locator("#generate-png")).to_be_disabled()
    set_number(page, "steps", 10)
    page.locator("#generate-go").click()
    until_drawn(page)
    page.evaluate(PLACES)
    page.wait_for_function(LOOPS)
    for key, said in (("Home", "Step 0"), ("ArrowRight", "Step 1 of 10")):
        slider(page).press(key)  # a hand
        expect(where(page)).to_contain_text(said)
    expect(page.locator("#generate-view .play")).to_contain_text("Play")
    slider(page).press(" ")
    expect(where(page)).to_contain_text("Step 3 of 10")
    slider(page).press(" ")
    expect(page.locator("#generate-view .play")).to_contain_text("Play")


def test_a_picture_and_its_words_change_at_once_and_a_reload_keeps_the_film(page):
    """At once also while a run streams, whose pictures the browser has yet to decode."""
    open_generate(page)
    set_number(page, "steps", 12)  # the film that plays has 10
    page.evaluate(SEEN)
    page.locator("#generate-go").click()
    until_drawn(page)
    slider(page).press("Home")
    canvas = page.locator("#generate-view canvas.x")
    for step in range(13):
        expect(where(page)).to_contain_text(f"Step {step} of 12")
        seen = page.evaluate("window.seen")[where(page).inner_text()]
        assert canvas.evaluate("canvas => canvas.toDataURL()") == seen, step
        slider(page).press("ArrowRight")

    # a reload brings back the film with its downloads
    page.reload()
    expect(where(page)).to_contain_text("of 12")
    for kind, name in (("png", "PNG"), ("gif", "GIF")):
        button = page.locator(f"#generate-{kind}")
        expect(button).to_be_enabled()
        with page.expect_download() as download:
            button.click()
        assert "12-steps" in download.value.suggested_filename
        with Image.open(download.value.path()) as picture:
            assert picture.format == name


def test_nothing_moves_for_those_who_ask_for_less_motion(page):
    page.emulate_media(reduced_motion="reduce")
    open_generate(page)
    expect(where(page)).to_contain_text("Step 10 of 10")
    until_loaded(page)
    expect(page.locator("#generate-view .play")).to_contain_text("Play")
    expect(slider(page)).to_have_value("10")
