"""Five clicks to a sneaker: docs/FIRST_MINUTE.md."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from devtools.first_minute import CLICKS, walk
from devtools.sight import SCREENS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", ["laptop", "phone"])
def test_five_clicks_make_a_sneaker_and_say_how(browser, app_url, tmp_path, screen):
    """What each is about lies within the window, in the picture that is taken there."""
    width, height, _ = SCREENS[screen]
    page = browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
    taken = []
    for name in walk(page, app_url):
        page.screenshot(path=tmp_path / f"{name}.png")
        taken.append(Image.open(tmp_path / f"{name}.png"))
    assert len(taken) == len(CLICKS) == 5 and {each.size for each in taken} == {(width, height)}
    assert page.evaluate("scrollY") == 0  # nobody had to look for anything
    expect(page.locator("#generate-label input")).to_have_value("Sneaker")
    expect(page.locator("#generate-view .note")).to_contain_text("Network calls: 20")
    expect(page.locator("#tour .paragraphs")).to_contain_text("guesses the picture behind it")
    page.close()
