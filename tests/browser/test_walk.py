"""Walk in a browser, and the student in Draw and Compare, with a small student of its own."""

import json

import pytest
from playwright.sync_api import expect

from devtools.tabs import choose, drag, where

pytestmark = pytest.mark.slow

VIEW = "#walk-view"
SUM = """canvas => canvas.getContext("2d").getImageData(0, 0, 28, 28).data
    .reduce((sum, grey, i) => (i % 4 === 0 ? (31 * sum + grey) % 1000003 : sum), 7)"""

CORNERS_DIFFER = f"""() => new Set(
    [...document.querySelectorAll("{VIEW} .corner canvas")].map({SUM})).size === 4"""


def open_walk(page, generate="Generate", walk="Walk"):
    page.get_by_role("tab", name=generate).click()
    page.get_by_role("tab", name=walk).click()
    expect(page.locator(f"{VIEW} .took")).not_to_be_empty()
    settled(page)  # the corners too
    return page


def shown(page, selector=f"{VIEW} .now"):
    return page.locator(selector).evaluate(SUM)


def corners(page):
    return page.locator(f"{VIEW} .corner canvas").evaluate_all(f"all => all.map({SUM})")


def settled(page):
    """The picture, once nothing is being drawn."""
    expect(page.locator(f"{VIEW} .pad")).to_have_attribute("aria-busy", "false")
    return shown(page)


def until_drawn(page, after):
    """The last picture of those that are other than `after`."""
    page.wait_for_function(f"(was) => ({SUM})(document.querySelector('{VIEW} .now')) !== was",
                           arg=after)  # fmt: skip
    return settled(page)


def test_arrows_classes_noises_and_a_fast_mouse(page):
    open_walk(page)
    pad = page.get_by_role("slider", name="Where to draw")
    expect(pad).to_have_attribute("aria-valuetext", "50% across, 50% down")
    seen = shown(page)
    pad.focus()
    for key in ("ArrowRight", "ArrowUp"):
        pad.press(key)
        seen = until_drawn(page, seen)
    expect(pad).to_have_attribute("aria-valuetext", "55% across, 45% down")
    for _ in range(12):
        pad.press("ArrowRight")
    expect(pad).to_have_attribute("aria-valuetext", "100% across, 45% down")  # and no further
    seen = settled(page)
    page.get_by_role("button", name="Four classes").click()
    seen = until_drawn(page, seen)
    page.get_by_role("combobox", name="Top right").select_option("Bag")
    seen = until_drawn(page, seen)
    page.get_by_role("button", name="New noise").click()
    seen = until_drawn(page, seen)
    page.get_by_role("button", name="Four noises").click()
    until_drawn(page, seen)
    before = corners(page)
    page.get_by_role("button", name="Another noise: Top right").click()
    page.get_by_role("button", name="Keep this noise: Top right").click()
    settled(page)
    kept = corners(page)
    assert [a == b for a, b in zip(before, kept, strict=True)] == [True, False, True, True]
    page.get_by_role("button", name="New noise").click()
    settled(page)
    others = corners(page)
    assert [a == b for a, b in zip(kept, others, strict=True)] == [False, True, False, False]
    page.get_by_role("button", name="Keep this noise: Top right").click()  # no longer
    page.get_by_role("button", name="Another noise: Top left").click()
    settled(page)
    rolled = corners(page)
    page.get_by_role("button", name="New noise").click()
    settled(page)
    assert not any(a == b for a, b in zip(rolled, corners(page), strict=True))
    page.get_by_role("button", name="Keep this noise: Top right").click()
    page.get_by_role("button", name="Four classes").click()
    seen = settled(page)
    page.get_by_role("button", name="New noise").click()  # one for all, kept or not
    until_drawn(page, seen)
    seen = settled(page)
    page.reload()
    open_walk(page)
    expect(pad).to_have_attribute("aria-valuetext", "100% across, 45% down")
    expect(page.get_by_role("combobox", name="Top right")).to_have_value("8")
    page.wait_for_function(f"(was) => ({SUM})(document.querySelector('{VIEW} .now')) === was",
                           arg=seen)  # fmt: skip

    # the newest place wins: one request at a time while the mouse moves, and the last one is for
    # where it stopped
    page.wait_for_function(CORNERS_DIFFER)
    held, asked = [], []

    def hold(route):
        asked.append(json.loads(route.request.post_data)["data"])
        held.append(route)

    def release():
        while not held:
            page.wait_for_timeout(20)
        assert len(held) == 1
        held.pop().continue_()

    page.route("**/gradio_api/run/walk", hold)
    before = shown(page)
    places = (0.3, 0.3), *((0.3 + k / 100, 0.4) for k in range(40)), (0.75, 0.25)
    drag(page, f"{VIEW} .pad", *places)
    release()
    release()
    until_drawn(page, before)
    assert [[round(part, 2) for part in place[:2]] for place in asked] == [[0.3, 0.3], [0.75, 0.25]]
    page.unroute("**/gradio_api/run/walk")


def test_a_finger_and_a_refusal_in_chinese(phone):
    phone.evaluate("setLanguage", "zh-CN")
    open_walk(phone, "生成", "漫步")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    seen = shown(phone)
    pad = phone.locator(f"{VIEW} .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    phone.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    until_drawn(phone, seen)
    expect(pad).to_have_attribute("aria-valuetext", "横向 90%，纵向 10%")
    fingers = [(0.2, 0.4, 0), (0.6, 0.8, 1)]
    points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": k}
              for x, y, k in fingers]  # fmt: skip
    touch = phone.context.new_cdp_session(phone)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
    expect(pad).to_have_attribute("aria-valuetext", "横向 40%，纵向 60%")  # midway
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    sentence = {"error": "The server is overloaded.<br>服务器繁忙。"}
    phone.route("**/gradio_api/run/walk", lambda route: route.fulfill(status=500, json=sentence))
    phone.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    expect(phone.locator(f"{VIEW} .wrong")).to_have_text("服务器繁忙。")


def test_draw_and_compare_offer_what_the_student_can_do(page):
    page.get_by_role("tab", name="Generate").click()
    choose(page, "generate-model", "One, two or four calls")
    sampler = page.locator("#generate-sampler label")
    expect(sampler).to_have_text(["Consistency"])
    expect(page.locator("#generate-sampler")).to_contain_text("For distilled models only")
    expect(page.locator("#generate-model")).to_contain_text("For speed: distilled")
    expect(page.locator("#generate-guidance")).to_be_hidden()
    stops = page.locator("#generate-steps .stops span")
    expect(stops).to_have_text(["1", "2", "4"])
    steps = page.locator("#generate-steps input[type=number]")
    expect(steps).to_have_value("2")
    expect(page.locator("#generate-equation")).to_contain_text("consistency")
    page.locator("#generate-go").click()
    expect(where(page)).to_contain_text("Step 2 of 2 · done")
    choose(page, "generate-model", "Pretrained")
    expect(sampler).to_have_text(["DDPM", "DDIM", "DPM-Solver++", "DEIS"])
    expect(page.locator("#generate-guidance")).to_be_visible()
    expect(steps).to_have_value("10")

    # Walk hides all settings, and Compare those that it changes itself: they come back whole
    open_walk(page)
    expect(page.locator("#generate-model")).to_be_hidden()
    expect(page.locator("#generate-equation")).to_contain_text("consistency model")
    page.get_by_role("tab", name="Compare").click()
    choose(page, "compare-axis", "Steps (network calls)")
    scale = page.locator("#generate-steps")
    expect(scale).to_be_hidden()
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator("#generate-equation")).to_contain_text("DPM-Solver++")
    expect(scale.locator(".title")).to_have_text("Steps (network calls)")
    expect(scale.locator(".stops span")).to_have_count(10)
    expect(steps).to_have_value("10")

    # one click compares the calls of both models
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-ready").click()
    names = page.locator("#compare-view .board .name")
    rows = [f"Calls: {calls} · One, two or four calls · Consistency" for calls in (1, 2)]
    rows += ["Calls: 10 · First version · DPM-Solver++"]
    rows += ["Calls: 1,000 · First version · DDPM"]
    expect(names).to_have_text(["The noise", *rows])
    expect(page.locator("#compare-view .strip img:visible")).to_have_count(5)
    expect(page.locator("#compare-view .look")).to_contain_text("one call to ten")
    for hidden in ("model", "sampler", "steps", "guidance"):  # the comparison decides them
        expect(page.locator(f"#generate-{hidden}")).to_be_hidden()
    page.locator("#compare-stop").click()
    expect(page.locator("#compare-stop")).to_be_disabled()


def test_an_answer_to_one_view_hides_nothing_in_the_next(page):
    """On a slow line: an axis is chosen, and Draw is open before the answer is there."""
    page.get_by_role("tab", name="Generate").click()
    page.get_by_role("tab", name="Compare").click()
    steps, sampler = (page.locator(f"#generate-{name}") for name in ("steps", "sampler"))
    expect(sampler).to_be_hidden()
    asked, held = "**/gradio_api/run/predict*", []

    def given(request):
        return request.post_data_json["data"]

    def hold(route):
        answer = route.fetch()
        shows_settings = len(answer.json()["data"]) > 20
        is_held = shows_settings and "steps" in given(route.request) and not held
        held.append((route, answer)) if is_held else route.fulfill(response=answer)

    def explains(response):  # the last answer that a view asks for when it opens
        return "run/predict" in response.url and given(response.request)[:1] == ["dpm_solver"]

    page.route(asked, hold)
    choose(page, "compare-axis", "Steps (network calls)")
    while not held:
        page.wait_for_timeout(20)
    with page.expect_response(explains):
        page.get_by_role("tab", name="Draw").click()
    (route, answer), *_ = held
    with page.expect_response(asked):
        route.fulfill(response=answer)
    page.locator("#generate-go").click()
    expect(where(page)).to_contain_text("done")
    for setting in (steps, sampler):
        expect(setting).to_be_visible()
