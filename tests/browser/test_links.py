"""Links in a browser: one mechanism for all tabs, a phone in the room, nothing hostile."""

import json
import random
import re
from urllib.parse import quote

import nbformat
from playwright.sync_api import expect

from devtools.random_settings import random_values
from devtools.tabs import PANEL, message, shared_link, until_shared
from devtools.waits import until_loaded
from page.workshop.links import LINKED

SCRIPT = "<img src=x onerror='window.hurt=1'>"


def test_link_page_link_is_the_identity(noise):
    chance = random.Random(3)
    links = [linked.write(random_values(linked, chance)) for linked in LINKED]
    for link in sorted(links, key=lambda link: "drawn" in link):  # a drawing stays on Noise
        noise.evaluate("openLink", link)
        until_shared(noise, link)


def test_a_phone_opens_what_the_qr_code_says(noise, phone, app_url):
    # where there is no program, why is said
    noise.evaluate("openLink", "compare?v=1&axis=guidance")
    expect(noise.locator("#compare-view")).to_be_visible()
    noise.get_by_role("button", name="Share").click()
    dialog = noise.locator("#share dialog")
    expect(dialog.locator("pre")).to_contain_text("“Anything” is not a class")
    expect(dialog.get_by_role("button", name="Copy the program")).to_be_disabled()
    expect(dialog.locator("#share-link")).to_have_value(re.compile("#compare.*axis=guidance"))
    noise.keyboard.press("Escape")

    noise.evaluate("openLink", "compare?v=1&axis=guidance&label=7&steps=20")
    expect(noise.locator("#compare-view")).to_be_visible()
    expect(noise.locator("#generate-label input")).to_have_value("Sneaker")
    noise.get_by_role("button", name="Share").click()
    expect(dialog).to_be_visible()
    code = dialog.get_by_role("img", name="QR code")
    assert code.bounding_box()["width"] >= 440
    url = noise.locator("#share-link").input_value()
    assert url == f"{app_url}/#compare?v=1&label=7&steps=20&axis=guidance"
    expect(dialog).to_contain_text("python app.py --host 0.0.0.0")  # nobody else reaches it
    phone.goto("about:blank")  # a telephone that has no page of it yet
    phone.goto(url)
    expect(phone.locator("#compare-view")).to_be_visible()
    expect(phone.locator("#compare-axis input")).to_have_value("Guidance")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


COUNT_COPIES = """
    const copy = structuredClone;
    window.copies = 0;
    window.structuredClone = (...given) => (window.copies++, copy(...given));
"""


def test_a_drawing_copies_little_of_the_page(page, app_url):
    """Gradio's own scripts make 80,000 copies: page/server/patches/gradio_scripts.py."""
    page.add_init_script(COUNT_COPIES)
    page.goto("about:blank")
    page.goto(f"{app_url}/#generate?v=1&label=7&steps=5")
    expect(page.locator("#generate-gif")).to_be_enabled()
    until_loaded(page)
    page.evaluate("window.copies = 0")
    page.evaluate("openLink", "generate?v=1&label=8&steps=5&count=4")
    until_shared(page, "generate?v=1&label=8&count=4&steps=5")
    assert page.evaluate("window.copies") < 40_000


def test_a_link_is_opened_once_and_a_reload_keeps_what_came_of_it(noise, app_url, console_errors):
    # a link leaves a tab alone that was never opened
    noise.evaluate("location.hash = 'noise?v=1&T=300'")
    expect(noise.locator("#noise-view .now")).to_contain_text("/ 299")
    noise.get_by_role("tab", name="Generate").click()
    steps = noise.locator("#generate-steps .title")
    expect(steps).to_have_text("Steps (network calls)")
    assert console_errors == []

    noise.goto("about:blank")
    noise.goto(f"{app_url}/#generate?v=1&label=8&count=4")
    expect(noise.locator("#generate-label input")).to_have_value("Bag")
    expect(noise.locator("#generate-count input[type=number]")).to_have_value("4")
    assert noise.url.endswith("/#generate")
    noise.locator("#generate-count input[type=number]").fill("9")
    noise.wait_for_function("JSON.parse(sessionStorage.generate).includes(9)")
    noise.reload()
    expect(noise.locator("#generate-count input[type=number]")).to_have_value("9")
    expect(noise.locator("#generate-label input")).to_have_value("Bag")


def test_a_link_of_before_there_were_versions(page, app_url):
    query = "T=700&notebook=1&zero_terminal=0&seed=7&t=345&schedules=linear,cosine"
    page.goto(f"{app_url}/?{query}#noise")
    expect(page.locator("#noise-view .now")).to_have_text("345 / 699")
    expect(page.locator("#noise-seed input")).to_have_value("7")
    expect(page.get_by_label("β range as in the notebook")).to_be_checked()
    expect(page.locator(PANEL)).to_have_count(2)
    assert "?" not in page.url
    link = "noise?v=1&seed=7&T=700&schedules=linear,cosine&notebook=1&t=345"
    assert shared_link(page).split("#")[1] == link

    query = "&".join(f"{name}={quote(SCRIPT)}" for name in ("T", "schedules", "seed", "t"))
    page.goto(f"{app_url}/?{query}&schedules=linear,{quote(SCRIPT)}")
    expect(message(page)).to_contain_text("Part of the link was ignored")
    assert page.evaluate("window.hurt") is None


WRONG = {
    "noise?v=1&T=5000&seed=-1": "Seed, Steps T",
    f"noise?v=1&{quote(SCRIPT)}={quote(SCRIPT)}": "a setting that isn't here",
    f"generate?v=1&label={quote(SCRIPT)}": "What to draw",
    "compare?v=1&axis=nothing": "What changes from row to row",
    "train?v=1&preset=__class__&steps=7": "Recipe to start from, Training steps",
    f"{quote(SCRIPT)}?v=1": "a place that this page doesn't have",
}


def test_what_is_wrong_is_said_and_nothing_is_executed(noise):
    # a right one first, to a place that was never opened
    noise.evaluate("location.hash = 'walk?v=1&x=0.2&corners=classes&seed=5&corner_0=9'")
    walk = noise.locator("#walk-view")
    expect(walk.locator(".took")).not_to_be_empty()
    expect(walk.get_by_role("combobox", name="Top left")).to_have_value("9")
    expect(walk.get_by_role("slider")).to_have_attribute("aria-valuenow", "20")

    for link, says in WRONG.items():
        noise.evaluate("location.hash = " + json.dumps(link))
        said = noise.locator(".message, .toast-body:visible").filter(has_text=says)
        expect(said.first).to_be_visible()
        expect(noise.locator(".message img, .toast-body img")).to_have_count(0)
    assert noise.evaluate("window.hurt") is None

    # one whose address is written over, as by a tab that opens, before the browser says it changed
    noise.evaluate("""() => {
        location.hash = "walk?v=1&x=0.7";
        history.pushState(null, "", "#generate");
    }""")
    expect(walk.get_by_role("slider")).to_have_attribute("aria-valuenow", "70")

    # of two to one place, the second while the first is being answered
    noise.evaluate(
        """async ([first, second]) => {
            const asked = performance.getEntriesByType("resource").length;
            openLink(first);
            while (performance.getEntriesByType("resource").length === asked)
                await new Promise(requestAnimationFrame);
            openLink(second);
        }""",
        ["noise?v=1&t=20", "noise?v=1&t=150"],
    )
    expect(noise.locator("#noise-time")).to_have_value("150")


def test_share(noise, app_url):
    # it waits for what Gradio has not added yet
    noise.evaluate("""() => {
        const button = document.querySelector("#share-go"), parent = button.parentNode;
        button.remove();
        share();
        parent.append(button);
    }""")
    expect(noise.locator("#share dialog")).to_be_visible()
    noise.keyboard.press("Escape")

    noise.context.grant_permissions(["clipboard-read", "clipboard-write"])
    noise.get_by_role("button", name="Share").click()
    dialog = noise.locator("#share dialog")
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.locator(".copied").first).to_have_text("Copied")
    assert noise.evaluate("navigator.clipboard.readText()") == f"{app_url}/#noise?v=1"
    dialog.get_by_role("button", name="Copy the program").click()
    expect(dialog.locator(".copied").last).to_have_text("Copied")
    program = noise.evaluate("navigator.clipboard.readText()")
    assert "ddpm.q_sample(schedule, x_start, t, eps)" in program and "'cat.jpg'" in program
    with noise.expect_download() as download:
        dialog.get_by_role("button", name="Download as a notebook").click()
    assert download.value.suggested_filename == "ddpm-noise.ipynb"
    book = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(book)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()

    # every tab's fold of code leads to its program
    parts = {"Noise": "ddpm.q_sample", "Generate": "ddpm.trajectory", "Train": "ddpm.fit"}
    for tab, part in parts.items():
        noise.get_by_role("tab", name=tab).click()
        panel = noise.get_by_role("tabpanel").filter(visible=True).first
        panel.get_by_role("button", name="Show the code").filter(visible=True).click()
        noise.get_by_role("button", name="As Python").filter(visible=True).click()
        expect(dialog).to_be_visible()
        expect(noise.locator("#share pre")).to_contain_text(part)
        noise.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    noise.get_by_role("tab", name="Noise").click()

    # as over http, in a room: `navigator.clipboard` is not there
    noise.evaluate("void Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    noise.evaluate("""() => document.addEventListener(
        "copy", () => (window.copied = String(getSelection())))""")
    noise.get_by_role("button", name="Share").click()
    noise.get_by_role("button", name="Copy the program").click()
    noise.wait_for_function("window.copied")
    expect(noise.locator("#share .copied").last).to_have_text("Copied")
    assert "import ddpm" in noise.evaluate("window.copied")


def test_share_says_that_the_server_failed(noise, console_errors):
    """In the page's language, also where the answer is a web server's own page."""
    noise.route("**/gradio_api/queue/join*", lambda route: route.fulfill(status=502, body="<html>"))
    for language, says in (
        ("en", "Something went wrong on the server. Please try again."),
        ("zh-CN", "服务器出错了。请重试。"),
    ):
        noise.evaluate("setLanguage", language)
        expect(noise.locator("html")).to_have_attribute("lang", language)
        noise.locator("#header .share").click()
        expect(noise.locator(".message")).to_have_text(says)
    expect(noise.locator("#share dialog")).to_be_hidden()
    console_errors.clear()


def test_nothing_arrives_for_it_before_it_is_wanted(new_context, app_url):
    """The code, the programs and the tour's texts come with a click."""
    page = new_context().new_page()
    asked = []
    page.on("request", lambda request: request.method == "POST" and asked.append(request.url))
    page.goto(app_url)
    expect(page.locator(PANEL).first).to_be_visible()
    until_loaded(page)
    html = page.content()
    assert "SDEdit" not in html and "ddpm.q_sample(schedule, x_start, t, eps)" not in html
    assert not [url for url in asked if "run" in url]
