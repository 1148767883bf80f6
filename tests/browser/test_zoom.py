"""Pictures open large by mouse, finger and keyboard, in whole pixels, and stay alive meanwhile."""

from playwright.sync_api import expect

from devtools.tabs import PANEL
from devtools.waits import frames

DATA = "canvas => canvas.toDataURL()"


def large(page):
    return page.locator("#zoom canvas")


def test_a_panel_by_mouse_and_keyboard(noise):
    button = noise.locator(f"{PANEL} .zoomable").nth(1)
    small = button.locator("canvas")
    button.click()
    expect(noise.get_by_role("dialog", name="Quadratic")).to_be_visible()
    expect(large(noise)).to_have_css("image-rendering", "pixelated")
    assert large(noise).evaluate(DATA) == small.evaluate(DATA)
    assert large(noise).bounding_box()["width"] > 3 * small.bounding_box()["width"]
    noise.keyboard.press("Escape")
    expect(noise.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    noise.keyboard.press("Enter")
    expect(noise.get_by_role("button", name="Close")).to_be_focused()
    noise.keyboard.press("Enter")
    expect(noise.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()

    # escape closes the picture before it ends presenting
    noise.get_by_role("button", name="Present").click()
    noise.locator(f"{PANEL} .zoomable").first.click()
    expect(large(noise)).to_be_visible()
    noise.keyboard.press("Escape")
    expect(large(noise)).to_be_hidden()
    expect(noise.locator("#noise-settings")).to_be_hidden()

    # what plays goes on playing
    noise.get_by_role("button", name="Play").click()
    noise.locator(f"{PANEL} .zoomable").first.click()
    first = large(noise).evaluate(DATA)
    noise.wait_for_function(
        "before => document.querySelector('#zoom canvas').toDataURL() !== before", arg=first
    )


def test_the_film_and_trains_strip_by_finger(phone):
    phone.get_by_role("tab", name="Generate").tap()
    picture = phone.get_by_role("button", name="The network’s guess")
    expect(phone.locator("#generate-view .note")).to_contain_text("recorded earlier")
    picture.tap()
    expect(large(phone)).to_be_visible()
    box = large(phone).bounding_box()
    assert box["width"] > 350 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    phone.get_by_role("button", name="Close").tap()
    expect(large(phone)).to_be_hidden()

    # the strip is wider than a phone, and scrolls to what was tapped
    phone.get_by_role("tab", name="Train").tap()
    strip = phone.locator("#train-view .frame")
    expect(strip).to_be_enabled()
    box = strip.bounding_box()
    strip.tap(position={"x": box["width"] - 20, "y": 20})
    frames(phone, 2)
    assert large(phone).bounding_box()["width"] >= 4 * 302
    right = large(phone).evaluate("canvas => canvas.getBoundingClientRect().right")
    assert right < 800  # its left end would be in sight otherwise
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
