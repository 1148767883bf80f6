"""The browser that tests, benchmarks and screenshots use."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

# The first is Chromium without its window: a page costs it half the processor time.
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable",
)  # fmt: skip
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",  # a public site may frame the app under test
)  # fmt: skip
SLOW_MS = 90_000  # for anything to come; two cores may be shared


def open_chromium(playwright: Playwright, *flags: str) -> Browser:
    """Chromium, in whose pages all is waited for as long as a slow machine needs."""
    path = find_chromium(playwright)
    browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
    browser.on("context", lambda context: context.set_default_timeout(SLOW_MS))
    expect.set_options(timeout=SLOW_MS)
    return browser


def find_chromium(playwright: Playwright) -> str:
    """Path of the system's Chromium, or of Playwright's. FileNotFoundError if there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    path = playwright.chromium.executable_path
    if Path(path).exists():
        return path
    raise FileNotFoundError(
        f"the browser tests need Chromium: none of {', '.join(NAMES)} is on the PATH. "
        "Run `python -m playwright install --with-deps chromium`, or install your system's "
        "chromium package."
    )


if __name__ == "__main__":  # for the Makefile: fails if there is none
    with sync_playwright() as found:
        print(find_chromium(found))
