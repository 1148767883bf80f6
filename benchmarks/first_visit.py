"""How fast Lighthouse finds the page, and a bare page of Gradio's: scores, and what makes them.

    python -m benchmarks.first_visit
    python -m benchmarks.first_visit --repeats 3 --other ../before    # and of another checkout
    python -m benchmarks.first_visit --idle    # waits until nothing else uses the cores

The bare page is the one of Gradio's quickstart: a text, a slider, a text. All pages are audited in
turns, on Lighthouse's telephone and on its desktop, each time by a browser that knows nothing; the
table has medians. One audit of each goes before and isn't counted. Last comes who kept the cores
busy: the servers, this program with Lighthouse, and what else ran.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from devtools import ROOT, idle
from devtools.chromium import find_chromium
from devtools.lighthouse import performance
from devtools.server import App, running_app
from devtools.tables import head, row

BARE = """import gradio as gr
page = gr.Interface(lambda text, count: text * count, ["text", gr.Slider(1, 3, step=1)], "text")
page.launch(quiet=True, prevent_thread_lock=True)
page.app.add_api_route("/health", lambda: "ok")  # devtools.server waits for it
page.block_thread()
"""


@contextmanager
def bare_page() -> Iterator[App]:
    with TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(BARE, "utf-8")
        with running_app(Path(folder)) as app:
            yield app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--other", type=Path, help="another checkout of this project")
    idle.add_argument(parser)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright)
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        apps = {"this page": stack.enter_context(running_app(ROOT))}
        if args.other:
            apps["the other"] = stack.enter_context(running_app(args.other))
        apps["a bare page"] = stack.enter_context(bare_page())
        for app in apps.values():  # the first audit after a pause waits for the browser itself
            performance(app.url, True, chromium)
        servers = {f"server of {name}": app.process.pid for name, app in apps.items()}
        stack.enter_context(idle.watched(args.idle, servers))
        for _ in range(args.repeats):
            for device in ("telephone", "desktop"):
                for page, app in apps.items():
                    audit = performance(app.url, device == "telephone", chromium)
                    for what, value in audit.items():
                        found[device, what, page].append(value)
                    print(device, page, found[device, "score", page], file=sys.stderr)
        head("", *apps)
        for device, what in dict.fromkeys(key[:2] for key in found):
            medians = [statistics.median(found[device, what, page]) for page in apps]
            values = (f"{each:.0f}" if what == "score" else f"{each:.2f}" for each in medians)
            row(f"{device}: {what}", *values)


if __name__ == "__main__":
    main()
