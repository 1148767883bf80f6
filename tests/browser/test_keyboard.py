"""The page by keyboard alone: no mouse, and the focus always in sight."""

import pytest
from playwright.sync_api import expect

from devtools.tabs import slider, until_drawn, where
from devtools.waits import until_loaded

pytestmark = pytest.mark.slow

FOCUSED = "(selector) => document.activeElement.matches(selector)"
OUTLINED = """() => {  // the focused control, or its label
    const [own, label] = [document.activeElement, document.activeElement.closest("label")];
    return [own, label].some((each) => each && getComputedStyle(each).outlineStyle === "solid");
}"""

HISTORY = """() => {
    window.focused = [];
    document.addEventListener("focusin", ({ target }) => focused.push(target.id));
}"""


def go_to(page, selector: str, key: str = "Tab") -> None:
    """Press Tab until this control has the focus; every one on the way shows that it has it."""
    passed = []
    for _ in range(100):
        page.keyboard.press(key)
        passed.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        assert page.evaluate(OUTLINED), passed[-1]
        if page.evaluate(FOCUSED, selector):
            return
    raise AssertionError(f"{selector} is not among {passed}")


def tab(name: str) -> str:
    return f'[role=tab][data-tab-id="{name}"]'


def test_all_three_tabs_by_keyboard_alone(noise):
    """From tab to tab, with the keys that a control of its kind has."""
    press = noise.keyboard.press
    go_to(noise, tab("noise"))
    press("ArrowRight")
    draws(noise)
    compares(noise)
    go_to(noise, tab("generate"), "Shift+Tab")
    press("End")
    expect(noise.locator(f"{tab('train')}[aria-selected=true]")).to_be_focused()
    trains(noise)
    go_to(noise, tab("train"), "Shift+Tab")
    press("Home")
    expect(noise.get_by_label("Time step t")).to_be_visible()
    go_to(noise, "#noise-time")
    press("End")
    expect(noise.locator("#noise-view .now")).to_have_text("199 / 199")


def draws(page) -> None:
    """A class from a list, a run, and its film."""
    press = page.keyboard.press
    expect(page.locator("#generate-label")).to_be_visible()
    until_loaded(page)
    go_to(page, "#generate-label input")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        press(key)
    field = page.get_by_role("combobox", name="What to draw")
    expect(field).to_be_focused()
    expect(field).not_to_have_value("Every class in turn")
    expect(page.get_by_role("listbox")).to_have_count(0)  # nor of the field before
    go_to(page, "#generate-go")
    expect(page.get_by_role("listbox")).to_have_count(0)
    press("Enter")
    until_drawn(page)
    go_to(page, "#generate-view .place")
    press("Home")
    expect(where(page)).to_contain_text("Step 0")
    press(" ")
    expect(slider(page)).not_to_have_value("0")
    press(" ")


def compares(page) -> None:
    go_to(page, tab("draw"), "Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{tab('compare')}[aria-selected=true]")).to_be_focused()
    expect(page.locator("#compare-go")).to_be_visible()
    go_to(page, "#compare-go")
    page.keyboard.press("Enter")
    status = page.locator("#compare-view").get_by_role("status")
    expect(status).to_contain_text("4 settings")
    go_to(page, "#compare-view .strip")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def trains(page) -> None:
    """Another recipe and back, a run, and Stop."""
    press = page.keyboard.press
    expect(page.locator("#train-view .data")).to_contain_text("0,000")
    go_to(page, "#train-preset input:checked")
    for key, name, steps in (("ArrowRight", "The notebook's, repaired", "2345"),
                             ("ArrowLeft", "A minute", "610")):  # fmt: skip
        press(key)
        expect(page.get_by_label(name)).to_be_checked()
        expect(page.locator("#train-steps input[type=number]")).to_have_value(steps)
    go_to(page, "#train-go")
    press("Enter")
    phase = page.locator("#train-view .phase span")
    expect(phase).to_contain_text("Learning")
    expect(page.locator("#train-stop")).to_be_focused()  # which Train has handed on
    press("Enter")
    expect(phase).to_contain_text("Stopped after step")


def test_back_goes_from_place_to_place(noise):
    places = {"generate": "#generate-go", "compare": "#compare-go", "train": "#train-go"}
    for name, shown in places.items():
        noise.locator(tab(name)).first.click()
        expect(noise.locator(shown)).to_be_visible()
        assert noise.url.endswith(f"/#{name}")
    for name, shown in [*places.items()][-2::-1]:
        noise.go_back()
        expect(noise.locator(shown)).to_be_visible()
        assert noise.url.endswith(f"/#{name}")
    noise.go_back()
    expect(noise.locator("#noise-time")).to_be_visible()
    noise.go_forward()
    expect(noise.locator("#generate-go")).to_be_visible()


def test_the_head_can_be_skipped_and_a_run_keeps_the_focus(noise):
    noise.keyboard.press("Tab")
    expect(noise.locator("#header .skip")).to_be_focused()
    noise.keyboard.press("Enter")
    expect(noise.locator("#noise-tab")).to_be_focused()
    noise.locator(tab("generate")).first.click()
    noise.locator("#generate-go").focus()
    noise.evaluate(HISTORY)  # a run of a tiny model ends before one could look
    noise.keyboard.press("Enter")
    noise.wait_for_function("focused.length === 2")
    assert noise.evaluate("focused") == ["generate-stop", "generate-go"]
