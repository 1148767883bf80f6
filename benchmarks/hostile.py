"""What a real server answers to hostile files and values, sent over HTTP.

    python -m benchmarks.hostile --count 10000
    python -m benchmarks.hostile --count 10000 --nginx   # through nginx, as deployed

Half are damaged or foreign files, each uploaded and then passed to the page or to an endpoint as a
picture; half are calls to the page's events and to the endpoints, with values of the wrong kind.
After a warm-up, and after each quarter of the remaining requests, the server idles for a minute
before its memory is read. Exits with code 1 if a request got no message, or one that is neither the
page's nor Gradio's own refusal, or if the server has died.
"""

import argparse
import collections
import itertools
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx

from devtools import ROOT, malformed
from devtools.hostile_client import KINDS, META, PATIENCE_S, Page
from devtools.nginx import nginx_before
from devtools.server import App, running_app
from devtools.tables import head, row

VISITORS = 4
WARM = 2500  # requests before memory is compared: more than the 2,000 sessions kept
OPEN_PICTURES = ("new_picture", "forward_gif")  # the page's event and the endpoint
REST_S = 60.0  # before memory is read, so that the server can return what it freed
HOSTILE = [
    None, True, "", "x", "NaN", "٣", "<script>alert(1)</script>", "a" * 100_000, "../../app.py",
    -1, 1.5, 10**30, -(2**63), 1e308, float("nan"), float("inf"),
    [], [[]], {}, {"a": {"b": [1, {}]}}, [None] * 1000, ["linear", "nothing"],
    {"path": "/etc/passwd"}, {"path": str(ROOT / "app.py"), **META}, {"path": "../app.py", **META},
    {"path": str(ROOT / "docs" / "samples.png")}, {"path": "/", **META}, {"path": "\0", **META},
    {"path": "http://127.0.0.1:1/", **META}, {"path": "https://example.com/a.png", **META},
    {"url": "http://127.0.0.1:1/", "path": "", **META}, {"path": 5, **META}, {"meta": "x"},
    {"path": "x", "meta": "x"}, {"__type__": "update", "value": 1},
]  # fmt: skip


def files(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """The malformed corpus, then endless mutations of valid files."""
    yield from malformed.malformed()
    valid = malformed.valid()
    while True:
        name, data = rng.choice(list(valid.items()))
        data = bytearray(data)
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.5:
            other = rng.choice(list(valid.values()))
            data[rng.randrange(len(data)) :] = other[rng.randrange(len(other)) :]
        yield name, bytes(data)


def values(rng: random.Random, given: list) -> list:
    """What the page would send, some of it replaced, at times with values missing or added."""
    data = list(given)
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(len(data))] = rng.choice(HOSTILE)
    if rng.random() < 0.1:
        return data[: rng.randrange(len(data))]
    if rng.random() < 0.1:
        data += HOSTILE[: rng.randrange(5)]
    return data


def hostile_requests(count: int, page: Page) -> Iterator[tuple[str, int, list | tuple[str, bytes]]]:
    rng, damaged = random.Random(0), files(random.Random(1))
    opens = [page.listener(name) for name in OPEN_PICTURES]
    listeners = list(page.listeners)
    for k in range(count):
        if k % 2:
            yield "files", rng.choice(opens), next(damaged)
        else:
            listener = rng.choice(listeners)
            yield "values", listener, values(rng, page.listeners[listener])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--nginx", action="store_true", help="send them through nginx")
    args = parser.parse_args()
    # every request is a session of its own
    unlimited = {"DDPM_SESSIONS_A_MINUTE": "1000000", "DDPM_POSTS_AT_ONCE": "1000000"}
    with ExitStack() as stack:
        app = stack.enter_context(running_app(**unlimited))
        url = stack.enter_context(nginx_before(app.url)).url if args.nginx else app.url
        return _send(app, url, args.count)


def _send(app: App, url: str, count: int) -> int:
    page, start = Page(url), time.monotonic()
    tally, messages = collections.Counter(), collections.defaultdict(collections.Counter)

    def one(hostile) -> None:
        what, listener, sent = hostile
        try:
            data = sent
            if what == "files":
                data = list(page.listeners[listener])
                data[0] = page.upload(*sent)
            kind, message = page.ask(listener, data)
        except (httpx.HTTPError, OSError) as error:
            kind, message = "silence", repr(error)
        tally[what, kind] += 1
        messages[kind][f"{page.names[listener]}: {message[:110]!r}"] += 1

    todo = hostile_requests(count, page)
    memory = []
    with ThreadPoolExecutor(VISITORS) as visitors:
        for size in (min(count, WARM), *[max(0, count - WARM) // 4 + 1] * 4):
            if not list(visitors.map(one, itertools.islice(todo, size))):
                break
            time.sleep(REST_S)
            memory.append(f"{app.process.memory_info().rss / 1e6:.0f}")
    seconds = time.monotonic() - start - REST_S * len(memory)

    head("sent", *KINDS)
    for what in ("files", "values"):
        row(what, *(tally[what, kind] for kind in KINDS))
    for kind in KINDS[2:]:
        print(f"\n{kind}:")
        for message, times in messages[kind].most_common(25):
            print(f"{times:6} {message}")
    up = app.process.is_running() and httpx.get(app.url, timeout=PATIENCE_S).status_code == 200
    print(f"\n{tally.total()} in {seconds:.0f} s; server {'up' if up else 'gone'}")
    print(f"memory in MB, after warming up and after each quarter of the rest: {', '.join(memory)}")
    return 0 if up and not messages["other"] and not messages["silence"] else 1


if __name__ == "__main__":
    sys.exit(main())
