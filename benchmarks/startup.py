"""How long `python app.py` takes to answer, and which imports take longest.

    python -m benchmarks.startup
    python -m benchmarks.startup --other ../before    # compared with another checkout

Starts the app several times and prints the median, then the slowest imports of one start as
`python -X importtime` counts them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

from devtools import ROOT
from devtools.server import running_app
from devtools.timing import versions_table


def seconds_to_first_answer(root: Path) -> float:
    begin = time.perf_counter()
    with running_app(root):
        return time.perf_counter() - begin


def slowest_imports(module: str, count: int = 8) -> list[tuple[float, str]]:
    """(seconds including nested imports, name) of top-level packages, slowest first."""
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--other", type=Path, help="another checkout to compare with")
    args = parser.parse_args()
    roots = {"this version": ROOT}
    if args.other:
        roots["the other"] = args.other.resolve()
    action = f"first answer, median of {args.starts} starts"
    taken: dict[str, dict[str, list[float]]] = {name: {action: []} for name in roots}
    for _ in range(args.starts):
        for name, root in roots.items():
            taken[name][action].append(seconds_to_first_answer(root))
    print(versions_table(taken))
    for name, actions in taken.items():
        print(f"{name}: {', '.join(f'{t:.1f}' for t in actions[action])} s")
    for seconds, name in slowest_imports("page.layout"):
        print(f"{seconds:6.2f} s  {name}")


if __name__ == "__main__":
    main()
