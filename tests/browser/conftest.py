"""A Chromium page that shows the running app."""

from contextlib import ExitStack
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect, sync_playwright

from ddpm.schedules.betas import BETAS
from devtools.chromium import open_chromium
from devtools.tabs import PANEL
from devtools.waits import COUNT_REQUESTS

DESK = {"locale": "en-US", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def playwright():
    """One for each process: a second one can't begin beside it."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    with open_chromium(playwright) as browser:
        yield browser


@pytest.fixture
def new_context(browser):
    """`new_context(locale="zh-CN")`: another visitor's browser, closed when the test ends."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(opened(browser, **settings))


def opened(browser, **settings):
    context = browser.new_context(**DESK | settings)
    context.add_init_script(COUNT_REQUESTS)
    return context


def visits(browser, **settings):
    """Opens the pages of new visitors, one after the other: what they keep is cleared in between,
    the files that the browser has fetched stay."""
    context = opened(browser, **settings)

    def new_page(url):
        for left in context.pages:  # by a test that failed: it would keep its connections
            left.close()
        context.clear_cookies()
        context.clear_permissions()
        page = context.new_page()
        cleared = {"origin": url, "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", cleared)
        return page

    return new_page


@pytest.fixture(scope="session")
def desk(browser):
    return visits(browser)


@pytest.fixture(scope="session")
def hand(browser):
    screen = {"width": 390, "height": 844}
    return visits(browser, viewport=screen, has_touch=True, is_mobile=True)


def open_page(page, url):
    page.goto(url)
    page.wait_for_function("typeof openLink === 'function'")  # the page's scripts are there


@pytest.fixture
def console_errors():
    """Errors on the page's console; a test that provokes one clears the list."""
    return []


@pytest.fixture
def page(desk, shared_app, app_url, console_errors):
    """The app, open in English. Fails at the end if its console has errors (with what the
    server said to it and logged as an error) or if it sent requests to another host.
    """
    page = desk(app_url)
    page.on("console", lambda m: m.type == "error" and console_errors.append(m.text))
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    requested, failed = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("response", lambda answer: answer.status >= 500 and failed.append(answer))
    open_page(page, app_url)
    yield page
    seen = list(console_errors)  # closing ends streams, which Gradio reports as errors
    said = [(answer.request.method, answer.url, answer.text()) for answer in failed if seen]
    page.close()
    lines = shared_app.log.read_text().splitlines()
    logged = [line for line in lines if '"level": "error"' in line or "_fault" in line]
    assert seen == [], (said, logged)
    assert [url for url in requested if not url.startswith((app_url, "data:", "blob:"))] == []


@pytest.fixture
def noise(page):
    """The page, once the first example is drawn."""
    expect(page.locator(PANEL)).to_have_count(len(BETAS))
    return page


@pytest.fixture
def generate(page):
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#generate-go")).to_be_visible()
    return page


@pytest.fixture
def visit(new_context, app_url):
    """`visit("#train", locale="zh-CN")`: the page of another visitor, until the test ends."""

    def visit(link="", **settings):
        page = new_context(**settings).new_page()
        open_page(page, urljoin(app_url, link))
        return page

    return visit


@pytest.fixture
def phone(hand, app_url):
    """The app on a telephone, used by finger."""
    page = hand(app_url)
    open_page(page, app_url)
    yield page
    page.close()
