"""Walk where the visitor is: the shipped student in Chromium, at an address that browsers don't
trust, as a workshop has it."""

import gzip
import json
import re
from functools import cache

import pytest
import torch
from PIL import Image
from playwright.sync_api import expect

import ddpm
from ddpm.files import SHIPPED
from devtools import firefox
from devtools.chromium import open_chromium
from devtools.server import running_app
from devtools.slow_calls import SLOW_CALLS
from devtools.tabs import colours, drag, pixels
from devtools.tiny_models import checkout_with, save_all
from devtools.waits import until_loaded, until_still
from page.in_browser import files
from page.tabs.generate.walk import walk
from page.widgets import links
from page.workshop.links import LINKED

pytestmark = pytest.mark.slow

HOST = "classroom.test"
VIEW = "#walk-view"
STUDENT = "fashion_mnist_few"
EXPORTED = SHIPPED / f"{STUDENT}.onnx"
ASKED = "/gradio_api/run/walk"
PLACES = [
    walk.Place(x, y, corners, label, (0, 3, 3, 9), seed)
    for seed, x, y, corners, label in [
        (0, 0.5, 0.5, "noises", -1), (7, 0.0, 0.0, "noises", 7), (7, 0.9, 0.2, "classes", -1),
        (123456, 0.31, 0.77, "noises", 2), (2**31 - 1, 0.5, 0.5, "classes", -1),
        *((seed, 1.0, 1.0, "noises", seed % 10) for seed in range(100, 105)),
    ]
]  # fmt: skip
DRAW = """async ([addresses, places]) => {
    const absolute = Object.entries(addresses).map(([name, path]) =>
        [name, new URL(path, document.baseURI).href]);
    const files = Object.fromEntries(absolute);
    const { openDrawing } = await import(files.page);
    const draw = await openDrawing(files, () => {});
    const drawn = [];
    for (const place of places) drawn.push([...(await draw.at(place, 2)).picture]);
    return drawn;
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The page with the shipped student, and small models of all other kinds."""
    small = [file for file in save_all(tmp_path_factory.mktemp("w")) if file.stem != STUDENT]
    with running_app(checkout_with(small, tmp_path_factory.mktemp("checkout"))) as app:
        yield app


@pytest.fixture(scope="module")
def browser(playwright):
    """One for which `HOST` is this machine."""
    rule = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"
    with open_chromium(playwright, rule) as browser:
        yield browser


@pytest.fixture
def open_page(app, new_context):
    """`open_page("walk?v=1")`: the page of a link, with something done to it before it opens, and
    the errors on its console."""

    def opened(link, before=lambda page: None):
        page, errors = new_context().new_page(), []
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        before(page)
        page.goto(f"{app.url.replace('127.0.0.1', HOST)}/#{link}")
        return page, errors

    return opened


def settled(page) -> None:
    expect(page.locator(f"{VIEW} .pad")).to_have_attribute("aria-busy", "false")


def test_a_hand_moves_and_the_server_is_not_asked(open_page):
    """Nor is it for the corners. The picture is the one that Python draws at this place."""
    asked = []

    def listen(page):
        page.on("request", lambda request: ASKED in request.url and asked.append(request.url))

    page, errors = open_page("walk?v=1", listen)
    expect(page.locator(f"{VIEW} .took")).not_to_be_empty()
    assert page.evaluate("[isSecureContext, typeof SharedArrayBuffer]") == [False, "undefined"]
    badge = page.locator(f"{VIEW} .badge")
    expect(badge).to_have_text(re.compile(r"In your browser · \d+ ms a call"))
    settled(page)
    before = len(asked)
    assert before > 0  # the server's, until the model was there
    page.get_by_role("button", name="Record the path as a GIF").click()
    drag(page, f"{VIEW} .pad", (0.1, 0.3), (0.5, 0.3), (0.9, 0.3), steps=10)
    settled(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the path as a GIF").click()
    with Image.open(saved.value.path()) as gif:
        assert gif.n_frames > 1 and gif.size == (812, 812)
    page.get_by_role("button", name="Four classes").click()
    page.get_by_role("combobox", name="Top right").select_option("Bag")
    page.locator(f"{VIEW} .pad").press("ArrowUp")
    settled(page)
    assert len(asked) == before and errors == []
    shown = page.evaluate("walkShown()")
    place = walk.Place(
        **{key: shown[key] for key in ("x", "y", "corners", "label", "seed")},
        classes=tuple(shown[f"corner_{k}"] for k in range(4)),
    )
    levels = (in_float64(place)[0] + 1) * 127.5
    assert (pixels(page, f"{VIEW} .now") - levels).abs().max() < 0.5 + 0.5  # rounding, and float32
    check(page.evaluate(DRAW, [files.addresses(EXPORTED), [*map(vars, PLACES)]]))


@cache  # for both browsers
def in_float64(place: walk.Place) -> torch.Tensor:
    """What `walk.picture` draws, (1, 28, 28), without float32's rounding of up to 0.003, a fifth of
    a grey level: the first x̂_0 is a difference of rounded numbers, divided by 5e-5."""
    model = ddpm.load_checkpoint(SHIPPED / f"{STUDENT}.safetensors", "cpu")
    noises = ddpm.randn_like(torch.empty(4, 1, 28, 28), place.sources)
    x, labels = noises[:1], None if place.label == -1 else torch.tensor([place.label])
    if place.corners == "classes":
        labels = walk.mixed_classes(place.weights, place.classes, 10)
    else:
        x = walk.mixed_noise(place.weights, noises)
    seeds = ddpm.generators(1, place.seed)
    ddpm.randn_like(x, seeds)  # the first call's, as `sample` draws it
    denoiser = ddpm.Denoiser(model.network.double(), model.schedule, "v")
    eps_fn = ddpm.classifier_free_guided(denoiser, labels)
    times = model.info["sampling"]["times"]["2"]
    *_, last = ddpm.consistency(eps_fn, model.schedule, x.double(), times, generator=seeds)
    return last.x[0]


def check(drawn: list[list[float]]) -> None:
    for place, picture in zip(PLACES, drawn, strict=True):
        off = torch.tensor(picture) - in_float64(place).flatten()
        assert off.abs().max() < 1e-3, place


def test_firefox_draws_the_same(app, missing):
    if not firefox.can_run():
        missing("Node and Debian's firefox-esr are not both installed")
    draw = f"({DRAW})({json.dumps([files.addresses(EXPORTED), [*map(vars, PLACES)]])})"
    check(firefox.evaluate(app.url.replace("127.0.0.1", HOST), draw, HOST))


def test_draw_and_compare_ask_the_server_for_nothing(open_page, app):
    """Pictures, the film with its badge, the files and the comparison are made in the browser."""
    link = "generate?v=1&model=student&label=7&count=1&steps=2&seed=7"
    page, errors = open_page(link, lambda page: page.add_init_script(SLOW_CALLS))
    where, badge = page.locator("#generate-view .where"), page.locator("#generate-view .badge")
    expect(where).to_contain_text("done")  # drawn by the server
    expect(page.locator("#generate-go")).to_be_enabled()
    expect(badge).to_be_hidden()
    until_still(page)
    until_loaded(page)  # what followed the link has been answered
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.post_data)))
    page.locator("#generate-here").click()
    expect(badge).to_have_text(re.compile(r"In your browser · \d+ ms a call"))
    expect(page.locator("#generate-stop")).to_be_disabled()
    expect(page.locator("#generate-here")).to_be_enabled()
    page.locator("#generate-view .place").fill("2")
    greys = pixels(page, "#generate-view .x")
    drawn = ddpm.sample(ddpm.load_checkpoint(STUDENT, "cpu"), 1, labels=7, steps=2, seed=7)
    assert (greys - (drawn[0, 0] + 1) * 127.5).abs().max() < 1
    for kind, comment in (("png", "Comment"), ("gif", "comment")):
        with page.expect_download() as saved:
            page.locator(f"#generate-{kind}").click()
        picture = Image.open(saved.value.path())
        said = picture.info[comment]
        url, _, shown = (said if kind == "png" else said.decode()).partition("#")
        assert picture.format == kind.upper() and picture.width >= 800
        assert url == f"{app.url.replace('127.0.0.1', HOST)}/"
        read, expected = (links.read(each, LINKED).values for each in (shown, link))
        assert read == expected | {"sampler": "consistency"}
        assert saved.value.suggested_filename == f"consistency-2-steps-seed-7.{kind}"
    assert asked_of_server(page, asked) == []
    draw_less(page, link)
    compare_here(page, asked)
    assert errors == []


def draw_less(page, link: str) -> None:
    """Where more than four pictures in two calls would take long, these are offered."""
    less = page.locator("#generate-view .less")
    count = page.locator("#generate-count input[type=number]")
    expect(less).to_be_hidden()
    page.evaluate("openLink", link.replace("count=1", "count=5&sampler=consistency"))
    expect(count).to_have_value("5")
    expect(page.locator("#generate-here")).to_be_enabled()
    until_still(page)
    until_loaded(page)
    page.locator("#generate-here").click()
    expect(less).to_contain_text("takes a while on this device")
    expect(page.locator("#generate-here")).to_be_enabled()
    less.get_by_role("button").click()
    expect(count).to_have_value("4")
    expect(less).to_be_hidden()  # the server draws them


def asked_of_server(page, asked) -> list[str]:
    """The listeners that were asked, without those that follow a link's settings in their own
    time: the equation and the line of settings."""
    names = page.evaluate("gradio_config.dependencies.map(({ id, api_name }) => [id, api_name])")
    posts = [json.loads(post) for url, post in asked if "/gradio_api/" in url and post]
    found = [dict(names)[post["fn_index"]] for post in posts]
    return [name for name in found if not name.startswith(("explained", "told"))]


def compare_here(page, asked) -> None:
    """By calls, of which the last are those that Python draws; then by calls and classes."""
    link = "compare?v=1&model=student&sampler=consistency&label=7&axis=steps&seed=7"
    here, badge = page.locator("#compare-here"), page.locator("#compare-view .badge")
    strips = page.locator("#compare-view .strip img")
    plan = page.locator("#compare-view .plan")
    for across, settings in (("none", 3), ("label", 3 * 11)):
        page.evaluate("openLink", f"{link}&across={across}")
        expect(here).to_be_enabled()
        expect(plan).to_contain_text(f"each of {settings} settings")  # the server's last answer
        until_still(page)
        until_loaded(page)
        asked.clear()
        here.click()
        expect(strips).to_have_count(1 + settings)  # the noise first
        expect(page.locator("#compare-view .now")).to_contain_text("your browser")
        expect(badge).to_have_text(re.compile(r"In your browser · \d+ ms a call"))
        assert asked_of_server(page, asked) == []
        if across == "none":
            model = ddpm.load_checkpoint(STUDENT, "cpu")
            drawn = ddpm.sample(model, 8, labels=7, steps=4, seed=7)
            first = colours(strips.last)[2:30, 2:30, 0]
            assert (first - (drawn[0, 0] + 1) * 127.5).abs().max() < 1


def fulfilled(pattern, change):
    """Before a page opens: the files that `pattern` matches come changed."""

    def route(page):
        def answer(route):
            response = route.fetch(url=route.request.url.replace(HOST, "127.0.0.1"))
            route.fulfill(response=response, body=change(response.body()))

        page.context.route(re.compile(pattern), answer)

    return route


def hurt(body: bytes) -> bytes:
    """One bit of a model's file."""
    plain = bytearray(gzip.decompress(body))
    plain[len(plain) // 2] ^= 1
    return gzip.compress(bytes(plain), 1)[:-8] + body[-8:]  # with the sum of what it was


NO_MEMORY = (
    b"WebAssembly.Memory = class { constructor() { throw new RangeError('no memory'); } };\n"
)
FAILURES = {
    "too old to run the model": lambda page: page.add_init_script(
        "WebAssembly.validate = () => false"
    ),
    "too little memory": fulfilled(r"runtime/.*\.mjs$", lambda body: NO_MEMORY + body),
    "arrived damaged, twice": fulfilled(r"\.onnx\.gz$", hurt),
    "could not be fetched": lambda page: page.context.route(
        re.compile(r"\.wasm\.gz$"), lambda route: route.abort()
    ),
}


@pytest.mark.parametrize("sentence", FAILURES)
def test_where_a_browser_can_not_the_server_draws(open_page, sentence):
    page, _ = open_page("walk?v=1", FAILURES[sentence])
    expect(page.locator(f"{VIEW} .instead")).to_contain_text(sentence)
    settled(page)
    with page.expect_request(f"**{ASKED}"):
        page.locator(f"{VIEW} .pad").press("ArrowLeft")
    settled(page)
    expect(page.locator(f"{VIEW} .badge")).to_contain_text("On the server")
    expect(page.locator(f"{VIEW} .wrong")).to_be_empty()
