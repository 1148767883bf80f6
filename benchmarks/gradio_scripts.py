"""What each change to Gradio's scripts saves the browser, while the page opens and afterwards.

    python -m benchmarks.gradio_scripts

Seconds of the browser's main thread with Gradio's own scripts, with all changes of
page/server/patches/gradio_scripts.py, and with all but one, in turns, each time in a browser that
knows nothing: to open the page and each of its tabs, then to open links that draw. Medians, and
beside them how many times as long it takes as with all changes. Networks are small and untrained,
so the processor is the browser's.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, Route, sync_playwright

from devtools import idle
from devtools.chromium import open_chromium
from devtools.server import running_app
from devtools.tabs import PANEL, until_shared
from devtools.tiny_models import checkout_with, save_all
from devtools.waits import until_loaded
from page.server.patches.gradio_assets import ASSETS
from page.server.patches.gradio_scripts import CHANGES

LINKS = (
    "generate?v=1&label=7&steps=5",
    "compare?v=1&label=7&steps=2&axis=guidance",
    "noise?v=1&T=300",
    "generate?v=1&label=2&count=64&steps=500",
)
Pairs = Mapping[str, list[tuple[str, str]]]  # by script, what it says and what it should


def variants() -> dict[str, Pairs]:
    """By name, the changes that are made."""
    found: dict[str, Pairs] = {
        "all changes": {name: list(pairs) for name, pairs in CHANGES.items()},
        "Gradio's own": {name: [] for name in CHANGES},
    }
    for name, pairs in CHANGES.items():
        for left in pairs:
            rest = [pair for pair in pairs if pair is not left]
            found[f"without {name[:-3]} {left[0][:30]}"] = found["all changes"] | {name: rest}
    return found


def serve(page: Page, changes: Pairs) -> None:
    """Answer for the server, which makes all changes."""

    def answer(route: Route) -> None:
        name = route.request.url.split("/")[-1]
        own = (ASSETS / name).read_text("utf-8")
        for old, new in changes[name]:
            own = own.replace(old, new)
        route.fulfill(body=own, content_type="text/javascript")

    for name in changes:
        page.route(f"**/assets/*/{name}", answer)


def seconds(browser: Browser, url: str, changes: Pairs) -> tuple[float, float]:
    """Of the main thread: until every tab has been opened, and for all links."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    serve(page, changes)
    session = context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    page.goto("about:blank")
    before = busy()
    page.goto(url)
    page.wait_for_selector(PANEL)
    for tab in ("Generate", "Train"):
        page.get_by_role("tab", name=tab, exact=True).click()
        until_loaded(page)
    opened = busy()
    for link in LINKS:
        page.evaluate("openLink", link)
        until_shared(page, link)
    linked = busy()
    context.close()
    return opened - before, linked - opened


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    idle.add_argument(parser)
    args = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with TemporaryDirectory() as weights, TemporaryDirectory() as folder:
        root = checkout_with(save_all(Path(weights)), Path(folder))
        with running_app(root) as app, sync_playwright() as playwright:
            browser = open_chromium(playwright)
            with idle.watched(args.idle, {"server": app.process.pid}):
                for _ in range(args.repeats):
                    for name, changes in variants().items():
                        found[name].append(seconds(browser, app.url, changes))
    medians = {name: [statistics.median(each) for each in zip(*all_of_them, strict=True)]
               for name, all_of_them in found.items()}  # fmt: skip
    print("| | the page and its tabs, s | | four links, s | |\n|---|---|---|---|---|")
    for name, (opened, linked) in medians.items():
        least = medians["all changes"]
        print(f"| {name} | {opened:.2f} | {opened / least[0]:.2f} | {linked:.2f} "
              f"| {linked / least[1]:.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
