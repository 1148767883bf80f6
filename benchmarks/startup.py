"""How long until `python app.py` answers, and which imports that time goes to.

    python -m benchmarks.startup

Starts the app several times and takes the median; then lists the heaviest imports of one
start, as `python -X importtime` counts them.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time

from devtools import ROOT
from devtools.server import running_app

STARTS = 5


def seconds_to_first_answer() -> float:
    begin = time.perf_counter()
    with running_app():
        return time.perf_counter() - begin


def heaviest_imports(module: str, count: int = 8) -> list[tuple[float, str]]:
    """(seconds with all that it imports, name) of top-level packages, heaviest first."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {module}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = re.findall(r"import time:\s*\d+ \|\s*(\d+) \|\s*(\S+)", run.stderr)
    return sorted(((int(us) / 1e6, name) for us, name in rows if "." not in name), reverse=True)[
        :count
    ]


def main() -> None:
    times = [seconds_to_first_answer() for _ in range(STARTS)]
    print(
        f"first answer after {statistics.median(times):.1f} s (median of {STARTS} starts: ", end=""
    )
    print(", ".join(f"{t:.1f}" for t in times) + ")")
    for seconds, name in heaviest_imports("app"):
        print(f"{seconds:6.2f} s  {name}")


if __name__ == "__main__":
    main()
