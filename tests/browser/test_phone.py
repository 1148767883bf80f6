"""On a phone, everything is large enough for a finger, and nothing lies over it."""

import pytest
from playwright.sync_api import expect

from devtools.tabs import start_from_a_sketch
from devtools.waits import frames, until_still

pytestmark = pytest.mark.slow

# What a finger can aim at, smaller than 44 × 44 pixels. A box or a radio button is aimed at by its
# label, and a link within a sentence may be as high as its line.
SMALL = """() => {
    const controls = document.querySelectorAll(`button, a[href], input, select, textarea, summary,
        [role=button], [role=tab], [role=slider], [role=combobox], [tabindex="0"]`);
    const target = (each) => (/checkbox|radio/.test(each.type) && each.closest("label")) || each;
    const isVisible = (each) =>
        each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const inText = (each) => each.matches("a") && getComputedStyle(each).display === "inline";
    return [...new Set([...controls].map(target))]
        .filter((each) => isVisible(each) && !inText(each))
        .map((each) => [each, each.getBoundingClientRect()])
        .filter(([each, { width, height }]) => height > 1 && (width < 43.5 || height < 43.5))
        .map(([each, { width, height }]) =>
            `${Math.round(width)} × ${Math.round(height)}: ${each.outerHTML.slice(0, 150)}`);
}"""
# The buttons of the page, outside the settings, that something else covers once in sight.
COVERED = """() => {
    const buttons = document.querySelectorAll(
        ".tabitem button:not([tabindex='-1']), footer a");
    return [...buttons].filter((each) => {
        if (each.closest(".settings")) return false;
        if (!each.checkVisibility({ visibilityProperty: true })) return false;
        each.scrollIntoView({ block: "nearest" });
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const places = [[left + 4, top + 4], [right - 4, bottom - 4], [left + 4, bottom - 4]];
        return !places.every((place) => each.contains(document.elementFromPoint(...place))
            || document.elementFromPoint(...place)?.contains(each));
    }).map((each) => each.outerHTML.slice(0, 150));
}"""


# How far to the right the controls of Walk reach.
RIGHT = """() => {
    const controls = [...document.querySelectorAll("#walk-view :is(button, select)")];
    const shown = controls.filter((each) => each.checkVisibility());
    return Math.max(...shown.map((each) => each.getBoundingClientRect().right));
}"""


def test_targets_are_44_pixels_and_the_settings_button_covers_nothing(phone):
    for tab in ("Noise", "Generate", "Compare", "Train"):  # Compare is within Generate
        phone.get_by_role("tab", name=tab).tap()
        expect(phone.locator(f"#{tab.lower()}-tab")).to_be_visible()
        if tab == "Generate":
            expect(phone.locator("#generate-view .note")).to_contain_text("recorded earlier")
        assert phone.evaluate(COVERED) == [], tab
        phone.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        frames(phone, 2)
        footer, bar = phone.locator("footer a").last, phone.locator("#sheet-bar")
        assert footer.bounding_box()["y"] + 20 < bar.bounding_box()["y"], tab
        phone.evaluate("scrollTo(0, 0)")

        if tab == "Noise":
            phone.locator("#mismatch-go").tap()
            expect(phone.locator("#mismatch-view img")).to_have_count(2)
        frames(phone)
        assert phone.evaluate(SMALL) == [], tab
        phone.locator("#sheet-button").tap()
        if tab == "Generate":
            start_from_a_sketch(phone)
            phone.locator("#generate-more button.label-wrap").tap()
        if tab == "Train":
            phone.get_by_label("My own pictures").check()
            phone.locator("#train-advanced > button").tap()
        until_still(phone)
        frames(phone)
        assert phone.evaluate(SMALL) == [], tab
        phone.keyboard.press("Escape")  # closes the sheet
        until_still(phone)

    # only a view with settings has their button
    button = phone.locator("#sheet-button")
    phone.get_by_role("tab", name="Generate").tap()
    for name in ("Walk", "Draw", "Walk", "Noise"):
        phone.get_by_role("tab", name=name, exact=True).tap()
        expect(button).to_be_visible(visible=name != "Walk")


def test_the_longest_names_of_classes_fit_beside_walks_pad(phone):
    phone.get_by_role("tab", name="Generate").tap()
    phone.get_by_role("tab", name="Walk").tap()
    phone.get_by_role("button", name="Four classes").tap()
    corner = phone.locator("#walk-view .corner select").last
    expect(corner).to_be_visible()
    corner.select_option("Ankle boot")
    assert phone.evaluate(RIGHT) <= phone.viewport_size["width"]
