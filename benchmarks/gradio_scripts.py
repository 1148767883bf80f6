"""What each change to Gradio's scripts saves the browser, while the page opens and afterwards.

    python -m benchmarks.gradio_scripts
    python -m benchmarks.gradio_scripts --only "core|Blocks" --repeats 5   # whose names match

With Gradio's own scripts, with all changes of page/server/patches/gradio_scripts.py, and with all
but one, in turns, each on a server of its own and each time in a browser that knows nothing:
seconds of the main thread to open the page and each of its tabs, then to open links that draw, and
what Lighthouse's telephone finds. Medians; the seconds also as so many times what they are with all
changes. Networks are small and untrained, so the processor is the browser's.
"""

import argparse
import re
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from devtools import idle
from devtools.chromium import find_chromium, open_chromium
from devtools.lighthouse import performance
from devtools.server import running_app
from devtools.tables import head, row
from devtools.tabs import PANEL, until_shared
from devtools.timing import in_turns
from devtools.tiny_models import checkout_with, save_all
from devtools.waits import until_loaded
from page.server.patches.gradio_scripts import CHANGES

APP = """import page.server.patches.gradio_stubs
from page.server.patches import gradio_scripts
gradio_scripts.CHANGES = {changes!r}
from page.__main__ import main

if __name__ == "__main__":
    main()
"""
LINKS = (
    "generate?v=1&label=7&steps=5",
    "compare?v=1&label=7&steps=2&axis=guidance",
    "noise?v=1&T=300",
    "generate?v=1&label=2&count=64&steps=500",
)
WHAT = ("page and tabs", "four links", "score", "first paint", "largest paint", "blocked")
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


@contextmanager
def served(changes: Pairs) -> Iterator[str]:
    """A page whose server makes these alone."""
    with TemporaryDirectory() as weights, TemporaryDirectory() as folder:
        root = checkout_with(save_all(Path(weights)), Path(folder))
        (root / "app.py").write_text(APP.format(changes=changes), "utf-8")
        with running_app(root) as app:
            yield app.url


def seconds(browser: Browser, url: str) -> dict[str, float]:
    """Of the main thread: until every tab has been opened, and for all links."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
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
    return {"page and tabs": opened - before, "four links": linked - opened}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="a regular expression in a change's name")
    parser.add_argument("--repeats", type=int, default=3)
    idle.add_argument(parser)
    args = parser.parse_args()
    chosen = {
        name: changes
        for name, changes in variants().items()
        if not name.startswith("without") or re.search(args.only, name)
    }
    with sync_playwright() as playwright, idle.watched(args.idle):
        chromium, browser = find_chromium(playwright), open_chromium(playwright)

        def visited(changes: Pairs) -> dict[str, float]:
            with served(changes) as url:
                return seconds(browser, url) | performance(url, True, chromium)

        runs = {name: partial(visited, changes) for name, changes in chosen.items()}
        found = in_turns(runs, args.repeats)
    medians = {
        name: [statistics.median(each[what] for each in values) for what in WHAT]
        for name, values in found.items()
    }
    head("", *WHAT, "scores")
    for name, values in medians.items():
        cells = [f"{value:.2f}" for value in values]
        for k in (0, 1):
            cells[k] += f" ({values[k] / medians['all changes'][k]:.2f})"
        row(name, *cells, ", ".join(f"{each['score']:.0f}" for each in found[name]))


if __name__ == "__main__":
    main()
