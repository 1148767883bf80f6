"""Kill and end what computes, again and again, at random moments: is anything corrupted or lost?

    python -m benchmarks.kill --kills 50      # kill -9 a training run (devtools/kills.py)
    python -m benchmarks.kill --endings 20    # SIGTERM to a busy page (devtools/endings.py)
    python -m benchmarks.kill --workers 20    # kill -9 what computes (devtools/worker_kills.py)

Prints a line for each, and fails if anything was.
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

import torch

from devtools.endings import endings
from devtools.kills import kills
from devtools.tables import head, row
from devtools.worker_kills import Kill
from devtools.worker_kills import kills as worker_kills


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=0)
    options.add_argument("--endings", type=int, default=0)
    options.add_argument("--workers", type=int, default=0)
    args = options.parse_args()
    if not (args.kills or args.endings or args.workers):
        options.error("give --kills, --endings or --workers, and how many")
    torch.set_num_threads(1)
    if args.kills:
        kill(args.kills)
    if args.endings:
        end(args.endings)
    if args.workers:
        asyncio.run(kill_workers(args.workers))


def kill(count: int) -> None:
    midway = seen = 0
    with tempfile.TemporaryDirectory() as folder:
        for each in kills(Path(folder), count):
            seen, midway = seen + 1, midway + (each.unfinished > 0)
            print(
                f"kill {seen:3}: logged {each.logged:5} steps, saved {each.saved:5}, "
                f"unfinished files {each.unfinished}",
                flush=True,
            )
    print(f"{seen} kills, {midway} while a file was written: nothing corrupted, nothing lost")


def end(count: int) -> None:
    slowest = 0.0
    for k, each in enumerate(endings(count), 1):
        slowest = max(slowest, each.seconds)
        steps = " and ".join(map(str, each.steps))
        saving = f"saved after {each.saving_s:.2f} s"
        print(f"end {k:3}: {each.seconds:.1f} s, {saving}, {steps} steps", flush=True)
    print(f"{count} ends, all trainings kept, {slowest:.1f} s at most")


async def kill_workers(count: int) -> None:
    found: dict[str, list[Kill]] = defaultdict(list)
    async for each in worker_kills(count):
        found[each.whose].append(each)
        print(f"{each.whose}: told after {each.told_s:.2f} s, next after {each.next_s:.2f} s")
    print()
    head("killed", "times", "told after at most", "next run after at most")
    for whose, each in found.items():
        told, after = max(k.told_s for k in each), max(k.next_s for k in each)
        row(whose, len(each), f"{told:.2f} s", f"{after:.2f} s")
    print("\nNo other run ended, and every training could be continued.")


if __name__ == "__main__":
    main()
