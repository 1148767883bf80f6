"""What is shown before any script of Gradio's has come, and that the page then takes its place."""

import re

import pytest
from playwright.sync_api import expect

from page.texts import TEXTS

MAIN_SCRIPT = "**/assets/*/index-*.js"
TABS = ("noise", "generate", "train")
OWN = ("#header h1", *(f"#{tab}-tab-button" for tab in TABS), "#noise-tab .intro p")
FIRST = (".title b", *(f".tabs .{tab}" for tab in TABS), "p.chosen")
PLACES = """(selectors) => selectors.map((selector) => {
    const { x, y, height, width } = document.querySelector(selector).getBoundingClientRect();
    return [x, y + height / 2, width]; // a telephone's tabs are higher, to be touched
})"""
# resolves once fewer than five frames have been asked for in a second
RESTS = """() => new Promise((resolve) => {
    const request = window.requestAnimationFrame;
    let frames = 0;
    window.requestAnimationFrame = (then) => { frames++; return request(then); };
    setInterval(() => { if (frames < 5) resolve(); frames = 0; }, 1000);
})"""
NAMED = """() =>
    [...document.querySelectorAll("link[rel=modulepreload], link[disabled]")].map((it) => it.href)
"""


def places(page, selectors: list[str]) -> list[list[float]]:
    """Where these are, once fonts and styles have come: twice the same, a moment apart."""
    found, before = page.evaluate(PLACES, selectors), None
    while found != before:
        page.wait_for_timeout(300)
        found, before = page.evaluate(PLACES, selectors), found
    return found


@pytest.fixture
def open_slowly(new_context, app_url):
    """`open_slowly(hash, **context)`: a page whose scripts don't come, and a function that lets
    them come."""

    def open_it(hash_: str = "", **context):
        page = new_context(**context).new_page()
        waiting = []
        page.route(MAIN_SCRIPT, lambda route: waiting.append(route))
        page.goto(f"{app_url}/{hash_}", wait_until="commit")
        # its script has run
        expect(page.locator("#first-sight [lang]:not([hidden]) p.chosen")).to_be_visible()

        def go_on():
            for route in waiting:
                route.continue_()

        return page, go_on

    return open_it


@pytest.mark.parametrize(
    ("hash_", "tab", "locale", "language"),
    [
        ("", "noise", "zh-CN", 1),
        ("#generate", "generate", "en-US", 0),
        ("#compare?v=1", "generate", "zh-CN", 1),
        ("#train", "train", "en-US", 0),
    ],
)
def test_it_says_what_the_tab_is_about_in_the_visitors_language(
    open_slowly, locale, language, hash_, tab
):
    page, _ = open_slowly(hash_, locale=locale)
    shown = page.locator("#first-sight [lang]:not([hidden])")
    expect(shown).to_have_count(1)
    for key in ("header_title", *(f"{each}_tab" for each in TABS)):
        expect(shown.get_by_text(TEXTS[key][language], exact=True)).to_be_visible()
    intro = TEXTS[f"{tab}_intro"][language].replace("*", "")
    expect(shown.locator("p:visible")).to_have_text(intro)
    expect(shown.locator(".tabs .chosen")).to_have_text(TEXTS[f"{tab}_tab"][language])


@pytest.mark.parametrize(
    ("width", "scheme", "color"),
    [
        (390, "light", "rgb(31, 41, 55)"),
        (1280, "dark", "rgb(243, 244, 246)"),
        (1920, "light", "rgb(31, 41, 55)"),
    ],
)
def test_the_page_takes_its_place_and_nothing_moves(open_slowly, width, scheme, color):
    """It is dark where the page will be."""
    window = {"width": width, "height": 900}
    page, go_on = open_slowly(viewport=window, color_scheme=scheme)
    seen = "#first-sight [lang]:not([hidden]) "
    before = places(page, [seen + each for each in FIRST])
    expect(page.locator("#first-sight")).to_have_css("color", color)
    go_on()
    expect(page.locator("#noise-view .panel canvas").first).to_be_visible()
    expect(page.locator("#first-sight")).to_have_count(0)
    expect(page.locator("#noise-tab .intro p")).to_have_css("color", color)
    after = places(page, list(OWN))
    for name, first, own in zip(OWN, before, after, strict=True):
        assert first == pytest.approx(own, abs=1.5), name


def test_the_files_that_are_named_at_once_are_those_that_gradio_asks_for(open_slowly, app_url):
    """The page without these names asks for the same files, one after the other."""
    waiting, _ = open_slowly()
    named = waiting.evaluate(NAMED)
    assert len(named) > 40
    page = waiting.context.new_page()  # the first may go on, and ask for files of its own
    asked: list[str] = []

    def without_names(route):
        names = r'<link rel="(?:modulepreload|stylesheet" disabled)[^>]*>'
        html = re.sub(names, "", route.fetch().text())
        route.fulfill(body=html, content_type="text/html")

    page.on("request", lambda request: asked.append(request.url))
    page.route(f"{app_url}/", without_names)
    page.goto(app_url)
    expect(page.locator("#noise-view .panel canvas").first).to_be_visible()
    assert set(named) <= set(asked)


def test_the_first_picture_needs_no_file_that_is_not_named(open_slowly):
    """Nor does it wait for the other tabs' scripts, which here never come."""
    page, go_on = open_slowly()
    named = page.evaluate(NAMED)

    def only_named(route):
        if route.request.url in named:
            route.continue_()

    page.route(re.compile(r"/assets/[^?]+\.(js|css)$"), only_named)
    page.route(MAIN_SCRIPT, lambda route: route.continue_())
    go_on()
    expect(page.locator("#noise-view .panel canvas").first).to_be_visible()


def test_the_first_picture_is_asked_for_again_when_the_connection_was_lost(new_context, app_url):
    page = new_context().new_page()
    page.route("**/picture.json", lambda route: route.abort("connectionreset"), times=1)
    with page.expect_event("requestfailed", lambda lost: lost.url.endswith("/picture.json")):
        page.goto(app_url)
    expect(page.locator("#noise-view .panel canvas").first).to_be_visible()


def test_the_other_tabs_scripts_come_later_and_then_the_page_rests(open_slowly):
    page, go_on = open_slowly()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    go_on()
    expect(page.locator("#noise-view .panel canvas").first).to_be_visible()
    named = page.evaluate(NAMED)
    while len({url for url in asked if "/assets/" in url} - set(named)) <= 10:
        page.wait_for_timeout(100)  # until the test's time is up
    page.evaluate(RESTS)  # Gradio's clock would ask for a frame sixty times a second, for ever
