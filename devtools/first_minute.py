"""Five clicks, from opening the page to "I made noise into a sneaker and know roughly how":
docs/FIRST_MINUTE.md. `python -m devtools.first_minute FOLDER` takes a picture at each.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from devtools.chromium import open_chromium
from devtools.server import running_app
from devtools.sight import FILM, SCREENS, in_sight
from devtools.tabs import PANEL, until_drawn
from devtools.waits import until_still

QUESTION = ["#tour .question", "#tour .try"]
LOOK = ".look-at"
CLICKS = {  # what is clicked, and what the page is about then
    "1-tour": ("#header .tour", QUESTION),
    "2-noise": (
        "#tour .try",
        [LOOK, *(f"{PANEL} {each}" for each in ("canvas", ".share", ".shares"))],
    ),
    "3-ask": ("#tour .next", QUESTION),
    "4-sneaker": ("#tour .try", [LOOK, *(f"#generate-view {each}" for each in FILM)]),
    "5-how": ("#tour .unfold", ["#tour .question", "#tour .paragraphs"]),
}
HALF_WAY = "document.getElementById('noise-time').value > 100"


def walk(page: Page, url: str) -> Iterator[str]:
    """The name of each click, once what it is about is in sight; AssertionError if it isn't."""
    page.goto(url)
    page.locator(PANEL).first.wait_for()
    for name, (clicked, about) in CLICKS.items():
        page.locator(clicked).click()
        if name == "2-noise":
            page.wait_for_function(HALF_WAY)  # it plays
        if name == "4-sneaker":
            until_drawn(page)
        until_still(page)
        in_sight(page, about, name)
        yield name


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with running_app() as app, sync_playwright() as playwright:
        browser = open_chromium(playwright)
        for screen in ("laptop", "phone"):
            width, height, _ = SCREENS[screen]
            page = browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
            for name in walk(page, app.url):
                page.screenshot(path=folder / f"{screen}-{name}.png")
            page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
