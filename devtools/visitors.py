"""What visitors of the page meet with, and what a browser asks for."""

from playwright.sync_api import sync_playwright

from devtools.chromium import open_chromium

REST_MS = 3000  # until the scripts of the other tabs have come: page/scripts/loading.js


class Refused(Exception):
    """The server refused a request; carries its message."""


def assets_of(url: str) -> list[str]:
    """Paths that a real browser requests on opening the page: scripts, styles, fonts, pictures."""
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = open_chromium(playwright)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url.removeprefix(url)))
        page.goto(url, timeout=120_000)
        page.locator("#noise-view canvas").first.wait_for(timeout=120_000)
        page.wait_for_load_state("load")
        page.wait_for_timeout(REST_MS)
        browser.close()
    return [path for path in asked if path.startswith(("/assets/", "/static/", "/gradio_api/file"))]
