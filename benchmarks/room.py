"""Thirty visitors on one server: how long each action takes, and what the server uses.

    python -m benchmarks.room                  # five minutes, a Markdown table
    python -m benchmarks.room --seconds 60
    python -m benchmarks.room --soak 2000      # mixed requests in sequence: memory, disk

Starts `python app.py` on a free port. Fifteen visitors use the Noise tab, ten sample 16 pictures at
10 steps, five train. Each loads the page with its assets first, as a browser does, rests between
actions, and on leaving fetches the last result of each action again. Polite refusals ("busy") are
counted apart from errors, such as a training run cut short by other visitors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import time
from collections import Counter, defaultdict

from devtools import ROOT
from devtools.server import App, running_app
from devtools.visitors import Refused, Visitor, assets_of

NOISE, SAMPLING, TRAINING = 15, 10, 5
ARRIVAL = 0.2  # the share of the time over which they arrive
REST_S = 5.0  # between a visitor's actions, on average
PICTURE = ROOT / "page/tabs/noise/examples/cat.jpg"
ENDED = re.compile(r'"(done|stopped|out_of_time|diverged)"')  # of a training run
POLITE = re.compile(r"try again|waiting already|still under way")


class Room:
    def __init__(self, url: str, assets: list[str], seconds: float):
        self.url, self.assets, self.until = url, assets, time.monotonic() + seconds
        self.times: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()

    def took(self, action: str, begin: float) -> float:
        now = time.monotonic()
        self.times[action].append(now - begin)
        return now

    async def visit(self, act) -> None:
        """Arrive, load the page, then act and rest until time is up."""
        await asyncio.sleep(random.uniform(0, ARRIVAL * (self.until - time.monotonic())))
        visitor = Visitor(self.url, self.assets)
        while not visitor.loaded:  # a visitor who sees no page reloads it
            begin = time.monotonic()
            await self.guard(visitor.load())
        self.took("page load", begin)
        while time.monotonic() < self.until:
            try:  # when time is up, the page is closed whatever is running
                action = self.guard(act(visitor))
                await asyncio.wait_for(action, self.until - time.monotonic())
            except asyncio.TimeoutError:
                self.counts["closed during an action"] += 1
                break
            await asyncio.sleep(random.uniform(0, 2 * REST_S))
        for path in visitor.results.values():
            await self.guard(visitor.fetch(path))
        await visitor.http.aclose()

    async def guard(self, action) -> None:
        try:
            await action
        except Refused as refusal:
            polite = POLITE.search(str(refusal))
            self.counts["polite busy" if polite else f"error: {refusal}"] += 1
        except Exception as error:
            self.counts[f"error: {type(error).__name__} {error}"[:90]] += 1

    async def change_noise(self, visitor: Visitor) -> None:
        """A new seed: moving the slider makes no request."""
        begin = time.monotonic()
        async for _ in visitor.run("new_tables"):
            pass
        self.took("a changed setting on the Noise tab", begin)

    async def sample(self, visitor: Visitor) -> None:
        """16 pictures at 10 steps, the tab's defaults. The first frame is pure noise."""
        begin = time.monotonic()
        first = True
        async for message in visitor.run("sample", {"generate-seed": random.randrange(2**31)}):
            if first and message["msg"] == "process_generating":
                first = False
                self.took("first frame", begin)
        self.took("sample, 16 at 10 steps", begin)

    async def train(self, visitor: Visitor) -> None:
        """The preset "minute". Updates are timed while it runs, not while it waits in line."""
        last, ended = None, []
        async for message in visitor.run("show_run"):
            report = json.dumps(message.get("output", {}).get("data", ""))
            ended += ENDED.findall(report)
            if message["msg"] != "process_generating" or "ahead" in report:
                continue
            last = self.took("training update", last) if last else time.monotonic()
        done = ended and ended[-1] == "done"
        self.counts["completed training runs" if done else f"error: trained, {ended}"] += 1

    async def upload(self, visitor: Visitor) -> None:
        """Upload a picture to the Noise tab."""
        async for _ in visitor.run("new_picture", {"noise-image": await visitor.upload(PICTURE)}):
            pass

    async def learn(self, visitor: Visitor) -> None:
        """A training run of ten steps, until its file is ready."""
        async for _ in visitor.run("show_run", {"train-steps": 10}):
            pass


def used(app: App) -> str:
    memory = app.process.memory_info().rss / 1e6
    sizes = [path.stat().st_size for path in app.files.rglob("*") if path.is_file()]
    return f"{memory:.0f} MB memory, {sum(sizes) / 1e6:.1f} MB disk in {len(sizes)} files"


def percentiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return " | ".join(f"{cuts[p - 1]:.2f} s" for p in (50, 95, 99))


async def measure(app: App, room: Room) -> None:
    at = {"start": used(app)}
    seconds = room.until - time.monotonic()
    acts = [room.change_noise] * NOISE + [room.sample] * SAMPLING + [room.train] * TRAINING
    visits = asyncio.gather(*map(room.visit, acts))
    await asyncio.sleep(seconds / 2)
    at["middle"] = used(app)
    await visits
    at["end"] = used(app)
    print(f"{len(acts)} visitors, {seconds:.0f} s, {os.cpu_count()} cores\n")
    print("| | n | p50 | p95 | p99 |\n|---|---|---|---|---|")
    for action, times in room.times.items():
        print(f"| {action} | {len(times)} | {percentiles(times)} |")
    print("\n| server | |\n|---|---|")
    for name, value in (at | room.counts).items():
        print(f"| {name} | {value} |")


async def soak(app: App, room: Room, count: int) -> None:
    """Requests in sequence; a new visitor every fifty."""
    print(f"before: {used(app)}")
    for k in range(count):
        if k % 50 == 0:
            visitor = Visitor(room.url, room.assets)
            await visitor.load()
        acts = [room.change_noise, room.sample, room.upload, room.learn]
        (act,) = random.choices(acts, [10, 6, 3, 1])
        await room.guard(act(visitor))
        if (k + 1) % max(1, count // 10) == 0:
            print(f"{k + 1} requests: {used(app)}", flush=True)
    print(dict(room.counts) or "no failures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--soak", type=int, metavar="N", help="send N mixed requests instead")
    args = parser.parse_args()
    with running_app() as app:
        room = Room(app.url, assets_of(app.url), args.seconds)
        asyncio.run(soak(app, room, args.soak) if args.soak else measure(app, room))


if __name__ == "__main__":
    main()
