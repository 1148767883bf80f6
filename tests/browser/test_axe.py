"""axe-core finds no serious accessibility violation on any tab, light or dark."""

import pytest
from playwright.sync_api import expect

from devtools.axe import violations
from devtools.tabs import choose, set_number
from devtools.waits import until_still

pytestmark = pytest.mark.slow

# how large everything is that one can use on a tab, and how far to the right
BOXES = """() => [...document.querySelectorAll("[role=tabpanel] :is(button, input, label)")]
    .filter((each) => each.checkVisibility()).map((each) => {
        const { x, width, height } = each.getBoundingClientRect();
        return [each.id || each.className, x, width, height].join(" ");
    })"""


def use_noise(page):
    """Show everything that the tab can show."""
    page.get_by_label("β range as in the notebook").check()
    expect(page.locator("#noise-view .badge")).to_have_count(3)
    page.locator("#noise-view summary").first.click()
    page.locator("#mismatch-go").click()
    page.locator("#noise-exact button.label-wrap").click()
    page.get_by_role("button", name="Make GIF").click()
    expect(page.locator("#mismatch-view img")).to_have_count(2)
    expect(page.locator("#noise-gif img")).to_be_visible()
    expect(page.locator("#exact-view [role=status]")).to_contain_text("samples")
    page.get_by_role("button", name="Draw your own").click()
    expect(page.locator("#noise-view .handle").first).to_be_visible()


def use_compare(page):
    """Rows and columns of pictures."""
    set_number(page, "steps", 1)
    choose(page, "compare-across", "Noise schedule")
    page.locator("#compare-go").click()
    expect(page.locator("#compare-view .strip img").nth(1)).to_be_visible()
    expect(page.locator("#compare-stop")).to_be_disabled()
    page.locator("#compare-figure summary").click()


@pytest.mark.timeout(600)  # five places, light and dark
def test_no_serious_violation(page):
    for tab in ("Noise", "Generate", "Compare", "Walk", "Train"):
        page.evaluate("setDark", False)
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"#{tab.lower()}-tab")).to_be_visible()
        if tab == "Noise":
            use_noise(page)
        if tab == "Compare":
            use_compare(page)
        if tab == "Walk":
            page.get_by_role("button", name="Four classes").click()
        if tab not in ("Compare", "Walk"):  # where it is open, as on Generate
            page.locator("button.label-wrap:visible").last.click()  # Show the code
        expect(page.locator(".cm-line:visible").first).to_be_visible()
        page.mouse.move(0, 0)
        until_still(page)
        assert violations(page) == [], tab
        boxes = page.evaluate(BOXES)
        page.evaluate("setDark", True)
        until_still(page)  # colours have faded in
        assert violations(page, runOnly=["color-contrast"]) == [], (tab, "dark")
        assert page.evaluate(BOXES) == boxes
