"""Five clicks to a sneaker: docs/FIRST_MINUTE.md."""

import pytest
from playwright.sync_api import expect

from devtools.first_minute import walk
from devtools.sight import SCREENS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("screen", ["laptop", "phone"])
def test_five_clicks_make_a_sneaker_and_say_how(new_context, app_url, screen):
    """What each is about lies within the window, or `walk` fails."""
    width, height, _ = SCREENS[screen]
    page = new_context(viewport={"width": width, "height": height}).new_page()
    assert len([*walk(page, app_url)]) == 5
    assert page.evaluate("scrollY") == 0  # nobody had to look for anything
    expect(page.locator("#generate-label input")).to_have_value("Sneaker")
    expect(page.locator("#generate-view .note")).to_contain_text("Network calls: 20")
    expect(page.locator("#tour .paragraphs")).to_contain_text("guesses the picture behind it")
