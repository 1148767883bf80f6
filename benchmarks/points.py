"""How many frames a second the points in the plane have while they move.

    python -m benchmarks.points
    python -m benchmarks.points --runs 7

Starts the app, opens it in headless Chromium, and plays: in Noise 2,000 points under each of four
schedules, in Generate 2,000 points with arrows and paths. A frame counts once its plane was drawn.
Prints the median of several runs, and beside it the display's rate: how often a page that does
nothing is asked for a frame. Headless Chromium draws with the processor alone.
"""

import argparse
import statistics

from playwright.sync_api import Page, sync_playwright

from devtools.chromium import open_chromium
from devtools.server import running_app

SECONDS = 3
RATE = """(seconds) => new Promise((resolve) => {
    let frames = 0;
    const begin = performance.now();
    const count = (now) => {
        if (now - begin > 1000 * seconds) return resolve((1000 * frames) / (now - begin));
        frames++;
        requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
})"""
FRAMES = """([selector, seconds]) => new Promise((resolve) => {
    const canvas = document.querySelector(selector);
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    let frames = 0;
    CanvasRenderingContext2D.prototype.clearRect = function (...args) {
        if (this.canvas === canvas) frames++;
        return clear.apply(this, args);
    };
    const begin = performance.now();
    setTimeout(() => {
        CanvasRenderingContext2D.prototype.clearRect = clear;
        resolve((1000 * frames) / (performance.now() - begin));
    }, 1000 * seconds);
})"""


def forward(page: Page, runs: int) -> list[float]:
    page.locator("#noise-points button.label-wrap").click()
    page.locator("#points-forward .planes canvas").first.wait_for()
    play = page.locator("#points-forward .play")
    play.scroll_into_view_if_needed()
    found = []
    for _ in range(runs):
        page.locator("#points-forward .time").fill("0")
        play.click()
        found.append(page.evaluate(FRAMES, ["#points-forward .planes canvas", SECONDS]))
        play.click()
    return found


def backward(page: Page, runs: int) -> list[float]:
    page.get_by_role("tab", name="Generate").click()
    page.get_by_role("tab", name="Points").click()
    page.locator("#points-backward .summary:not(:empty)").wait_for()
    slider, play = (page.locator(f"#points-backward {part}") for part in (".seen input", ".play"))
    found = []
    for _ in range(runs):
        slider.press("Home")
        play.click()
        found.append(page.evaluate(FRAMES, ["#points-backward .seen canvas", SECONDS]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with running_app() as app, sync_playwright() as playwright:
        browser = open_chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
        page.goto("about:blank")
        rates = [page.evaluate(RATE, SECONDS) for _ in range(args.runs)]
        page.goto(app.url)
        page.locator("#noise-view .panel canvas").first.wait_for()
        rows = {"display": rates}
        rows["Noise, four clouds of 2,000"] = forward(page, args.runs)
        rows["Generate, 2,000 with arrows and paths"] = backward(page, args.runs)
        print(f"frames a second, median of {args.runs}")
        for name, found in rows.items():
            low, high = min(found), max(found)
            print(f"{name:40} {statistics.median(found):5.1f}  ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    main()
