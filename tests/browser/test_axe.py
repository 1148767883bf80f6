"""axe-core finds no serious accessibility violation on any tab, light or dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from devtools.tabs import choose, set_number
from devtools.waits import until_still

pytestmark = pytest.mark.slow

# Within Gradio's own components, where neither its theme nor its arguments reach.
GRADIO = {
    "button-name": ".image-container button",  # a click on the picture of a gr.Image enlarges it
    "aria-prohibited-attr": ".empty[aria-label]",  # the placeholder of a component without a value
}
OWN = {"exclude": [[".cm-line"]]}  # gr.Code has colours of its own, and hundreds of elements
# how large everything is that one can use on a tab, and how far to the right
BOXES = """() => [...document.querySelectorAll("[role=tabpanel] :is(button, input, label)")]
    .filter((each) => each.checkVisibility()).map((each) => {
        const { x, width, height } = each.getBoundingClientRect();
        return [each.id || each.className, x, width, height].join(" ");
    })"""
IS_WITHIN = "([target, selector]) => document.querySelector(target)?.matches(selector)"


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


@pytest.mark.timeout(600)  # four tabs, light and dark
def test_no_serious_violation(page):
    for tab in ("Noise", "Generate", "Compare", "Train"):
        page.evaluate("setDark", False)
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"#{tab.lower()}-tab")).to_be_visible()
        if tab == "Noise":
            use_noise(page)
        if tab == "Compare":
            use_compare(page)  # where it is the code is open, as on Generate
        else:
            page.locator("button.label-wrap:visible").last.click()  # Show the code
        expect(page.locator(".cm-line:visible").first).to_be_visible()
        page.mouse.move(0, 0)
        until_still(page)
        assert serious(page) == [], tab
        boxes = page.evaluate(BOXES)
        page.evaluate("setDark", True)
        until_still(page)  # colours have faded in
        assert serious(page, runOnly=["color-contrast"]) == [], (tab, "dark")
        assert page.evaluate(BOXES) == boxes


def serious(page, **options):
    options["resultTypes"] = ["violations"]  # nothing is written about all that is as it should be
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]}"
        for rule in Axe().run(page, context=OWN, options=options).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not (
            rule["id"] in GRADIO
            and page.evaluate(IS_WITHIN, [node["target"][0], GRADIO[rule["id"]]])
        )
    ]
