"""The fold "What the schedule alone does" in a browser: it draws when opened, then follows."""

import re

import pytest
from playwright.sync_api import expect

from devtools.tabs import message
from devtools.waits import frames

pytestmark = pytest.mark.slow


def test_it_draws_when_opened_and_follows_the_settings_and_the_hand(noise, console_errors):
    noise.locator("#noise-exact button.label-wrap").click()
    view = noise.locator("#exact-view")
    status = view.get_by_role("status")
    expect(status).to_contain_text("400 samples under each schedule, T = 200, 20 steps")
    assert view.locator(".name").all_inner_texts() == ["Linear", "Quadratic", "Cosine", "Sigmoid"]
    assert "…" not in "".join(view.locator(".distance").all_inner_texts())
    cards = view.locator("figure")
    expect(cards.first.locator("tr")).to_have_count(10)
    for width in (390, 1280):
        noise.set_viewport_size({"width": width, "height": 900})
        frames(noise)
        assert noise.evaluate("document.documentElement.scrollWidth") <= width

    distance = view.locator(".distance span:last-child").first
    fair = distance.inner_text()

    noise.get_by_label("β range as in the notebook").check()
    expect(distance).not_to_have_text(re.compile(rf"{fair}|…"))
    assert float(distance.inner_text()[:-1]) > 5 * float(fair[:-1])
    noise.locator("#noise-schedules").get_by_label("Linear").uncheck()
    expect(cards).to_have_count(3)
    noise.locator("#noise-steps input[type=range]").fill("2")  # the third stop
    expect(status).to_contain_text("5 steps")

    noise.get_by_role("button", name="Draw your own").click()
    expect(cards).to_have_count(4)
    expect(view.locator(".name").last).to_have_text("Drawn")
    expect(status).to_contain_text("400 samples")

    # a wrong number of steps is refused
    noise.locator("#noise-steps input[type=number]").fill("1000")
    expect(message(noise)).to_contain_text("from 1 to 200")
    console_errors.clear()
