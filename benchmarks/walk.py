"""How often Walk redraws its picture while a hand moves over the pad.

    python -m benchmarks.walk
    python -m benchmarks.walk --visitors 1 4
    python -m benchmarks.walk --where browser server --slower 1 4
    python -m benchmarks.walk --slower 1 4 --throttled 4 --pictures 1 4

Starts the app, opens it in headless Chromium, drags the mouse over the pad for some seconds, and
prints the median number of redraws per second; with several visitors each has a page of its own.
The visitor's browser draws, or the server. --slower 4 lets the browser's processes run for a
quarter of the time; --throttled 4 is DevTools' own way, which leaves workers as fast as they are.
--pictures 4 draws so many at once, by two calls, without a pause. Requests are those of all drags.
"""

import argparse
import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from ddpm.files import SHIPPED
from devtools.chromium import open_chromium
from devtools.server import running_app
from devtools.tables import head, row
from page.in_browser import files

PERIOD_S = 0.02
PLACES = ("browser", "server")
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


def open_walk(browser: Browser, url: str, where: str) -> Page:
    page = browser.new_page(locale="en-US")
    if where == "server":
        page.route("**/browser/**", lambda route: route.abort())
    page.goto(f"{url}/#walk?v=1")
    badge = "here" if where == "browser" else "there"
    page.locator(f"#walk-view .badge[data-where={badge}]").wait_for(state="attached")
    return page


@contextmanager
def slowed(factor: int) -> Iterator[None]:
    """This program's browser, at 1/factor of its speed: stopped for most of every 20 ms."""
    if factor == 1:
        yield
        return
    family = psutil.Process().children(recursive=True)
    renderers = [each for each in family if "--type=renderer" in each.cmdline()]
    done = threading.Event()

    def stutter() -> None:
        while not done.wait(PERIOD_S / factor):
            for each in renderers:
                each.suspend()
            time.sleep(PERIOD_S * (1 - 1 / factor))
            for each in renderers:
                each.resume()

    thread = threading.Thread(target=stutter)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


# Pictures of several noises at once, two calls, drawn and shown without a pause.
DRAW = """async ([files, count, seconds]) => {
    const absolute = Object.entries(files).map(([name, path]) =>
        [name, new URL(path, document.baseURI).href]);
    const addresses = Object.fromEntries(absolute);
    const { openDrawing } = await import(addresses.page);
    const drawing = await openDrawing(addresses, () => {});
    const plain = { sampler: "consistency", steps: 2, schedule: "cosine", guidance: 1, label: 7 };
    const context = document.querySelector("#walk-view .now").getContext("2d");
    const signal = new AbortController().signal;
    const begin = performance.now();
    for (let seed = 0; ; seed++) {
        const passed = (performance.now() - begin) / 1000;
        if (passed > seconds) return seed / passed;
        let x;
        const hear = ({ step }) => { x = step?.x; };
        await drawing.run({ ...plain, count, seed }, hear, signal);
        const shown = new ImageData(28, 28 * count);
        x.forEach((value, k) => shown.data.fill(127.5 * (value + 1), 4 * k, 4 * k + 4));
        context.putImageData(shown, 0, 0);
    }
}"""


@contextmanager
def throttled(page: Page, factor: int) -> Iterator[None]:
    """By DevTools: what a page does itself takes so many times as long."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": factor})
    yield
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()


def drags(pages: list[Page], seconds: float) -> list[float]:
    """Redraws per second of each page, all dragging at once."""
    for page in pages:
        page.evaluate(f"(seconds) => {{ window.dragged = ({DRAG})(seconds); }}", seconds)
    return [page.evaluate("() => window.dragged") for page in pages]


def sets(pages: list[Page], count: int, seconds: float) -> list[float]:
    """Sets of so many pictures per second of each page, one page after the other."""
    exported = files.exported(SHIPPED / "fashion_mnist_few.safetensors")
    assert exported, "the student that ships is not exported"
    given = [files.addresses(exported), count, seconds]
    return [page.evaluate(DRAW, given) for page in pages]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[1])
    parser.add_argument("--where", choices=PLACES, nargs="+", default=["browser"])
    parser.add_argument("--slower", type=int, nargs="+", default=[1])
    parser.add_argument("--throttled", type=int, nargs="+", default=[])
    parser.add_argument("--pictures", type=int, nargs="+", default=[])
    parser.add_argument("--seconds", type=float, default=3.0, help="of one drag")
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    redraws = "redraws per second, median", "of each"
    head("where", "visitors", "drawn", "slower", *redraws, "requests")
    with ExitStack() as stack:
        url = stack.enter_context(running_app()).url
        playwright = stack.enter_context(sync_playwright())
        browser = open_chromium(playwright)
        for where, count in itertools.product(args.where, args.visitors):
            pages = [open_walk(browser, url, where) for _ in range(count)]
            asked: list[str] = []
            for page in pages:
                page.on("request", lambda request, asked=asked: asked.append(request.url))
            drags(pages, 1.0)  # warms up
            ways = [(f"{factor} times", slowed(factor)) for factor in args.slower]
            ways += [(f"{n} times, DevTools", throttled(pages[0], n)) for n in args.throttled]
            draws = [("a hand", partial(drags, pages, args.seconds))]
            draws += [
                (f"{n} at once", partial(sets, pages, n, args.seconds)) for n in args.pictures
            ]
            for way, slow in ways:
                with slow:
                    for drawn, draw in draws:
                        asked.clear()
                        found = [statistics.mean(draw()) for _ in range(args.repeats)]
                        each = " / ".join(f"{rate:.1f}" for rate in found)
                        median = f"{statistics.median(found):.1f}"
                        row(where, count, drawn, way, median, each, len(asked))
            for page in pages:
                page.close()


if __name__ == "__main__":
    main()
