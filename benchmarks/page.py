"""How long the app takes to start, the page to open on a fast and a slow line, and each action.

    python -m benchmarks.page
    python -m benchmarks.page --other ../before    # compared with another checkout
    python -m benchmarks.page --idle               # waits until nothing else uses the cores

Starts the app several times, then opens it in headless Chromium, and prints medians. The slow
connection is that of a crowded room: 1.5 Mbit/s, with a round trip of 100 ms. Then it prints what
the page promises to stay under; Lighthouse, which measures some of that, comes from npm. Last comes
who kept the cores busy: the servers, this program with its browser, and what else ran.
"""

import argparse
import math
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import page_limits
from devtools import ROOT, idle
from devtools.chromium import find_chromium, open_chromium
from devtools.server import running_app
from devtools.tables import head, row
from devtools.timing import versions_table

SLOW_CONNECTION = {
    "offline": False,
    "latency": 100,
    "downloadThroughput": 1.5e6 / 8,
    "uploadThroughput": 0.5e6 / 8,
}
SLOW_MS = 300_000
PANEL = "#noise-view .panel canvas"
# Milliseconds from a click on Generate to the first picture, the last one, and the GIF.
RUN = """() => new Promise(resolve => {
    const begin = performance.now(), times = {};
    const view = document.querySelector("#generate-view");
    view.querySelector(".place")?.dispatchEvent(new Event("pointerdown"));  // stops another film
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        if (view.contains(this.canvas)) times.first ??= performance.now() - begin;
        return draw.apply(this, args);
    };
    const gif = document.querySelector("#generate-gif");
    const look = () => {
        if (times.first && view.querySelector(".where").textContent.includes("done"))
            times.last ??= performance.now() - begin;
        const ready = gif.matches(":not([disabled])") && !gif.querySelector("[disabled]");
        if (!ready) return requestAnimationFrame(look);
        CanvasRenderingContext2D.prototype.drawImage = draw;
        resolve({ ...times, gif: performance.now() - begin });
    };
    document.querySelector("#generate-go").click();
    requestAnimationFrame(look);
})"""
# Milliseconds from a click on a schedule's box until its picture has appeared or gone.
TOGGLE = """() => new Promise(resolve => {
    const begin = performance.now();
    const panels = () => document.querySelectorAll("#noise-view .panel").length;
    const before = panels();
    document.querySelector("#noise-schedules input[type=checkbox]").click();
    const look = () => panels() === before ? requestAnimationFrame(look)
        : resolve(performance.now() - begin);
    look();
})"""

# Counts how often the picture under the drawn schedule is drawn.
COUNT_DRAWINGS = """() => {
    window.drawings = 0;
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...args) {
        if (this.canvas.closest('[data-schedule="drawn"]')) window.drawings += 1;
        return put.apply(this, args);
    };
}"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
DRAG_S = 3
START = "python app.py to the first answer"


def visit(page: Page, url: str, slow: bool = False) -> dict[str, float]:
    """Open the page; seconds until its first paint and until its first picture is drawn, files and
    kB received until then."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    if slow:
        network.send("Network.emulateNetworkConditions", SLOW_CONNECTION)
    sizes: list[float] = []  # as transferred; 0 for files from the browser's cache
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="commit", timeout=SLOW_MS)
    page.locator(PANEL).first.wait_for(timeout=SLOW_MS)
    seconds = {
        "first picture": page.evaluate("performance.now()") / 1000,
        "first paint": page.evaluate(FIRST_PAINT) / 1000,
    }
    network.detach()
    return seconds | {"files": sum(map(bool, sizes)), "kB": sum(sizes) / 1000}


Seconds = dict[str, list[float]]  # by action


def loads(browser: Browser, url: str, taken: Seconds) -> None:
    """Visit the page twice on each connection and record how long it takes."""
    for connection, slow in (("fast connection", False), ("1.5 Mbit/s", True)):
        page = browser.new_context(locale="en-US").new_page()
        for which in ("first", "second"):
            seen = visit(page, url, slow)
            for what in ("first paint", "first picture"):
                action = f"page, {connection}, {which} visit: {what}"
                taken.setdefault(action, []).append(seen[what])
            size = f"{seen['files']:.0f} files, {seen['kB']:,.0f} kB"
            print(f"{url}, {connection}, {which} visit: {size}", flush=True)
        page.context.close()


def actions(browser: Browser, url: str, taken: Seconds) -> None:
    """Use the page once and record how long each action takes."""
    page = browser.new_context(locale="en-US").new_page()
    visit(page, url)
    page.wait_for_timeout(1000)
    taken.setdefault("a schedule shown or hidden", []).append(page.evaluate(TOGGLE) / 1000)
    for tab in ("Generate", "Train"):
        begin = page.evaluate("performance.now()")
        page.get_by_role("tab", name=tab).click()
        page.locator(f"#{tab.lower()}-go").wait_for()
        opened = page.evaluate("performance.now()") - begin
        taken.setdefault(f"tab {tab} opened", []).append(opened / 1000)
    page.get_by_role("tab", name="Generate").click()
    page.wait_for_timeout(500)
    for key, seconds in page.evaluate(RUN).items():
        name = {"first": "first picture", "last": "last step", "gif": "GIF and PNG"}[key]
        taken.setdefault(f"16 pictures, 10 calls: {name}", []).append(seconds / 1000)
    page.context.close()


def drag(browser: Browser, url: str) -> int:
    """Drag a point of a drawn schedule for `DRAG_S`, and count the pictures drawn meanwhile."""
    page = browser.new_context(locale="en-US").new_page()
    visit(page, url)
    page.get_by_role("button", name="Draw your own").click()
    handle = page.locator("#noise-view .handle").nth(4)
    handle.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    page.evaluate(COUNT_DRAWINGS)
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < DRAG_S:
        page.mouse.move(x + 30 * math.sin(5 * passed), y + 20 * math.sin(7 * passed))
    page.mouse.up()
    drawings = page.evaluate("window.drawings")
    page.context.close()
    return drawings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    idle.add_argument(parser)
    args = parser.parse_args()
    roots = {"this version": ROOT} | ({"the other": args.other.resolve()} if args.other else {})
    taken: dict[str, Seconds] = {name: {START: []} for name in roots}
    idle.wait(args.idle)
    for _ in range(args.repeats):
        for name, root in roots.items():
            begin = time.perf_counter()
            with running_app(root):
                taken[name][START].append(time.perf_counter() - begin)
    with ExitStack() as stack:
        apps = {name: stack.enter_context(running_app(root)) for name, root in roots.items()}
        urls = {name: app.url for name, app in apps.items()}
        playwright = stack.enter_context(sync_playwright())
        chromium = find_chromium(playwright)
        browser = open_chromium(playwright)
        for url in urls.values():  # warms up the server
            actions(browser, url, {})
        servers = {f"server of {name}": app.process.pid for name, app in apps.items()}
        stack.enter_context(idle.watched(args.idle, servers))
        for measure in (loads, actions):
            for _ in range(args.repeats):
                for name, url in urls.items():
                    measure(browser, url, taken[name])
        frames = sorted(drag(browser, urls["this version"]) for _ in range(args.repeats))
        versions_table(taken)
        print()
        head("", "measured", "limit")
        for each in page_limits.rows(browser, urls["this version"], chromium):
            row(*each)
        print(f"frames while a hand draws a schedule for {DRAG_S} s: {frames[len(frames) // 2]}")


if __name__ == "__main__":
    main()
