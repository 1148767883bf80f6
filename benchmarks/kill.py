"""Kill a training run again and again, at random moments: is anything corrupted or lost?

    python -m benchmarks.kill --kills 50

Prints a line for each kill (see devtools/kills.py), and fails if anything was.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch

from devtools.kills import kills


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()
    torch.set_num_threads(1)
    midway = seen = 0
    with tempfile.TemporaryDirectory() as folder:
        for kill in kills(Path(folder), args.kills, args.seed):
            seen, midway = seen + 1, midway + (kill.unfinished > 0)
            print(
                f"kill {seen:3}: logged {kill.logged:5} steps, saved {kill.saved:5}, "
                f"unfinished files {kill.unfinished}",
                flush=True,
            )
    print(f"{seen} kills, {midway} while a file was written: nothing corrupted, nothing lost")


if __name__ == "__main__":
    main()
