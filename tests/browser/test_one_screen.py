"""What belongs together is in sight together: on a laptop, a projector and a phone."""

import pytest
from playwright.sync_api import expect

from devtools.sight import SCREENS, TOGETHER, in_sight
from devtools.tabs import PANEL
from devtools.waits import frames

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", ["laptop", "projector"])
def test_a_lone_picture_and_the_pad_of_walk_fit(visit, screen):
    width, height, presenting = SCREENS[screen]
    link = f"?present={presenting:d}#noise?v=1&schedules=linear"
    page = visit(link, viewport={"width": width, "height": height})
    expect(page.locator(PANEL)).to_have_count(1)
    in_sight(page, TOGETHER["noise"], screen)
    picture, card = (page.locator(f"{PANEL}{each}").bounding_box() for each in (" canvas", ""))
    assert picture["width"] > 0.3 * card["width"] and picture["height"] > 0.6 * card["height"]
    page.evaluate("location.hash = 'walk?v=1'")
    expect(page.locator("#walk-view .pad")).to_be_visible()
    in_sight(page, TOGETHER["walk"], screen)


def test_the_slider_stays_where_it_is_while_words_and_numbers_change(noise):
    """A hand may be on it."""
    slider, play = noise.locator("#noise-time"), noise.locator("#noise-view .play")
    T, now = noise.locator("#noise-T input[type=number]"), noise.locator("#noise-view .now")
    for language in ("en", "zh-CN"):
        noise.evaluate("setLanguage", language)
        T.fill("200")
        expect(now).to_contain_text("/ 199")
        for width, height in ((390, 844), (1280, 800)):
            noise.set_viewport_size({"width": width, "height": height})
            noise.evaluate("scrollTo(0, 0)")
            frames(noise)
            there = slider.bounding_box()
            for t in (0, 9, 10, 99, 100, 199):
                slider.fill(str(t))
                frames(noise, 2)
                assert slider.bounding_box() == there, (width, t)
            play.click()
            expect(play).to_contain_text("❚❚")
            assert slider.bounding_box() == there, width
            play.click()
            expect(play).to_contain_text("▶")
        T.fill("1000")
        slider.press("End")
        expect(now).to_have_text("999 / 999")
        noise.evaluate("scrollTo(0, 0)")  # T is further down
        assert slider.bounding_box() == there
