"""What belongs together is in sight together: on a laptop, a projector and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from devtools.tabs import PANEL
from devtools.waits import SLOW_MS, frames
from page.workshop import tour
from page.workshop.links import LINKED

STEPS = tour.load(tour.OWN, LINKED)
SCREENS = {  # width, height, and whether somebody presents
    "laptop": (1280, 800, False),
    "projector": (1920, 1080, True),
    "phone": (390, 844, False),
}
# What is not, or not all, between the top of the screen and the bar at a phone's bottom.
OUT_OF_SIGHT = """(selectors) => selectors.filter((selector) => {
    const bottom = innerHeight - document.getElementById("sheet-bar").offsetHeight;
    const boxes = [...document.querySelectorAll(selector)].map((e) => e.getBoundingClientRect());
    return !boxes.length || boxes.some((box) =>
        !box.height || box.top < 0 || box.bottom > bottom + 0.5 || box.right > innerWidth + 0.5);
})"""
FILM = ["canvas.x", "canvas.x_start", ".place", ".where"]
TOGETHER = {
    "noise": [f"#noise-view {each}" for each in (".panels canvas", ".time", ".now", ".numbers")],
    "generate": [f"#generate-view {each}" for each in FILM],
    "compare": ["#compare-go"],
    "walk": [f"#walk-view {each}" for each in (".pad", ".now", ".corner canvas", ".bar")],
    "train": [
        f"#train-view {each}" for each in (".frame", "progress", "dl div:first-child", ".axes")
    ],
}
ON_A_PHONE = (
    TOGETHER
    | {  # where the rest is a short way below
        "noise": [f"#noise-view {each}" for each in (".panel:first-child canvas", ".time", ".now")],
        "train": TOGETHER["train"][:3],
    }
)


def in_sight(page: Page, selectors: list[str], where: object) -> None:
    try:
        page.wait_for_function(f"(all) => !({OUT_OF_SIGHT})(all).length", arg=selectors)
    except TimeoutError:
        raise AssertionError((where, page.evaluate(OUT_OF_SIGHT, selectors))) from None


def test_picture_slider_and_step_are_in_sight_in_each_step_of_the_tour(browser, app_url):
    page = browser.new_page(locale="en-US")
    page.set_default_timeout(20_000)
    page.goto(app_url)
    for number, step in enumerate(STEPS, 1):
        page.evaluate(f"location.hash = 'tour={number}'")
        expect(page.locator("#tour .step")).to_contain_text(f"{number} /", timeout=SLOW_MS)
        place = step["link"].split("?")[0]
        tab = f"#{place}-tab" if place != "generate" else "#draw-tab"
        expect(page.locator(tab)).to_be_visible(timeout=SLOW_MS)
        for screen, (width, height, presenting) in SCREENS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("setPresenting", presenting)
            together = ON_A_PHONE if screen == "phone" else TOGETHER
            in_sight(page, together[place], (number, screen))
    page.close()


@pytest.mark.parametrize("screen", ["laptop", "projector"])
def test_a_lone_picture_and_the_pad_of_walk_fit(browser, app_url, screen):
    width, height, presenting = SCREENS[screen]
    page = browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
    page.goto(f"{app_url}/?present={presenting:d}#noise?v=1&schedules=linear")
    expect(page.locator(PANEL)).to_have_count(1, timeout=SLOW_MS)
    in_sight(page, TOGETHER["noise"], screen)
    picture, card = (page.locator(f"{PANEL}{each}").bounding_box() for each in (" canvas", ""))
    assert picture["width"] > 0.3 * card["width"] and picture["height"] > 0.6 * card["height"]
    page.evaluate("location.hash = 'walk?v=1'")
    expect(page.locator("#walk-view .pad")).to_be_visible(timeout=SLOW_MS)
    in_sight(page, TOGETHER["walk"], screen)
    page.close()


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_slider_stays_where_it_is_while_words_and_numbers_change(browser, app_url, language):
    """A hand may be on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale=language)
    page.goto(app_url)
    expect(page.locator(PANEL)).to_have_count(4, timeout=SLOW_MS)
    slider, play = page.locator("#noise-time"), page.locator("#noise-view .play")
    T = page.locator("#noise-T input[type=number]")
    for width, height in ((1280, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        frames(page)
        there = slider.bounding_box()
        for t in (0, 9, 10, 99, 100, 199):
            slider.fill(str(t))
            frames(page, 2)
            assert slider.bounding_box() == there, (width, t)
        play.click()
        expect(play).to_contain_text("❚❚")
        assert slider.bounding_box() == there, width
        play.click()
        expect(play).to_contain_text("▶")
    page.set_viewport_size({"width": 1280, "height": 800})
    frames(page)
    there = slider.bounding_box()
    T.fill("1000")
    slider.press("End")
    expect(page.locator("#noise-view .now")).to_have_text("999 / 999", timeout=SLOW_MS)
    page.evaluate("scrollTo(0, 0)")  # T is further down
    assert slider.bounding_box() == there
    page.close()
