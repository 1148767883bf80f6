"""How many times a second the page and its files are answered, and what an answer costs.

    python -m benchmarks.answers
    python -m benchmarks.answers --other ../before    # compared with another checkout

wrk (Debian's package) asks with one thread and a browser's headers, in turns where there are two
checkouts. Prints medians: answers a second, the server's processor time for each, and its size.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from devtools import ROOT
from devtools.server import App, running_app
from devtools.tables import head, row

HEADERS = {
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US,en;q=0.9",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
}


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=HEADERS), timeout=60) as answer:
        return answer.read()


def paths(app: App) -> dict[str, str]:
    """What to ask for, by name: the main script's name has a hash of its content."""
    with urllib.request.urlopen(app.url, timeout=60) as answer:
        script = re.search(r"assets/[\w/]*index-[\w-]+\.js", answer.read().decode())
    assert script is not None, "the page names no script"
    return {"/": "/", "the main script": f"/{script[0]}", "theme.css": "/theme.css"}


def asked(app: App, path: str, seconds: int) -> tuple[float, float]:
    """Answers a second, and milliseconds of the server's processor time for each."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("wrk is not installed: apt install wrk")
    headers = [part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")]
    command = [wrk, "-t1", "-c8", f"-d{seconds}s", *headers, f"{app.url}{path}"]
    before = sum(app.process.cpu_times()[:2])
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = sum(app.process.cpu_times()[:2]) - before
    if wrong := re.search(r"Non-2xx.*", out):
        raise RuntimeError(f"{path}: {wrong[0]}")
    count = re.search(r"(\d+) requests in", out)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", out)
    assert count is not None and rate is not None, out
    return float(rate[1]), 1000 * spent / int(count[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="How many answers a second, and their cost.")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    args = parser.parse_args()
    roots = {"this version": ROOT} | ({"the other": args.other.resolve()} if args.other else {})
    head("", "version", "answers a second", "processor time each", "bytes sent", "ratio")
    with ExitStack() as stack:
        apps = {name: stack.enter_context(running_app(root)) for name, root in roots.items()}
        places = {name: paths(app) for name, app in apps.items()}
        for what in places["this version"]:
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in apps}
            for _ in range(args.repeats):
                for name, app in apps.items():
                    found[name].append(asked(app, places[name][what], args.seconds))
            rates = {name: statistics.median(r for r, _ in rows) for name, rows in found.items()}
            for name, rows in found.items():
                cost = statistics.median(ms for _, ms in rows)
                size = len(fetched(f"{apps[name].url}{places[name][what]}"))
                ratio = rates["this version"] / rates[name]
                cells = f"{rates[name]:,.0f}", f"{cost:.2f} ms", f"{size:,}", f"{ratio:.1f}"
                row(what, name, *cells)


if __name__ == "__main__":
    main()
