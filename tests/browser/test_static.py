"""The static edition in Chromium, from Python's http.server, below a path of its own."""

import io
import math
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm
from ddpm.schedules.betas import BETAS
from devtools.axe import violations
from devtools.server import serving
from devtools.slow_calls import SLOW_CALLS
from devtools.tabs import pixels
from page.static import build
from page.widgets import links
from page.workshop.links import LINKED

pytestmark = pytest.mark.slow

PATH = "lectures/diffusion/"
MODEL = re.compile(r"\.(onnx|wasm)\.gz$")
FIRST = {  # what is in a place once it is there
    "Noise": "#noise-view .panel",
    "Draw": "#generate-go:enabled",
    "Compare": "#compare-go:enabled",
    "Walk": '#walk-view .badge[data-where="here"]',
    "Points": "#points-backward .summary:not(:empty)",
}
BAD_LUCK = {
    "window.Worker": "This browser allows no background scripts",
    "window.DecompressionStream": "This browser is too old to run the model",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    root = tmp_path_factory.mktemp("web")
    build.write(root / PATH)
    with serving(root) as url:
        yield url + PATH


@pytest.fixture(scope="module")
def seen(browser, url):
    """The page, once Noise is there; what it asked for, and what its console says."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    expect(page.locator("#noise-view .panel")).to_have_count(4)
    yield page, asked, errors
    context.close()


def open_place(page, name: str) -> None:
    if name != "Noise":
        page.get_by_role("tab", name="Generate").click()
    page.get_by_role("tab", name=name).click()
    expect(page.locator(FIRST[name]).first).to_be_visible()


def draw(page) -> None:
    page.locator("#generate-go").click()
    expect(page.locator("#generate-view .note")).to_contain_text("your browser")
    expect(page.locator("#generate-go")).to_be_enabled()


def follow_the_tour(page) -> None:
    """A step is set up if all that it takes is here; another says that it needs the full page."""
    page.locator("#header .tour").click()
    expect(page.locator("#tour .question")).to_have_text("What does noise do to a picture?")
    page.locator("#tour .try").click()
    expect(page.locator("#noise-view .panel")).to_have_count(1)
    expect(page.locator("#noise-view .play")).to_contain_text("Pause")  # it plays
    page.evaluate("location.hash = 'tour=11'")
    expect(page.locator("#tour .step")).to_have_text("11 / 16")
    expect(page.locator("#tour .try")).to_be_hidden()
    expect(page.locator("#tour .paragraphs")).to_contain_text("This step needs the full page")
    page.evaluate("location.hash = 'tour=13&class=00000000000000000000'")
    expect(page.locator("#tour .where")).to_contain_text("need the full page, with a server")
    page.locator("#tour .choice").nth(1).click()
    page.locator("#tour .try").click()  # answers are known without one
    expect(page.locator("#tour .choice.right")).to_have_count(8)
    page.locator("#tour .close").click()
    page.evaluate("openLink('noise?v=1')")
    expect(page.locator("#noise-view .panel")).to_have_count(4)


def draw_and_compare_by_the_tour(page) -> None:
    """Two hundred calls, which Stop ends; and rows that each have a model of their own."""
    page.evaluate("location.hash = 'tour=6'")  # drawn at once
    expect(page.locator("#generate-view .where")).to_contain_text("of 200")
    page.locator("#generate-stop").click()
    expect(page.locator("#generate-view .note")).to_contain_text("Stopped after")
    expect(page.locator("#generate-go")).to_be_enabled()
    page.evaluate("location.hash = 'tour=14'")
    expect(page.locator("#tour .step")).to_have_text("14 / 16")
    page.locator("#tour .try").click()
    rows = page.locator("#compare-view .strip img")
    expect(rows.nth(3)).to_be_visible()  # after the noise, and what the student draws
    page.locator("#compare-stop").click()
    expect(page.locator("#compare-view .now")).to_contain_text("Stopped after")
    names = ["The noise", *["two or four calls"] * 2, "DPM-Solver++", "DDPM"]
    expect(page.locator("#compare-view .name")).to_contain_text(names)
    page.locator("#tour .close").click()


def uploaded(page, folder) -> Image.Image:
    """A visitor's own picture, of which the middle is taken; another file is refused."""
    across, down, depth = (np.linspace(0, 255, n, dtype=np.uint8) for n in (41, 31, 41 * 31))
    own = np.stack([*np.meshgrid(across, down), depth.reshape(31, 41)], axis=-1)
    (folder / "words.png").write_text("no picture")
    Image.fromarray(own).save(folder / "own.png")
    chooser = page.locator("#noise-image input")
    chooser.set_input_files(folder / "words.png")
    expect(page.locator("#told")).to_contain_text("not a picture that we can read")
    chooser.set_input_files(folder / "own.png")
    expect(page.locator("#noise-image img")).to_have_attribute("src", re.compile("^blob:"))
    expect(page.locator("#told")).to_be_hidden()
    return Image.open(folder / "own.png")


def check_gif(page, picture: Image.Image, error: Callable, most: float) -> None:
    """Its frames are what Python blends, enlarged by whole pixels."""
    page.evaluate("openLink('noise?v=1')")
    expect(page.locator("#noise-view .panel")).to_have_count(len(BETAS))
    with page.expect_download() as saved:
        page.get_by_role("button", name="Make GIF").click()
    assert saved.value.suggested_filename == f"forward-{'-'.join(BETAS)}-T200-seed0.gif"
    channels = 3 if picture.mode == "RGB" else 1
    x_start = ddpm.from_pil(picture, min(picture.size), channels)[None]
    eps = ddpm.randn_like(x_start, torch.Generator().manual_seed(0))
    schedules = [ddpm.Schedule.named(name, 200) for name in BETAS]
    with Image.open(saved.value.path()) as gif:
        assert gif.n_frames == 30
        link = gif.info["comment"].decode().partition("#")[2]
        assert links.read(link, LINKED) == links.read("noise?v=1", LINKED)
        for k in (0, 10, 29):
            t = torch.tensor([k * 199 // 29])
            x_t = torch.cat([ddpm.q_sample(each, x_start, t, eps) for each in schedules])
            expected = np.array(ddpm.to_pil(ddpm.make_grid(x_t, len(x_t))).convert("RGB"))
            scale = math.ceil(800 / expected.shape[1])
            gif.seek(k)
            frame = np.array(gif.convert("RGB"))[22:-22].astype(int)  # without the lines of words
            off = np.abs(frame - expected.repeat(scale, 0).repeat(scale, 1))
            assert error(off) <= most, (k, error(off))


def test_every_instrument_works_without_a_server(seen, url, tmp_path):
    page, asked, errors = seen
    follow_the_tour(page)
    open_place(page, "Points")
    expect(page.locator("#points-backward .summary")).to_contain_text("2,000 points, DDIM")
    page.get_by_role("tab", name="Noise").click()
    page.locator("#noise-points summary").click()
    expect(page.locator("#points-forward .planes canvas")).to_have_count(4)
    assert [each for each in asked if MODEL.search(each)] == []  # none of this needs one
    page.locator("#noise-view .time").fill("199")
    expect(page.locator("#noise-view .now")).to_have_text("199 / 199")
    page.get_by_label("Edm", exact=False).first.check()
    expect(page.locator("#noise-view .panel")).to_have_count(5)
    page.locator("#noise-examples .gallery-item").nth(3).click()
    expect(page.locator("#noise-image img")).to_have_attribute("src", re.compile("sneaker"))
    sneaker = page.request.get(page.locator("#noise-image img").evaluate("({ src }) => src"))
    check_gif(page, Image.open(io.BytesIO(sneaker.body())), np.max, 1)
    check_gif(page, uploaded(page, tmp_path), np.mean, 12)
    page.locator("#noise-view").get_by_role("button", name="Draw your own").click()
    expect(page.locator("#noise-view .handle").first).to_be_visible()

    open_place(page, "Draw")
    page.get_by_label("How many pictures").first.fill("2")
    for without, says in BAD_LUCK.items():
        page.evaluate(f"() => {{ window.kept = {without}; {without} = undefined; }}")
        page.locator("#generate-go").click()
        expect(page.locator("#told")).to_contain_text(says)
        page.evaluate(f"() => {{ {without} = window.kept; }}")
    draw(page)  # with the teacher, in ten calls
    expect(page.locator("#generate-view .where")).to_contain_text("of 10")
    badge = page.locator("#generate-view .badge")
    expect(badge).to_have_text(re.compile(r"In your browser · \d+ ms a call"))
    with page.expect_download() as saved:
        page.locator("#generate-gif").click()
    assert saved.value.suggested_filename == "each-dpm_solver-10-steps-seed-0.gif"
    assert saved.value.path().read_bytes()[:6] == b"GIF89a"
    page.locator("#generate-form").get_by_label("Model", exact=True).select_option('"student"')
    draw(page)
    expect(page.locator("#generate-view .where")).to_contain_text("of 2")

    open_place(page, "Compare")
    page.get_by_label("From row to row").select_option('"steps"')
    page.locator("#compare-go").click()
    expect(page.locator("#compare-view .now")).to_contain_text("your browser")
    expect(page.locator("#compare-view .strip img")).to_have_count(4)
    draw_and_compare_by_the_tour(page)

    open_place(page, "Walk")
    expect(page.locator("#walk-view .badge")).to_contain_text("In your browser")
    page.locator("#walk-view .pad").press("ArrowLeft")
    expect(page.locator("#walk-view .pad")).to_have_attribute("aria-valuenow", "45")
    page.get_by_role("button", name="Share").click()
    link = page.locator("#share-link").input_value()
    assert link.startswith(f"{url}#walk?v=1&x=0.45")
    page.get_by_role("button", name="Close").click()
    assert errors == []
    assert [each for each in asked if not each.startswith((url, "data:", "blob:"))] == []


def test_a_link_of_the_full_page_is_drawn_as_python_draws_it(seen, url):
    page, _, errors = seen
    page.goto("about:blank")
    page.goto(f"{url}#generate?v=1&model=student&label=7&count=1&steps=2&seed=7")
    expect(page.locator("#generate-view .note")).to_contain_text("your browser")
    page.locator("#generate-view .place").fill("2")
    greys = pixels(page, "#generate-view .x")
    student = ddpm.load("fashion_mnist_few", "cpu")
    drawn = ddpm.sample(student, 1, labels=7, steps=2, seed=7)
    assert (greys - (drawn[0, 0] + 1) * 127.5).abs().max() < 1
    page.evaluate("openLink('generate?v=1&model=cascade&label=3&nothing=1')")
    expect(page.locator("#told")).to_contain_text("nothing")
    expect(page.locator("#told")).to_contain_text("Model")
    assert errors == []


def test_why_it_is_slow_is_said(seen, url):
    """Another tab that draws, and a tab in the background."""
    page, _, errors = seen
    badge = page.locator("#generate-view .badge")
    page.goto("about:blank")
    page.goto(f"{url}#generate?v=1&model=student&count=1&steps=2")
    expect(badge).to_have_text(re.compile(r"In your browser · \d+ ms a call$"))
    expect(page.locator("#generate-view .less")).to_be_hidden()
    other = page.context.new_page()
    other.add_init_script(SLOW_CALLS)
    other.goto(f"{url}#generate?v=1&count=1&steps=1000")
    expect(other.locator("#generate-view .badge")).to_contain_text("ms a call")
    draw(page)
    expect(badge).to_contain_text("another tab of this page is drawing too")
    other.locator("#generate-view .less button").click()  # hours are left
    expect(other.locator("#generate-view .where")).to_contain_text("of 2")
    expect(other.locator("#generate-view .less")).to_be_hidden()
    now = other.evaluate("JSON.parse(sessionStorage['static-generate'])")
    assert (now["model"], now["steps"], now["count"]) == ("student", 2, 4)
    other.close()
    page.evaluate("void Object.defineProperty(document, 'hidden', { get: () => true })")
    draw(page)
    expect(badge).to_contain_text("this tab was in the background")
    assert errors == []


# Not wait_for_function: the page's policy forbids the eval of every look but the first.
NARROW = """new Promise((done, failed) => {
    const look = (left) => document.documentElement.scrollWidth <= 390 ? done()
        : left ? setTimeout(look, 50, left - 1) : failed(Error("wider than 390 pixels"));
    look(600);
})"""


def test_it_is_accessible_in_both_languages_and_on_a_phone(seen):
    page, _, errors = seen
    for name in FIRST:
        open_place(page, name)
        assert violations(page) == [], name
    page.evaluate("setDark(true)")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.set_viewport_size({"width": 390, "height": 844})
    for place in map(str.lower, FIRST):
        for tab in dict.fromkeys(("noise" if place == "noise" else "generate", place)):
            page.locator(f'[role=tab][data-tab-id="{tab}"]').click()
        page.evaluate(NARROW)
        assert violations(page) == [], place
        said = page.evaluate("""[...document.querySelectorAll("main *")].filter((each) =>
            each.checkVisibility() && each.childElementCount === 0 &&
            /[a-z]{4,} [a-z]{3,} [a-z]{2,}/.test(each.textContent)).map((e) => e.textContent)""")
        assert said == [], place
    assert errors == []


def test_it_opens_without_a_network(seen, url):
    page, _, errors = seen
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(url)
    expect(page.locator("#offline")).to_have_text(re.compile("没有网络也能打开"))
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#noise-view .panel")).not_to_have_count(0)
    page.locator('[role=tab][data-tab-id="generate"]').click()
    page.locator("#generate-go").click()
    expect(page.locator("#generate-view .badge")).to_contain_text("你的浏览器")
    page.context.set_offline(False)
    assert errors == []
