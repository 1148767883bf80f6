"""A class: one presents and asks, a phone joins, answers and shows what it drew."""

import re

import pytest
from playwright.sync_api import expect

from devtools.tabs import until_drawn, until_shared

pytestmark = pytest.mark.slow

DRAWN = "generate?v=1&label=7&count=4&sampler=ddim&steps=2"


def away(route):
    """As nginx answers while a server starts again."""
    route.fulfill(status=502, body="<html>Bad Gateway</html>")


def test_a_phone_answers_and_the_room_sees_how_many(noise, phone, app_url):
    choices, others = (each.locator("#tour .choice") for each in (noise, phone))
    noise.evaluate("setPresenting", True)
    noise.evaluate("location.hash = 'tour=4'")
    expect(choices).to_have_count(4)
    noise.get_by_role("button", name="Ask the room").click()
    noise.wait_for_function("TOUR.room")
    phone.goto("about:blank")
    expect(noise.locator("#tour .where")).to_contain_text("Only this computer")  # no code to scan
    expect(noise.locator("#tour .close")).to_be_hidden()
    noise.get_by_role("button", name="Tour").click()
    expect(noise.locator("#tour .strip")).to_be_visible()  # a class doesn't go on unseen
    phone.goto(f"{app_url}/#{DRAWN}&tour=1&class={noise.evaluate('TOUR.room')}")
    expect(phone.locator("#tour .step")).to_contain_text("4 /")  # where the class is
    assert all(each.bounding_box()["height"] >= 44 for each in others.all())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for told in (".try", ".unfold", ".answer"):
        expect(phone.locator(f"#tour {told}")).to_be_hidden()

    # as Room.answer says when it can take no more
    phone.route("**/class/answer", lambda route: route.fulfill(status=403, json={}), times=1)
    others.nth(2).tap()
    expect(phone.locator("#tour .note")).to_contain_text("couldn't be counted")
    phone.route("**/class/answer", away, times=1)
    others.nth(3).tap()
    expect(phone.locator("#tour .note")).to_contain_text("Your answer counts")  # it is sent again
    expect(choices.locator("output")).to_have_text(["0", "0", "0", "1"])
    others.nth(0).tap()
    expect(choices.locator("output")).to_have_text(["1", "0", "0", "0"])
    expect(noise.locator("#tour .note")).to_have_text("Answers so far: 1")
    expect(others.locator("output")).to_have_text([""] * 4)
    noise.locator("#tour .try").click()
    for each in (choices, others):
        expect(each.locator("output")).to_have_text(["✓ 1", "0", "0", "0"])
        expect(each.nth(0)).to_be_disabled()
    expect(noise.locator("#noise-view .play")).to_contain_text("Pause")
    phone.reload()
    expect(others.locator("output")).to_have_text(["✓ 1", "0", "0", "0"])
    noise.get_by_role("button", name="Next step").click()
    expect(phone.locator("#tour .step")).to_contain_text("5 /")

    phone.route("**/class/at/*", away, times=2)
    for _ in range(2):  # by the second, it knows of the first
        phone.wait_for_event("response", lambda answer: answer.status == 502)
    assert phone.evaluate("TOUR.room")  # it is still in the class

    hang = phone.get_by_role("button", name="Show the room what I drew last")
    expect(hang).to_be_hidden()
    noise.get_by_role("button", name="Open the wall").click()
    expect(noise.locator("#tour .hung")).to_contain_text("Nothing is on the wall yet")
    hang.tap()
    # it has drawn nothing of the link that it joined by
    expect(phone.locator("#tour .hung")).to_contain_text("Draw something first")
    phone.evaluate("remember('files', [])")  # as after a drawing of its own: drawHere
    hang.tap()
    expect(phone.locator("#tour .hung")).to_contain_text("Your own browser drew this one")
    phone.evaluate("openLink", DRAWN)
    until_drawn(phone)
    phone.wait_for_function("JSON.parse(sessionStorage.getItem('files'))?.[0]?.path")
    pictures = noise.locator("#tour .wall .shows")
    hang.tap()
    expect(phone.locator("#tour .hung")).to_contain_text("is on the wall")
    expect(pictures).to_have_count(1)
    expect(pictures.locator("img")).to_have_attribute("src", re.compile("[.]png$"))
    noise.emulate_media(reduced_motion="reduce")
    phone.get_by_role("button", name="Show the room its film").tap()
    # its last frame, which doesn't move
    expect(pictures.locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
    noise.get_by_role("button", name="Previous step").click()
    expect(noise.locator("#tour .ask")).to_be_visible()  # not beside the wall
    expect(pictures).to_have_count(0)
    expect(hang).to_be_hidden()
    noise.get_by_role("button", name="Next step").click()
    pictures.click()
    until_shared(noise, f"{DRAWN}&tour=5&class={noise.evaluate('TOUR.room')}")
    noise.get_by_role("button", name="Clear the wall").click()
    expect(pictures).to_have_count(0)
    noise.get_by_role("button", name="End the class").click()
    expect(phone.locator("#tour .where")).to_contain_text("or is over")
