"""The film of a run in a browser: one plays on opening, and each loops until a hand takes it."""

from __future__ import annotations

from playwright.sync_api import expect

from devtools.tabs import pixels, set_number, slider, where
from devtools.waits import SLOW_MS, until_loaded

PLACES = """() => {  // where the slider has been from now on
    const slider = document.querySelector("#generate-view .place");
    window.places = [];
    const look = () => {
        if (window.places.at(-1) !== slider.value) window.places.push(slider.value);
        requestAnimationFrame(look);
    };
    look();
}"""
# the last frame follows the first but one, and the first follows it
LOOPS = """() => window.places.join(" ").includes("9 10 0 1")"""


def open_generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(slider(page)).to_be_enabled(timeout=SLOW_MS)


def test_a_film_plays_without_a_click_and_a_run_takes_its_place(page):
    open_generate(page)
    expect(page.locator("#generate-view .note")).to_contain_text("made beforehand")
    assert pixels(page, "#generate-view canvas.x").float().std() > 20  # a picture
    page.evaluate(PLACES)
    page.wait_for_function(LOOPS, timeout=SLOW_MS)
    expect(page.locator("#generate-png")).to_be_disabled()
    set_number(page, "steps", 10)
    page.locator("#generate-go").click()
    expect(page.locator("#generate-gif")).to_be_enabled(timeout=SLOW_MS)
    page.evaluate(PLACES)
    page.wait_for_function(LOOPS, timeout=SLOW_MS)
    for key, said in (("Home", "Step 0"), ("ArrowRight", "Step 1 of 10")):
        slider(page).press(key)  # a hand
        expect(where(page)).to_contain_text(said)
    expect(page.locator("#generate-view .play")).to_contain_text("Play")
    slider(page).press(" ")
    expect(where(page)).to_contain_text("Step 3 of 10")
    slider(page).press(" ")
    expect(page.locator("#generate-view .play")).to_contain_text("Play")


def test_nothing_moves_for_those_who_ask_for_less_motion(page):
    page.emulate_media(reduced_motion="reduce")
    open_generate(page)
    expect(where(page)).to_contain_text("Step 10 of 10")
    until_loaded(page)
    expect(page.locator("#generate-view .play")).to_contain_text("Play")
    expect(slider(page)).to_have_value("10")
