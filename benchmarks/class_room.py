"""A class that answers: how long until everyone is counted, and whether anyone is counted twice.

    python -m benchmarks.class_room             # 300 phones: one server, then two behind nginx
    python -m benchmarks.class_room --visitors 30
    python -m benchmarks.class_room --idle      # waits until nothing else uses the cores

Each phone has the page open and asks every four seconds what is asked, as page/widgets/tour does.
Once it learns of a question it picks at a moment within the next ten seconds, and a third change
their minds. A phone of five sends everything twice, as if the answer had been lost on its way; what
is refused as too much is sent again. All come from one address, as in a school.
"""

import argparse
import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.room import percentiles
from devtools import idle
from devtools.honest_visitor import HonestVisitor
from devtools.lean_http import Http
from devtools.nginx import nginx_before
from devtools.server import App, running_app
from devtools.tables import head, row
from devtools.visitors import Refused, assets_of

ARRIVE_S, FOLLOW_S, ANSWER_S, RETRY_S, GIVE_UP_S = 20.0, 4.0, 10.0, 1.5, 60.0
QUESTION = {"step": 3, "choices": 4, "several": False, "shown": False}


class Lesson:
    """One presenter, and what the phones meet with."""

    def __init__(self, url: str):
        self.http, self.secret, self.code = Http(url), secrets.token_hex(16), ""
        self.took: list[float] = []  # of an answer, from the finger to the server's word
        self.again = 0  # answers that were refused, and sent again
        self.asked = asyncio.Event()
        self.picks: dict[str, int] = {}  # by device, the last

    async def present(self, **changes) -> dict:
        asked = {"secret": self.secret, **QUESTION, **changes}
        said = await self.http.json("/class/present", asked)
        self.code = said["code"]
        return said

    async def phone(self, visitor: HonestVisitor) -> None:
        """Load the page, wait for the question, answer."""
        await asyncio.sleep(random.uniform(0, ARRIVE_S))
        await visitor.open()
        while not await self._sees_question(visitor):
            await asyncio.sleep(FOLLOW_S * random.uniform(0.75, 1.25))
        device, sends_twice = secrets.token_hex(16), random.random() < 0.2
        await asyncio.sleep(random.uniform(0, ANSWER_S - FOLLOW_S - 1))
        for _ in range(1 + (random.random() < 1 / 3)):
            self.picks[device] = random.randrange(QUESTION["choices"])
            for _ in range(1 + sends_twice):
                await self._answer(visitor, device)

    async def _sees_question(self, visitor: HonestVisitor) -> bool:
        try:
            said = await visitor.http.json(f"/class/at/{self.code}")
        except Refused:  # too many at once: it looks again
            return False
        return said["choices"] > 0

    async def _answer(self, visitor: HonestVisitor, device: str) -> None:
        given = {"code": self.code, "device": device, "picked": [self.picks[device]]}
        given["step"] = QUESTION["step"]
        begin = time.monotonic()
        while True:
            try:
                await visitor.http.json("/class/answer", given)
                break
            except Refused:
                self.again += 1
                await asyncio.sleep(RETRY_S)
        self.took.append(time.monotonic() - begin)


async def teach(url: str, servers: Sequence[str], assets: list[list[str]], count: int) -> tuple:
    """A row of the table."""
    lesson = Lesson(url)
    await lesson.present(choices=0)
    visitors = [HonestVisitor(url, {}, assets) for _ in range(count)]
    phones = asyncio.gather(*map(lesson.phone, visitors))
    while not all(visitor.loaded for visitor in visitors):
        await asyncio.sleep(1)
        await lesson.present(choices=0)
    begin, answers = time.monotonic(), 0
    while answers < count and time.monotonic() - begin < GIVE_UP_S:
        answers = (await lesson.present())["answers"]
        await asyncio.sleep(0 if answers == count else 1)
    all_s = time.monotonic() - begin
    await phones
    said = await lesson.present(shown=True)
    last = Counter(lesson.picks.values())
    agree = said["counts"] == [last[k] for k in range(QUESTION["choices"])]
    for each in (*visitors, lesson.http):
        await each.close()
    right = "yes" if agree else f"no: {said['counts']}, not {dict(last)}"
    times = percentiles(lesson.took)
    return len(servers), said["answers"], right, f"{all_s:.1f} s", times, lesson.again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=300)
    idle.add_argument(parser)
    args = parser.parse_args()
    rows = []
    for count in (1, 2):
        with ExitStack() as stack:
            shared = stack.enter_context(TemporaryDirectory())
            results = {"DDPM_RESULTS": str(Path(shared))} if count > 1 else {}
            apps: list[App] = [stack.enter_context(running_app(**results)) for _ in range(count)]
            urls = [app.url for app in apps]
            known = {f"server {k}": app.process.pid for k, app in enumerate(apps, 1)}
            url, assets = urls[0], [*map(assets_of, urls)]
            if count > 1:
                nginx = stack.enter_context(nginx_before(*urls))
                url, known["nginx"] = nginx.url, nginx.process.pid
            stack.enter_context(idle.watched(args.idle, known))
            rows.append(asyncio.run(teach(url, urls, assets, args.visitors)))
    print(f"\n{args.visitors} phones that answer within ten seconds\n")
    times = "an answer takes p50 | p95 | p99"
    counted = "counted", "each once, as last picked", "all counted after"
    head("servers", *counted, times, "refused, and sent again")
    for each in rows:
        row(*each)


if __name__ == "__main__":
    main()
