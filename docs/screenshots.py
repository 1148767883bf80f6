"""Pictures of the page for the README: `make screenshots`, or `python -m docs.screenshots`.

Starts the app, uses each tab in headless Chromium, and writes docs/*.png.
"""

from __future__ import annotations

from playwright.sync_api import Page, sync_playwright

from devtools import ROOT
from devtools.chromium import FLAGS, find_chromium
from devtools.server import running_app

LOOKS = [  # name, width, theme, language
    ("light", 1280, "light", "en-US"),
    ("dark-zh", 1280, "dark", "zh-CN"),
    ("phone", 390, "light", "en-US"),
]
TRAIN_MS = 75_000  # for the run in the picture
SLOW_MS = 300_000


def noise(page: Page) -> None:
    page.locator("#noise-view .panel canvas").first.wait_for()
    page.wait_for_timeout(1500)


def generate(page: Page) -> None:
    page.locator("#generate-go").click()
    page.locator("#generate-gif:enabled").wait_for(timeout=SLOW_MS)


def train(page: Page) -> None:
    page.locator("#train-go").click()
    page.wait_for_timeout(TRAIN_MS)
    page.locator("#train-stop").click()
    page.locator("#train-use:not([disabled])").wait_for(timeout=SLOW_MS)


def main() -> None:
    with running_app() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(FLAGS)
        )
        for look, width, theme, locale in LOOKS:
            page = browser.new_page(viewport={"width": width, "height": 800}, locale=locale)
            page.goto(f"{app.url}/?__theme={theme}")
            for k, use in enumerate((noise, generate, train)):
                page.get_by_role("tab").nth(k).click()
                use(page)
                page.wait_for_timeout(1000)
                page.screenshot(path=ROOT / "docs" / f"{use.__name__}-{look}.png", full_page=True)
            page.close()


if __name__ == "__main__":
    main()
