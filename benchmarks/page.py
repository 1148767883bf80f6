"""How long a visitor waits: for the page, on a good line and a bad one, and for each action.

    python -m benchmarks.page

Starts the app, opens it in headless Chromium, and prints medians. The bad line is a crowded
room's: 1.5 Mbit/s, 100 ms there and back.
"""

from __future__ import annotations

import argparse
import statistics

from playwright.sync_api import Browser, Page, sync_playwright

from devtools.chromium import FLAGS, find_chromium
from devtools.server import running_app

BAD_LINE = {
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
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        if (view.contains(this.canvas)) times.first ??= performance.now() - begin;
        return draw.apply(this, args);
    };
    const gif = document.querySelector("#generate-gif");
    const look = () => {
        if (view.querySelector(".where").textContent.includes("done"))
            times.last ??= performance.now() - begin;
        const ready = gif.matches(":not([disabled])") && !gif.querySelector("[disabled]");
        if (!ready) return requestAnimationFrame(look);
        CanvasRenderingContext2D.prototype.drawImage = draw;
        resolve({ ...times, gif: performance.now() - begin });
    };
    document.querySelector("#generate-go").click();
    requestAnimationFrame(look);
})"""
# Milliseconds from a click on a schedule's box until the picture of it is there, or gone.
TOGGLE = """() => new Promise(resolve => {
    const begin = performance.now();
    const panels = () => document.querySelectorAll("#noise-view .panel").length;
    const before = panels();
    document.querySelector("#noise-schedules input[type=checkbox]").click();
    const look = () => panels() === before ? requestAnimationFrame(look)
        : resolve(performance.now() - begin);
    look();
})"""


def visit(page: Page, url: str, bad: bool = False) -> dict[str, float]:
    """Open the page, and say what that took until the first picture was drawn in it."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    if bad:
        network.send("Network.emulateNetworkConditions", BAD_LINE)
    sizes: list[float] = []  # as they travel; what the browser had kept counts nothing
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="commit", timeout=SLOW_MS)
    page.locator(PANEL).first.wait_for(timeout=SLOW_MS)
    drawn = page.evaluate("performance.now()")
    network.detach()
    return {"seconds": drawn / 1000, "files": sum(map(bool, sizes)), "kB": sum(sizes) / 1000}


def loads(browser: Browser, url: str, repeats: int) -> None:
    for line, bad in (("good line", False), ("1.5 Mbit/s", True)):
        seen: dict[str, list[dict[str, float]]] = {"first visit": [], "second visit": []}
        for _ in range(repeats):
            page = browser.new_context(locale="en-US").new_page()
            for rows in seen.values():
                rows.append(visit(page, url, bad))
            page.context.close()
        for name, rows in seen.items():
            median = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            print(
                f"page, {line}, {name}: first picture after {median['seconds']:.2f} s "
                f"({median['files']:.0f} files, {median['kB']:,.0f} kB)",
                flush=True,
            )


def actions(browser: Browser, url: str, repeats: int) -> None:
    rows: dict[str, list[float]] = {}
    for _ in range(repeats):
        page = browser.new_context(locale="en-US").new_page()
        visit(page, url)
        page.wait_for_timeout(1000)
        rows.setdefault("a schedule shown or hidden", []).append(page.evaluate(TOGGLE))
        for tab in ("Generate", "Train"):
            begin = page.evaluate("performance.now()")
            page.get_by_role("tab", name=tab).click()
            page.locator(f"#{tab.lower()}-go").wait_for()
            rows.setdefault(f"tab {tab} opened", []).append(
                page.evaluate("performance.now()") - begin
            )
        page.get_by_role("tab", name="Generate").click()
        page.wait_for_timeout(500)
        for key, taken in page.evaluate(RUN).items():
            name = {"first": "first picture", "last": "last step", "gif": "GIF and PNG"}[key]
            rows.setdefault(f"16 pictures, 10 calls: {name}", []).append(taken)
        page.context.close()
    for name, taken in rows.items():
        print(f"{name}: {statistics.median(taken) / 1000:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    with running_app() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(FLAGS)
        )
        loads(browser, app.url, args.repeats)
        actions(browser, app.url, args.repeats)


if __name__ == "__main__":
    main()
