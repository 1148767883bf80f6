"""Pictures of the page for the README: `make screenshots`, or `python -m docs.screenshots`.

Starts the app, uses it in headless Chromium, and writes docs/*.png, and to docs/screenshots.json
the names of the controls that each shows: tests/browser/test_frame.py compares them with those of
the page as it is now.
"""

import json
import re
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from devtools import ROOT
from devtools.chromium import open_chromium
from devtools.server import running_app

LOOKS = {  # width, theme, language
    "light": (1280, "light", "en-US"),
    "dark-zh": (1280, "dark", "zh-CN"),
    "phone": (390, "light", "en-US"),
}
TRAIN_MS = 30_000  # for the run in the picture
NAMES = ROOT / "docs/screenshots.json"
ROLES = "button|checkbox|combobox|link|radio|slider|spinbutton|tab|textbox"
CONTROLS = re.compile(rf"""^\s*- '?({ROLES}) "(.+?)"(?= \[|:|'|$)""", re.M)


def noise(page: Page) -> None:
    page.locator("#noise-view .panel canvas").first.wait_for()
    page.wait_for_timeout(1500)


def draw(page: Page) -> None:
    """A schedule of one's own."""
    page.keyboard.press("Escape")  # out of "Share"
    page.get_by_role("button", name="Draw your own").click()
    page.get_by_role("button", name="Use in Train").wait_for()


def generate(page: Page) -> None:
    page.get_by_role("tab").nth(1).click()
    page.locator("#generate-go").click()
    page.locator("#generate-gif:enabled").wait_for()
    page.locator("#generate-view input[type=range]").press("End")  # the film stands still


def walk(page: Page) -> None:
    page.get_by_role("tab", name="Walk").click()
    page.locator("#walk-view .took:not(:empty)").wait_for()
    page.locator("#walk-view .pad[aria-busy=false]").wait_for()


def train(page: Page, train_ms: int = TRAIN_MS) -> None:
    page.get_by_role("tab", name=re.compile("Train|训练")).click()
    page.locator("#train-go").click()
    page.locator("#train-stop:enabled").wait_for()
    page.locator("#train-view .rate dd", has_text=re.compile(r"\d")).wait_for()
    page.wait_for_timeout(train_ms)
    page.locator("#train-stop").click()
    page.locator("#train-use:not([disabled])").wait_for()


def tour(page: Page) -> None:
    page.evaluate("location.hash = 'tour=3'")
    page.locator("#tour .strip").wait_for()
    # the step shows one schedule, which the line of what differs says last
    page.locator("#noise-settings-line button", has_text="Linear").wait_for()


def share(page: Page) -> None:
    page.get_by_role("button", name="Close the tour").click()
    page.evaluate("share()")
    page.locator("#share dialog[open]").wait_for()


TABS, ALL = (noise, generate, train), (noise, tour, share, draw, generate, walk, train)


def shown(page: Page, look: str, train_ms: int = TRAIN_MS) -> Iterator[tuple[str, list[str]]]:
    """The page in each state to take a picture of: the picture's name, and the controls' names."""
    for use in ALL if look == "light" else TABS:
        use(page, train_ms) if use is train else use(page)
        page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
        page.wait_for_timeout(1000)
        yield f"{use.__name__}-{look}", controls(page)


def controls(page: Page) -> list[str]:
    """Roles and names, without the numbers in them, which vary."""
    found = CONTROLS.findall(re.sub(r"\d+", "0", page.locator("body").aria_snapshot()))
    return sorted({f"{role} {name}" for role, name in found})


def main() -> None:
    names = {}
    with running_app() as app, sync_playwright() as playwright:
        browser = open_chromium(playwright)
        for look, (width, theme, locale) in LOOKS.items():
            page = browser.new_page(viewport={"width": width, "height": 800}, locale=locale)
            page.goto(f"{app.url}/?__theme={theme}")
            for name, seen in shown(page, look):
                names[name] = seen
                whole = not name.startswith("share")  # which stays in the window
                page.screenshot(path=ROOT / "docs" / f"{name}.png", full_page=whole)
            page.close()
    NAMES.write_text(json.dumps(names, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
