"""A room of thirty on one server: how long each of their actions takes, and what the server uses.

    python benchmarks/room.py                  # five minutes, a Markdown table
    python benchmarks/room.py --seconds 60
    python benchmarks/room.py --soak 2000      # mixed requests, one after the other: memory, disk

Starts `python app.py` on a free port. Fifteen visitors slide on the Noise tab, ten sample 16
pictures at 10 steps, five train; each loads the page with its assets first, as a browser does, and
rests between two actions. A refusal in words ("busy") is counted apart from errors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]
SLIDING, SAMPLING, TRAINING = 15, 10, 5
REST_S = 5.0  # between two actions of one visitor, on average
POLITE = re.compile(r"try again|waiting already|still under way")


class Refused(Exception):
    """The server said no, in its own words."""


@contextmanager
def server():
    """(address, process, folder of its files) of an app of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": folder, "HF_HUB_OFFLINE": "1"}
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=os.environ | env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            while app.poll() is None:
                try:
                    httpx.get(f"{url}/health", timeout=30)
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield url, psutil.Process(app.pid), Path(folder)
        finally:
            app.terminate()
            app.wait(60)


class Visitor:
    """One page: a session of Gradio's, over HTTP as its own JavaScript speaks it."""

    def __init__(self, url: str):
        self.session = secrets.token_hex(5)
        self.http = httpx.AsyncClient(base_url=url, timeout=120)
        self.config: dict = {}

    async def load(self) -> None:
        """The page and all that it names, six at a time like a browser."""
        page = (await self.http.get("/")).raise_for_status().text
        self.config = (await self.http.get("/config")).json()
        assets = set(re.findall(r'(?:src|href)="\.?(/?[^"]+\.(?:js|css))"', page))
        six = asyncio.Semaphore(6)

        async def get(path: str) -> None:
            async with six:
                (await self.http.get("/" + path.lstrip("/"))).raise_for_status()

        await asyncio.gather(*map(get, assets))

    def endpoint(self, name: str) -> tuple[int, list]:
        """The number of an event, and what its inputs hold on a page just opened."""
        (event,) = [dep for dep in self.config["dependencies"] if dep["api_name"] == name]
        values = {part["id"]: part["props"].get("value") for part in self.config["components"]}
        return event["id"], [values[part] for part in event["inputs"]]

    async def run(self, name: str, **changes) -> AsyncIterator[dict]:
        """What Gradio says of one event: it is in the queue, an update came, it has ended.

        `changes` replaces inputs by their place among them, as _3=value.
        """
        number, data = self.endpoint(name)
        for place, value in changes.items():
            data[int(place[1:])] = value
        body = {"data": data, "fn_index": number, "session_hash": self.session}
        answer = await self.http.post("/gradio_api/queue/join", json=body)
        if answer.status_code != 200:
            raise Refused(answer.json().get("detail", answer.text))
        stream = self.http.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": self.session}
        )
        async with stream as lines:
            async for line in lines.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                yield message
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise Refused(message["output"].get("error"))
                    return


class Room:
    def __init__(self, url: str, seconds: float):
        self.url, self.until = url, time.monotonic() + seconds
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failures: Counter[str] = Counter()

    def took(self, action: str, begin: float) -> float:
        now = time.monotonic()
        self.times[action].append(now - begin)
        return now

    async def visit(self, act) -> None:
        """Come within the first seconds, load the page, then act and rest until the end."""
        await asyncio.sleep(random.uniform(0, REST_S))
        visitor = Visitor(self.url)
        begin = time.monotonic()
        await self.guard(visitor.load())
        self.took("page load", begin)
        while time.monotonic() < self.until:
            left = self.until - time.monotonic()
            await self.guard(asyncio.wait_for(act(visitor), left + 60))
            await asyncio.sleep(random.uniform(0, 2 * REST_S))
        await visitor.http.aclose()

    async def guard(self, action) -> None:
        try:
            await action
        except Refused as refusal:
            polite = POLITE.search(str(refusal))
            self.failures["polite busy" if polite else f"error: {refusal}"] += 1
        except Exception as error:
            self.failures[f"error: {type(error).__name__} {error}"[:90]] += 1

    async def slide(self, visitor: Visitor) -> None:
        """Sliding asks nobody; a new seed asks once."""
        begin = time.monotonic()
        async for _ in visitor.run("_new_tables"):
            pass
        self.took("a setting of Noise", begin)

    async def sample(self, visitor: Visitor) -> None:
        """16 pictures at 10 steps, as the tab opens; the frame of pure noise counts as first."""
        begin = time.monotonic()
        first = True
        async for message in visitor.run("generate", _8=random.randrange(2**31)):
            if first and message["msg"] == "process_generating":
                first = False
                self.took("first frame", begin)
        self.took("sample, 16 at 10 steps", begin)

    async def train(self, visitor: Visitor) -> None:
        """The preset of a minute; updates are counted while it runs, not while it waits."""
        last = None
        async for message in visitor.run("train"):
            said = json.dumps(message.get("output", {}).get("data", ""))
            if message["msg"] != "process_generating" or "ahead" in said:
                continue
            last = self.took("training update", last) if last else time.monotonic()
        self.failures["training runs that ended"] += 1


def used(process: psutil.Process, folder: Path) -> str:
    memory = process.memory_info().rss / 1e6
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return f"{memory:.0f} MB memory, {disk:.1f} MB disk"


def percentiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return " | ".join(f"{cuts[p - 1]:.2f} s" for p in (50, 95, 99))


async def room(url: str, process: psutil.Process, folder: Path, seconds: float) -> None:
    at = {"start": used(process, folder)}
    there = Room(url, seconds)
    acts = [there.slide] * SLIDING + [there.sample] * SAMPLING + [there.train] * TRAINING
    visits = asyncio.gather(*map(there.visit, acts))
    await asyncio.sleep(seconds / 2)
    at["middle"] = used(process, folder)
    await visits
    at["end"] = used(process, folder)
    print(f"{len(acts)} visitors, {seconds:.0f} s, {os.cpu_count()} cores\n")
    print("| | n | p50 | p95 | p99 |\n|---|---|---|---|---|")
    for action, times in there.times.items():
        print(f"| {action} | {len(times)} | {percentiles(times)} |")
    print("\n| server | |\n|---|---|")
    for name, value in (at | there.failures).items():
        print(f"| {name} | {value} |")


async def soak(url: str, process: psutil.Process, folder: Path, count: int) -> None:
    """Four visitors come and go; a fifth of the memory's growth would show in the last line."""
    there = Room(url, 1e9)
    print(f"before: {used(process, folder)}")
    for k in range(count):
        if k % 50 == 0:
            visitor = Visitor(url)
            await visitor.load()
        act = random.choice([there.slide, there.slide, there.sample])
        await there.guard(act(visitor))
        if (k + 1) % max(1, count // 10) == 0:
            print(f"{k + 1} requests: {used(process, folder)}", flush=True)
    print(dict(there.failures) or "no failures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--soak", type=int, metavar="N", help="N mixed requests instead")
    args = parser.parse_args()
    with server() as of_ours:
        asyncio.run(soak(*of_ours, args.soak) if args.soak else room(*of_ours, args.seconds))


if __name__ == "__main__":
    main()
