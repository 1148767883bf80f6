"""A room of visitors on one server or several: how long each action takes, and what that costs.

    python -m benchmarks.room                  # thirty visitors, five minutes, a Markdown table
    python -m benchmarks.room --seconds 60
    python -m benchmarks.room --visitors 300 --student
    python -m benchmarks.room --visitors 300 --in-browser
    python -m benchmarks.room --visitors 300 --student --servers 2      # behind nginx
    python -m benchmarks.room --soak 2000      # mixed requests in sequence: memory, disk
    python -m benchmarks.room --cost --student --visitors 32 --seconds 20   # of a sampling
    python -m benchmarks.room --idle           # waits until nothing else uses the cores

Starts `python app.py` on a free port, several times for several servers. Half of the visitors use
the Noise tab, a third sample 16 pictures, at the tab's 10 steps or with two calls of the student, a
sixth train. Those who draw in their own browsers (--in-browser) fetch once what that takes, and ask
for nothing more; what their browsers compute is computed nowhere here. Each visitor loads the page
with its assets first, as a browser does, rests between actions, and on leaving fetches the last
result of each action again. Polite refusals ("busy") are counted apart from errors, such as a
training run cut short by other visitors. With --cost all sample and none rests, so that samplings
are joined: the processor time of one, first of a lone visitor's. Last comes who kept the cores
busy: the servers, this program with its visitors, who share this machine, and what else ran.
"""

import argparse
import asyncio
import random
import re
import statistics
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from devtools import ROOT, idle
from devtools.gauges import disk_of, memory_of, processor_s
from devtools.honest_visitor import HonestVisitor
from devtools.nginx import nginx_before
from devtools.page_events import events_of
from devtools.server import App, running_app
from devtools.tables import head, row
from devtools.visitors import Refused, assets_of
from page.in_browser import files

ARRIVAL_S = 30.0  # over which they arrive; a fifth of a shorter time
REST_S = 5.0  # between a visitor's actions, on average
PICTURE = ROOT / "page/tabs/noise/examples/cat.jpg"
ENDED = re.compile(rb'"(done|stopped|out_of_time|diverged)"')  # of a training run
POLITE = re.compile(r"try again|waiting already|still under way")
STUDENT = ROOT / "checkpoints/fashion_mnist_few.safetensors"
TWO_CALLS = {"generate-model": "student", "generate-sampler": "consistency", "generate-steps": 2}


class Room:
    """Visitors of an address, behind which there may be several servers, and what they met with."""

    def __init__(
        self, url: str, servers: list[str], seconds: float, changes: Mapping[str, object] = {}
    ):
        self.url, self.seconds = url, seconds
        self.changes = changes  # that samplers have made to the settings
        # an example's file has another path at each server
        self.assets = [*map(assets_of, servers)]
        with urllib.request.urlopen(url, timeout=120) as answer:
            self.events = events_of(answer.read().decode())
        self.times: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.drawing: set[HonestVisitor] = set()  # who have what it takes to draw by themselves

    def visitor(self) -> HonestVisitor:
        return HonestVisitor(self.url, self.events, self.assets)

    def took(self, action: str, begin: float) -> float:
        now = time.monotonic()
        self.times[action].append(now - begin)
        return now

    async def visit(self, act, until: float) -> None:
        """Arrive, load the page, then act and rest until time is up."""
        await asyncio.sleep(random.uniform(0, min(ARRIVAL_S, self.seconds / 5)))
        visitor = self.visitor()
        while not visitor.loaded and (begin := time.monotonic()) < until:
            await self.guard(visitor.open)  # who sees no page reloads it
            if visitor.loaded:
                self.took("page load", begin)
        while time.monotonic() < until:
            try:  # when time is up, the page is closed whatever is running
                action = self.guard(act, visitor)
                await asyncio.wait_for(action, until - time.monotonic())
            except asyncio.TimeoutError:
                self.counts["closed during an action"] += 1
                break
            await asyncio.sleep(random.uniform(0, 2 * REST_S))
        for path in visitor.results.values():
            await self.guard(visitor.fetch, path)
        await visitor.close()

    async def guard(self, act, *args) -> None:
        try:
            await act(*args)
        except Refused as refusal:
            polite = POLITE.search(str(refusal))
            what = f"polite busy, {act.__name__}" if polite else f"error: {refusal}"
            self.counts[what] += 1
        except Exception as error:
            self.counts[f"error: {type(error).__name__} {error}"[:90]] += 1

    async def change_noise(self, visitor: HonestVisitor) -> None:
        """A new seed: moving the slider makes no request."""
        begin = time.monotonic()
        async for _ in visitor.run("new_tables"):
            pass
        self.took("a changed setting on the Noise tab", begin)

    async def sample(self, visitor: HonestVisitor) -> None:
        """16 pictures. The first frame is pure noise."""
        begin = time.monotonic()
        first = True
        changes = self.changes | {"generate-seed": random.randrange(2**31)}
        async for message, _ in visitor.run("sample", changes):
            if first and message == "process_generating":
                first = False
                self.took("first frame", begin)
        self.took("sample of 16", begin)

    async def draw_here(self, visitor: HonestVisitor) -> None:
        """What a browser fetches before it draws, once."""
        if visitor not in self.drawing:
            begin = time.monotonic()
            for path in files.served(STUDENT.with_suffix(".onnx")):
                await visitor.http.ask("GET", path)
            self.drawing.add(visitor)
            self.took("the model and what runs it, fetched", begin)
        self.counts["samples of 16 drawn by browsers"] += 1

    async def train(self, visitor: HonestVisitor) -> None:
        """The preset "minute". Updates are timed while it runs, not while it waits in line."""
        last, ended = None, []
        async for message, report in visitor.run("show_run"):
            ended += ENDED.findall(report)
            if message != "process_generating" or b'"ahead"' in report:
                continue
            last = self.took("training update", last) if last else time.monotonic()
        done = ended and ended[-1] == b"done"
        self.counts["completed training runs" if done else f"error: trained, {ended}"] += 1

    async def upload(self, visitor: HonestVisitor) -> None:
        """Upload a picture to the Noise tab."""
        async for _ in visitor.run("new_picture", {"noise-image": await visitor.upload(PICTURE)}):
            pass

    async def learn(self, visitor: HonestVisitor) -> None:
        """A training run of ten steps, until its file is ready."""
        async for _ in visitor.run("show_run", {"train-steps": 10}):
            pass


def used(apps: Sequence[App]) -> str:
    """Memory of all processes, and the disk that uploads and results take."""
    disk = disk_of(*(app.files for app in apps))
    memory = sum(map(memory_of, apps)) / 1e6
    return f"{memory:.0f} MB memory, {disk.bytes / 1e6:.1f} MB disk in {disk.files} files"


def percentiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return " | ".join(f"{cuts[p - 1]:.2f} s" for p in (50, 95, 99))


async def measure(apps: Sequence[App], room: Room, count: int, in_browser: bool) -> None:
    """`count` visitors: half of them change settings, a third sample, a sixth train."""
    noise, training = count // 2, count // 6
    acts = [room.change_noise] * noise + [room.train] * training
    acts += [room.draw_here if in_browser else room.sample] * (count - len(acts))

    at, begin = {"start": used(apps)}, time.monotonic()
    visits = asyncio.gather(*(room.visit(act, begin + room.seconds) for act in acts))
    await asyncio.sleep(room.seconds / 2)
    at["middle"] = used(apps)
    await visits
    at["end"] = used(apps)
    print(f"{count} visitors, {len(apps)} server(s), {time.monotonic() - begin:.0f} s\n")
    head("", "n", "p50", "p95", "p99")
    for action, times in room.times.items():
        row(action, len(times), percentiles(times))
    print()
    head("", "")
    for name, value in (at | room.counts).items():
        row(name, value)


async def soak(apps: Sequence[App], room: Room, count: int) -> None:
    """Requests in sequence; a new visitor every fifty."""
    print(f"before: {used(apps)}")
    visitor = room.visitor()
    for k in range(count):
        if k % 50 == 0:
            await visitor.close()
            visitor = room.visitor()
            await visitor.open()
        acts = [room.change_noise, room.sample, room.upload, room.learn]
        (act,) = random.choices(acts, [10, 6, 3, 1])
        await room.guard(act, visitor)
        if (k + 1) % max(1, count // 10) == 0:
            print(f"{k + 1} requests: {used(apps)}", flush=True)
    await visitor.close()
    print(dict(room.counts) or "no failures")


async def cost(app: App, room: Room, count: int) -> None:
    """Processor time of the server for a sampling: of one visitor's, then of all."""

    async def sample(visitor: HonestVisitor, until: float) -> None:
        while time.monotonic() < until:
            await room.guard(room.sample, visitor)

    visitors = [room.visitor() for _ in range(count)]
    await asyncio.gather(*(visitor.open() for visitor in visitors))
    await room.sample(visitors[0])  # warms up
    head("visitors", "samplings", "processor time of each")
    for some in (visitors[:1], visitors):
        room.times.clear()
        before, until = processor_s(app), time.monotonic() + room.seconds
        await asyncio.gather(*(sample(visitor, until) for visitor in some))
        spent, samplings = processor_s(app) - before, len(room.times["sample of 16"])
        each = f"{1000 * spent / samplings:.0f} ms" if samplings else "none was finished"
        row(len(some), samplings, each)
    for visitor in visitors:
        await visitor.close()
    print(dict(room.counts) or "no failures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--servers", type=int, default=1, help="more than one: behind nginx")
    parser.add_argument("--student", action="store_true", help="samplers use two calls of it")
    parser.add_argument("--in-browser", action="store_true", help="their browsers draw with it")
    parser.add_argument("--soak", type=int, metavar="N", help="send N mixed requests instead")
    parser.add_argument("--cost", action="store_true", help="measure what a sampling costs instead")
    idle.add_argument(parser)
    args = parser.parse_args()
    if (args.student or args.in_browser) and not STUDENT.is_file():
        parser.error(f"there is no student: {STUDENT}")
    with ExitStack() as stack:
        apps = [stack.enter_context(running_app()) for _ in range(args.servers)]
        urls = [app.url for app in apps]
        servers = {f"server {k}": app.process.pid for k, app in enumerate(apps, 1)}
        url = urls[0]
        if args.servers > 1:
            nginx = stack.enter_context(nginx_before(*urls))
            url, servers["nginx"] = nginx.url, nginx.process.pid
        room = Room(url, urls, args.seconds, TWO_CALLS if args.student else {})
        stack.enter_context(idle.watched(args.idle, servers))
        if args.soak:
            asyncio.run(soak(apps, room, args.soak))
        elif args.cost:
            asyncio.run(cost(apps[0], room, args.visitors))
        else:
            asyncio.run(measure(apps, room, args.visitors, args.in_browser))


if __name__ == "__main__":
    main()
