"""A Chromium page that shows the running app."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from ddpm.schedules.betas import BETAS
from devtools.chromium import FLAGS, find_chromium
from devtools.server import running_app
from devtools.student import checkout_with
from devtools.tabs import PANEL


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url_with(tmp_path_factory):
    """`url_with(save, name)`: where the page runs with what `save` makes as its shipped `name`."""
    with ExitStack() as stack:

        def start(save: Callable[[Path], Path], name: str) -> str:
            weights = save(tmp_path_factory.mktemp("weights") / name)
            folder = checkout_with(weights, tmp_path_factory.mktemp("checkout"), name)
            return stack.enter_context(running_app(folder)).url

        yield start


@pytest.fixture
def console_errors():
    """Errors on the page's console; a test that provokes one clears the list."""
    return []


@pytest.fixture
def page(browser, app_url, console_errors):
    """The app, open in English. Fails at the end if its console has errors or if it sent requests
    to another host.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.on("console", lambda m: m.type == "error" and console_errors.append(m.text))
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(app_url)
    yield page
    seen = list(console_errors)  # closing ends streams, which Gradio reports as errors
    context.close()
    assert seen == []
    assert [url for url in requested if not url.startswith((app_url, "data:", "blob:"))] == []


@pytest.fixture
def noise(page):
    """The page, once the first example is drawn."""
    expect(page.locator(PANEL)).to_have_count(len(BETAS), timeout=30_000)
    return page


@pytest.fixture
def generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible()
    return page


@pytest.fixture
def phone(browser, app_url):
    """The app on a telephone, used by finger."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-US"
    )
    page = context.new_page()
    page.goto(app_url)
    yield page
    context.close()
