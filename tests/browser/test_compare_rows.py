"""Compare in a browser: rows and columns stream without a jump; pictures are enlarged."""

import pytest
from playwright.sync_api import expect

from devtools.tabs import choose, message, set_number

NOTE_HEIGHTS = """(view) => {
    window.heights = new Set();
    const note = () => window.heights.add(view.getBoundingClientRect().height);
    note(); // the observer calls back with the next frame, when all may be over
    new ResizeObserver(note).observe(view);
}"""
VIEW = "#compare-view"


def open_compare(page):
    page.get_by_role("tab", name="Generate").click()
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#compare-go")).to_be_visible()
    return page


def names(page):
    return [name for name in page.locator(f"{VIEW} .board .name").all_inner_texts() if name]


@pytest.mark.parametrize("width", [1280, 390])
def test_rows_stream_without_a_jump(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_compare(page)
    view = page.locator(VIEW)
    plan = "8 pictures under each of 4 settings: 40 network calls"
    expect(view.locator(".plan")).to_contain_text(plan)
    page.locator("#compare-go").click()
    pictures = view.locator(".strip img:visible")
    expect(pictures.nth(1)).to_be_visible()  # the noise, and a row at work
    assert names(page) == ["The noise", "DDPM", "DDIM", "DPM-Solver++", "DEIS"]
    same = "Pretrained · Every class in turn · Steps: 10 · Cosine · Guidance 1 · Seed 0"
    expect(view.locator(".same")).to_have_text(f"The same everywhere: {same}")
    view.evaluate(NOTE_HEIGHTS)
    expect(pictures).to_have_count(5)
    expect(view.get_by_role("status")).to_contain_text("4 settings")
    assert len(page.evaluate("[...window.heights]")) == 1
    costs = view.locator(".cost").all_inner_texts()[1:]
    assert all(cost.startswith("Calls: 10 · ") and cost.endswith(" s") for cost in costs)
    first = pictures.first
    looks = first.evaluate("i => [i.naturalWidth, getComputedStyle(i).imageRendering]")
    assert looks == [242, "pixelated"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_settings_fill_a_projector(page, console_errors):
    """Sampler × guidance: the class is chosen, a picture is enlarged; a new run clears
    them."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    set_number(open_compare(page), "steps", 2)
    choose(page, "generate-label", "Anything")
    choose(page, "compare-across", "Guidance")
    expect(page.locator("#generate-label input")).to_have_value("Sneaker")
    for hidden in ("sampler", "guidance", "count"):  # what varies, and what has no meaning here
        expect(page.locator(f"#generate-{hidden}")).to_be_hidden()
    view = page.locator(VIEW)
    expect(view.locator(".plan")).to_contain_text("20 settings: 40 network calls")
    page.locator("#compare-go").click()
    expect(view.get_by_role("status")).to_contain_text("20 settings")
    assert names(page) == [
        "The noise", *(f"Guidance {value}" for value in (0, 1, 2, 4, 8)),
        "DDPM", "DDIM", "DPM-Solver++", "DEIS",
    ]  # fmt: skip
    board = view.locator(".board").bounding_box()
    assert board["x"] + board["width"] > 1800 and board["width"] > 1200

    cell = view.get_by_role("button", name="DDIM, Guidance 4")
    small = cell.bounding_box()["width"]
    cell.click()
    large = page.get_by_role("dialog").get_by_role("img", name="DDIM, Guidance 4")
    expect(large).to_be_visible()
    assert large.bounding_box()["width"] > 3 * small
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(cell).to_be_focused()

    set_number(page, "steps", 101)
    page.locator("#compare-go").click()  # refused
    expect(view.locator(".board")).to_be_hidden()
    expect(message(page)).to_contain_text("from 1 to 100")
    console_errors.clear()


def test_schedules_are_chosen_and_what_would_be_refused_is_said_before_the_click(page):
    choose(open_compare(page), "compare-across", "Sampler")
    plan = page.locator(f"{VIEW} .plan")
    expect(plan).to_contain_text("can't change the same setting")
    choose(page, "compare-across", "Nothing")
    expect(plan).to_contain_text("40 network calls")
    set_number(page, "steps", 101)
    expect(plan).to_have_text("Steps (network calls) must be a whole number from 1 to 100.")
    set_number(page, "steps", 100)
    expect(plan).to_contain_text("400 network calls")
    choose(page, "compare-across", "What to draw")
    expect(plan).to_contain_text("4400 network calls; the limit is 1500")

    choose(page, "compare-across", "Nothing")
    chosen = page.locator("#compare-schedules")
    expect(chosen).to_be_hidden()
    choose(page, "compare-axis", "Noise schedule")
    expect(chosen).to_be_visible()
    expect(plan).to_contain_text("9 settings")
    chosen.locator(".token-remove").first.click()
    expect(plan).to_contain_text("8 settings")
    chosen.locator("input").fill("rectified_flow~shift_3")
    page.keyboard.press("Enter")
    expect(plan).to_contain_text("9 settings")
    set_number(page, "steps", 1)
    page.locator("#compare-go").click()
    status = page.locator(VIEW).get_by_role("status")
    expect(status).to_contain_text("9 settings")
    last = ["Laplace", "Sigmoid in ᾱ", "Rectified flow, shift 3"]
    assert len(names(page)) == 10 and names(page)[-3:] == last
