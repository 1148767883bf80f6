"""How often Walk redraws its picture while a hand moves over the pad.

    python -m benchmarks.walk
    python -m benchmarks.walk --student runs/student --visitors 1 4

Starts the app, opens it in headless Chromium, drags the mouse over the pad for some seconds, and
prints the median number of redraws per second; with several visitors each has a page of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from ddpm.checkpoint import find_checkpoint
from devtools.chromium import FLAGS, find_chromium
from devtools.server import running_app
from devtools.tiny_models import checkout_with
from page.models.registry import KINDS

SLOW_MS = 120_000
# Moved by a script in the page: Playwright's mouse waits for each event to be handled.
DRAG = """(seconds) => new Promise((resolve) => {
    const view = document.querySelector("#walk-view"), pad = view.querySelector(".pad");
    const now = view.querySelector(".now"), draw = CanvasRenderingContext2D.prototype.drawImage;
    let redraws = 0;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        if (this.canvas === now) redraws++;
        return draw.apply(this, args);
    };
    pad.hasPointerCapture = () => true;
    const begin = performance.now();
    const move = () => {
        const passed = (performance.now() - begin) / 1000;
        if (passed > seconds) {
            CanvasRenderingContext2D.prototype.drawImage = draw;
            delete pad.hasPointerCapture;
            return resolve(redraws / passed);
        }
        const box = pad.getBoundingClientRect();
        const [x, y] = [Math.cos(2 * passed), Math.sin(3 * passed)].map((part) => (part + 1) / 2);
        const at = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
        pad.dispatchEvent(new PointerEvent("pointermove", at));
        requestAnimationFrame(move);
    };
    move();
})"""


def open_walk(browser: Browser, url: str) -> Page:
    page = browser.new_page(locale="en-US")
    page.goto(url, timeout=SLOW_MS)
    page.get_by_role("tab", name="Generate").click(timeout=SLOW_MS)
    page.get_by_role("tab", name="Walk").click(timeout=SLOW_MS)
    page.wait_for_function(
        "() => document.querySelector('#walk-view .took')?.textContent", timeout=SLOW_MS
    )
    return page


def drags(pages: list[Page], seconds: float) -> list[float]:
    """Redraws per second of each page, all dragging at once."""
    for page in pages:
        page.evaluate(f"(seconds) => {{ window.dragged = ({DRAG})(seconds); }}", seconds)
    return [page.evaluate("() => window.dragged") for page in pages]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--student", default="fashion_mnist_few", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--visitors", type=int, nargs="+", default=[1])
    parser.add_argument("--seconds", type=float, default=3.0, help="of one drag")
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    print("| visitors | redraws per second of each, median | of each drag |")
    print("|---|---|---|")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        student = folder / KINDS["student"].file.name
        student.symlink_to(find_checkpoint(args.student).resolve())
        root = checkout_with([student], folder)
        url = stack.enter_context(running_app(root)).url
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(FLAGS)
        )
        for count in args.visitors:
            pages = [open_walk(browser, url) for _ in range(count)]
            drags(pages, 1.0)  # warms up
            found = [statistics.mean(drags(pages, args.seconds)) for _ in range(args.repeats)]
            each = " / ".join(f"{rate:.1f}" for rate in found)
            print(f"| {count} | {statistics.median(found):.1f} | {each} |", flush=True)
            for page in pages:
                page.close()


if __name__ == "__main__":
    main()
