"""The tour in a browser: every step in both languages, links to steps, a phone, the keyboard."""

import pytest
from playwright.sync_api import expect

from devtools.sight import ON_A_PHONE, SCREENS, TOGETHER, in_sight
from devtools.tabs import choose, shared_link, until_shared
from page.workshop import tour
from page.workshop.links import LINKED
from page.workshop.sharing import qr_code

pytestmark = pytest.mark.slow

STEPS = tour.load(tour.OWN, LINKED)
for each in STEPS:  # as the page shows them: with a subscript
    for part in ("question", "answer"):
        each[part] = [text.replace("_T", "T") for text in each[part]]
NAMES = {
    "en": ("New here? Take the tour", "Next step", "Answer"),
    "zh-CN": ("第一次来？跟着导览走", "下一步", "答案"),
}


def test_every_step_asks_and_answers(noise):
    """In both languages, one after the other."""
    strip = noise.locator("#tour .strip")
    for k, (language, (opens, forward, answer)) in enumerate(NAMES.items()):
        noise.evaluate("setLanguage", language)
        noise.get_by_role("button", name=opens, exact=True).click()
        for number, step in enumerate(STEPS, 1):
            expect(strip.locator(".question")).to_have_text(step["question"][k])
            expect(strip.locator(".step")).to_have_text(f"{number} / {len(STEPS)}")
            expect(strip.locator(".answer")).to_be_hidden()
            strip.get_by_role("button", name=answer).click()
            words = strip.locator(".paragraphs").inner_text().replace("\n\n", "\n")
            assert " ".join(words.split()) == " ".join(step["answer"][k].split())
            if number < len(STEPS):
                noise.get_by_role("button", name=forward).click()
        expect(noise.get_by_role("button", name=forward)).to_be_disabled()
        noise.evaluate("location.hash = 'tour=1'")
        expect(strip.locator(".step")).to_have_text(f"1 / {len(STEPS)}")
        strip.locator(".close").click()


@pytest.mark.timeout(600)  # sixteen steps, each opened and shared
def test_every_step_sets_the_page_and_all_of_it_is_in_sight(page):
    """Its settings are those that the step's link names; picture, slider and step count fit a
    laptop, a projector and a phone."""
    for number, step in enumerate(STEPS, 1):
        page.evaluate(f"location.hash = 'tour={number}'")
        expect(page.locator("#tour .step")).to_contain_text(f"{number} /")
        until_shared(page, f"{step['link']}&tour={number}")
        place = step["link"].split("?")[0]
        expect(page.locator(".look-at")).to_have_text(step["look"][0].replace("_T", "T"))
        for screen, (width, height, presenting) in SCREENS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("setPresenting", presenting)
            together = ON_A_PHONE if screen == "phone" else TOGETHER
            seen = [".look-at", *together[place]]
            if "ask" in step and screen == "phone":  # the rest stands below, until one looks
                seen = [f"#tour .{each}" for each in ("question", "choice", "try")]
            in_sight(page, seen, (number, screen))
        page.evaluate("setPresenting", False)


def test_try_it_plays_compares_and_trains(noise):
    """And says what to look at where it happens, until the next step; once the tour is closed, that
    the settings stay, with a button for the usual ones."""
    look = noise.locator(".look-at")
    noise.get_by_role("button", name=NAMES["en"][0], exact=True).click()
    before = noise.locator("#noise-view .shares").first.inner_text()
    for number, step in enumerate(STEPS, 1):
        expect(noise.locator("#tour .step")).to_have_text(f"{number} / {len(STEPS)}")
        expect(look).to_have_count(0)
        if "ask" in step:
            noise.locator("#tour .choice").last.click()
            expect(noise.locator("#tour .choice:is(.right, .wrong)")).to_have_count(0)
        does = step.get("does")
        if does and number != 9:  # the largest comparison
            noise.locator("#tour .try").click()
            expect(look).to_have_text(step["look"][0])
        if "ask" in step:
            expect(noise.locator("#tour .choice.right")).to_have_count(len(step["ask"]["right"]))
        if does == "play":
            expect(noise.locator("#noise-view .play")).to_contain_text("Pause")
            expect(noise.locator("#noise-view .shares").first).not_to_have_text(before)
        if does == "compare" and number != 9:  # each ends the one before
            expect(noise.locator("#compare-view .strip img").nth(1)).to_be_visible()
        if does == "train":
            expect(noise.locator("#train-stop")).to_be_enabled()
            noise.locator("#train-stop").click()
        if number < len(STEPS):
            noise.get_by_role("button", name="Next step").click()
    noise.get_by_role("button", name="Close the tour").click()
    expect(noise.locator("#compare-view .look-at")).to_contain_text("still the tour’s")
    until_shared(noise, STEPS[13]["link"])
    noise.get_by_role("button", name="Back to the defaults").click()
    until_shared(noise, "compare?v=1&label=-2")
    expect(look).to_have_count(0)


def test_a_shared_step_comes_with_the_settings_of_the_sender_on_a_phone(noise, phone):
    noise.evaluate("location.hash = 'tour=10'")
    expect(noise.locator("#compare-view")).to_be_visible()
    expect(noise.locator("#tour .step")).to_contain_text("10 /")
    choose(noise, "generate-label", "Bag")
    url = shared_link(noise)
    assert "label=8" in url and url.endswith("&tour=10")
    phone.goto("about:blank")
    phone.goto(url)
    expect(phone.locator("#tour .step")).to_contain_text("10 /")
    expect(phone.locator("#generate-label input")).to_have_value("Bag")
    expect(phone.locator("#compare-axis input")).to_have_value("Guidance")

    # a link to a step, with the settings of the tour
    phone.evaluate("location.hash = 'tour=5'")
    strip = phone.locator("#tour .strip")
    expect(strip.locator(".question")).to_have_text(STEPS[4]["question"][0])
    expect(phone.locator("#noise-view .now")).to_have_text("199 / 199")
    expect(phone.locator("#noise-view .badge")).to_have_count(3)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for button in strip.get_by_role("button").all():
        box = button.bounding_box()
        assert box["height"] >= 43.5 and box["width"] >= 43.5 and box["x"] + box["width"] <= 390
    below = phone.get_by_role("tablist").first.bounding_box()
    above = strip.bounding_box()
    assert above["y"] + above["height"] <= below["y"]  # it covers nothing
    phone.evaluate("location.hash = 'tour=4'")
    strip.get_by_role("button", name="Cosine").tap()
    strip.get_by_role("button", name="Reveal").tap()
    expect(phone.locator(".look-at")).to_have_text(STEPS[3]["look"][0])
    in_sight(phone, [".look-at", *ON_A_PHONE["noise"]], "looked at")
    strip.get_by_role("button", name="Answer").tap()
    expect(strip.locator(".paragraphs")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_is_closed_until_wanted_walked_by_keyboard_and_remembered(noise):
    strip = noise.locator("#tour .strip")
    expect(strip).to_be_hidden()
    noise.get_by_role("button", name=NAMES["en"][0]).press("Enter")
    question = noise.locator("#tour .question")
    expect(question).to_have_text(STEPS[0]["question"][0])
    noise.keyboard.press("Tab")
    for _ in range(12):
        if noise.evaluate("document.activeElement.closest('.strip') !== null"):
            break
        noise.keyboard.press("Tab")
    noise.keyboard.press("ArrowRight")
    expect(question).to_have_text(STEPS[1]["question"][0])
    noise.keyboard.press("ArrowLeft")
    expect(question).to_have_text(STEPS[0]["question"][0])
    noise.locator("#tour .unfold").press("Enter")
    expect(noise.locator("#tour .unfold")).to_have_attribute("aria-expanded", "true")
    noise.locator("#tour .try").press("Enter")
    expect(noise.locator("#noise-view .panel")).to_have_count(1)

    # a step that is not there does no harm
    for step in ("99", "0", "-1", "x", "<b>"):
        noise.evaluate(f"location.hash = 'tour={step}'")
        expect(noise.locator("#noise-view .panel").first).to_be_visible()
        expect(noise.locator("#tour .step")).to_have_text(f"{len(STEPS)} / {len(STEPS)}")

    noise.get_by_role("button", name="Previous step").click()
    noise.reload()
    expect(question).to_have_text(STEPS[-2]["question"][0])
    noise.get_by_role("button", name="Close the tour").click()
    expect(strip).to_be_hidden()
    noise.reload()
    expect(noise.locator("#noise-view .panel").first).to_be_visible()
    expect(strip).to_be_hidden()


def test_who_presents_shows_where_a_step_is_opened(noise):
    code = noise.locator("#tour .code")
    noise.evaluate("location.hash = 'tour=2'")
    expect(noise.locator("#tour .step")).to_contain_text("2 /")
    noise.get_by_role("button", name="Present").click()
    expect(noise.locator("#noise-settings")).to_be_hidden()
    expect(code).to_be_hidden()  # nobody else reaches 127.0.0.1
    noise.evaluate("void (window.address = () => 'https://someone-diffusion.hf.space/')")
    for step in (3, 4):
        noise.get_by_role("button", name="Next step").click()
        url = f"https://someone-diffusion.hf.space/#tour={step}"
        image = code.locator("img")
        expect(image).to_have_attribute("src", qr_code(url))
        expect(code).to_be_visible()
    assert code.bounding_box()["width"] >= 130
    noise.get_by_role("button", name="Ask the room").click()
    noise.wait_for_function("TOUR.room")
    url += f"&class={noise.evaluate('TOUR.room')}"
    expect(image).to_have_attribute("src", qr_code(url))
    code.click()
    expect(noise.locator("#share dialog")).to_be_visible()
    noise.keyboard.press("Escape")
    noise.keyboard.press("Escape")
    expect(code).to_be_hidden()
