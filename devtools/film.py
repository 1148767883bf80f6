"""The tour as a film, for a lecture without any network: `python -m devtools.film FOLDER` records
it in both languages, some twelve minutes each. `--short docs/tour.webp` is the README's.

Each step is what a visitor sees: the question, what "Try it" does, and the answer, read at leisure
below the page. What takes the server longer than an audience would wait is shown faster.
"""

import argparse
import base64
import io
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, sync_playwright

from devtools.chromium import open_chromium
from devtools.server import running_app
from devtools.tabs import PANEL
from devtools.video import Reel
from devtools.waits import until_still
from page.texts import TEXTS
from page.workshop import tour
from page.workshop.links import LINKED

LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
SIZE: ViewportSize = {"width": 1280, "height": 800}
WORDS: ViewportSize = {"width": 1280, "height": 112}  # below the page
MOST_BYTES, SHORT_BYTES = 20_000_000, 1_000_000
SHORT_STEPS = 2
LETTERS_S = {"en": 19, "zh": 7.5}  # read in a second
PAUSE_S = 0.9  # after each sentence
ACTION_S = 9.0  # the longest that something happens on the page
STILL_S = 0.8  # the longest that nothing does meanwhile
TRAIN_MS = 240_000
SWEEP = 16  # pictures on the way from the beginning of what is shown to its end
SCROLL = """(share) => {
    const { bottom } = document.querySelector("#compare-view").getBoundingClientRect();
    scrollTo(0, share * Math.max(0, bottom + scrollY - innerHeight));
}"""
SLIDER = {"noise": "#noise-time", "generate": "#generate-view .place"}
STOP = {name: f"#{name}-stop" for name in ("generate", "compare", "train")}
SENTENCES = {"en": re.compile(r"(?<=[.?!])\s+(?=[A-ZΑ-Ωᾱ])"), "zh": re.compile(r"(?<=[。？！])")}
CAPTION = """<body style="margin:0;height:112px;display:flex;align-items:center;background:#14161d;
    justify-content:center;color:#fff;font:24px/1.35 system-ui,sans-serif;text-align:center">
    <p style="margin:0;max-width:1200px;text-wrap:balance"></p>"""
SHOW = """(p, words) => {
    p.textContent = words;
    p.innerHTML = p.innerHTML.replace(/_(T)\\b/g, "<sub>$1</sub>");
}"""


class Camera:
    """What Chromium shows of a page while something happens there."""

    def __init__(self, page: Page):
        self.page = page
        self.shots: list[tuple[float, bytes]] = []
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.on("Page.screencastFrame", self._shot)

    def _shot(self, event: dict) -> None:
        self.shots.append((event["metadata"]["timestamp"], base64.b64decode(event["data"])))
        self.devtools.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def record(self, act: Callable[[], object]) -> list[tuple[bytes, float]]:
        """The pictures while `act` runs, each with its seconds."""
        self.shots = []
        self.devtools.send("Page.startScreencast", {"format": "jpeg", "quality": 90})
        act()
        self.devtools.send("Page.stopScreencast")
        times = [at for at, _ in self.shots]
        gaps = [min(STILL_S, b - a) for a, b in itertools.pairwise(times)]
        slower = min(1.0, ACTION_S / max(ACTION_S, sum(gaps)))
        shots = zip(self.shots, [*gaps, STILL_S], strict=True)
        return [(picture, slower * gap) for (_, picture), gap in shots]

    def still(self) -> bytes:
        return self.page.screenshot(type="jpeg", quality=90)


class Film:
    """A reel of the page with words below it."""

    def __init__(self, browser: Browser, language: str):
        self.language, self.reel = language, Reel()
        self.words = browser.new_page(viewport=WORDS, locale=LANGUAGES[language])
        self.words.set_content(CAPTION)

    def add(self, pictures: list[tuple[bytes, float]], words: str) -> None:
        self.words.locator("p").evaluate(SHOW, words)
        caption = Image.open(io.BytesIO(self.words.screenshot()))
        width, height = SIZE["width"], SIZE["height"]
        for picture, seconds in pictures:
            whole = Image.new("RGB", (width, height + WORDS["height"]))
            whole.paste(Image.open(io.BytesIO(picture)).resize((width, height)))
            whole.paste(caption, (0, height))
            file = io.BytesIO()
            whole.save(file, "jpeg", quality=90)
            self.reel.add(file.getvalue(), seconds)

    def read(self, words: str) -> float:
        """The seconds that it takes."""
        return len(words) / LETTERS_S[self.language] + PAUSE_S


def sentences(text: str, language: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from filter(None, SENTENCES[language].split(" ".join(paragraph.split())))


def finish(page: Page, place: str, step: dict) -> None:
    """Wait until what "Try it" began has ended."""
    if "does" in step and place == "noise":
        page.wait_for_function(
            "document.querySelector('#noise-time').value === "
            "document.querySelector('#noise-time').max"
        )
        page.locator("#noise-view .play").click()
    elif place in STOP:
        stop = page.locator(STOP[place])
        try:
            page.locator(f"{STOP[place]}:enabled").wait_for(timeout=8000)
            page.locator(f"{STOP[place]}:disabled").wait_for(timeout=TRAIN_MS)
        except TimeoutError:
            if stop.is_enabled():
                stop.click()
                page.locator(f"{STOP[place]}:disabled").wait_for()
    page.wait_for_timeout(5000 if place == "points" else 1500)


def moved(page: Page, place: str) -> Callable[[float], object] | None:
    """What goes through all that a place shows, by the share of the way, if anything does."""
    if place == "compare":
        return lambda share: page.evaluate(SCROLL, share)
    slider = page.locator(SLIDER.get(place, "#none"))
    if not slider.count() or not slider.is_visible():
        return None
    most = int(slider.get_attribute("max") or 0)
    return lambda share: slider.fill(str(round(share * most)))


def sweep(page: Page, camera: Camera, place: str, seconds: float) -> list[tuple[bytes, float]]:
    """What there is to see, from the beginning to the end, where it then rests."""
    if (move := moved(page, place)) is None:
        return [(camera.still(), seconds)]
    found = []
    for k in range(SWEEP + 1):
        move(k / SWEEP)
        found.append((camera.still(), seconds / (SWEEP + 4)))
    return [*found[:-1], (found[-1][0], 4 * seconds / (SWEEP + 4))]


def step_of_tour(page: Page, film: Film, camera: Camera, step: dict, k: int) -> None:
    language = ["en", "zh"].index(film.language)
    said = {name: step[name][language] for name in ("question", "look", "answer") if name in step}
    place = step["link"].partition("?")[0]
    page.evaluate("scrollTo(0, 0)")
    if k > 1:
        page.locator("#tour .next").click()
    until_still(page)
    film.add([(camera.still(), film.read(said["question"]))], said["question"])

    def act() -> None:
        page.locator("#tour .try").click()
        finish(page, place, step)

    look = " ".join(said.get("look", said["question"]).split())
    pictures = camera.record(act)
    film.add(pictures, look)
    film.add([(camera.still(), film.read(look) / 2)], look)
    for n, sentence in enumerate(sentences(said["answer"], film.language)):
        seconds = film.read(sentence)
        still = [(camera.still(), seconds)] if n else sweep(page, camera, place, seconds)
        film.add(still, sentence)


def opened(browser: Browser, url: str, language: str) -> Page:
    page = browser.new_page(viewport=SIZE, locale=LANGUAGES[language], color_scheme="light")
    page.goto(url)
    page.locator(PANEL).first.wait_for()
    return page


def record(browser: Browser, url: str, language: str, most: int | None = None) -> Reel:
    page, film = opened(browser, url, language), Film(browser, language)
    camera = Camera(page)
    title = " – ".join(TEXTS[key][language == "zh"] for key in ("header_title", "header_lead"))
    film.add([(camera.still(), film.read(title))], title)
    page.locator("#header .tour").click()
    page.locator("#tour .try").wait_for()
    for k, step in enumerate(tour.load(tour.OWN, LINKED)[:most], 1):
        step_of_tour(page, film, camera, step, k)
        print(f"{language} {k}: {film.reel.seconds:.0f} s", flush=True)
    page.close()
    return film.reel


def main() -> None:
    parser = argparse.ArgumentParser(description="Record the tour as a film.")
    parser.add_argument("folder", type=Path, nargs="?", help="for tour.en.mp4 and tour.zh.mp4")
    parser.add_argument("--short", type=Path, help="only the first steps, as an animated WebP")
    given = parser.parse_args()
    if bool(given.folder) == bool(given.short):
        parser.error("a film needs a folder, or --short a file")
    with running_app() as app, sync_playwright() as playwright:
        browser = open_chromium(playwright)
        if given.short:
            record(browser, app.url, "en", SHORT_STEPS).save_loop(given.short, SHORT_BYTES)
            return
        given.folder.mkdir(parents=True, exist_ok=True)
        for language in LANGUAGES:
            reel = record(browser, app.url, language)
            path = given.folder / f"tour.{language}.mp4"
            reel.save(path, MOST_BYTES)
            print(f"{path}: {reel.seconds / 60:.1f} min, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
