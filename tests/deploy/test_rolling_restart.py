"""Two servers behind nginx are restarted one after the other, while visitors come and go."""

import asyncio
import urllib.request
from collections import Counter
from contextlib import ExitStack

import pytest

from devtools.honest_visitor import HonestVisitor
from devtools.nginx import nginx_before
from devtools.page_events import events_of
from devtools.server import free_port, running_app
from devtools.visitors import Refused

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
VISITORS = 2
RESTS_S = 0.2  # between two settings: the cores are for the server that starts
ASSETS = ["/theme.css", "/manifest.json"]


async def comes_and_goes(url, listed, seen: Counter, over: asyncio.Event):
    """Open the page, change three settings, leave, and so on; after a warning that the server
    restarts, open it again."""
    while not over.is_set():
        visitor = HonestVisitor(url, listed, [ASSETS, ASSETS])
        try:
            await visitor.open()
            seen["pages"] += 1
            for _ in range(3):
                async for _ in visitor.run("new_tables"):
                    pass
                seen["settings"] += 1
                await asyncio.sleep(RESTS_S)
        except Refused as refusal:
            warned = "restarting" in str(refusal) or "try again" in str(refusal)
            seen["warned" if warned else str(refusal)] += 1
        except Exception as error:
            seen[f"{type(error).__name__}: {error}"] += 1
        finally:
            await visitor.close()


async def restarts(checkout, url, port, first, second) -> Counter:
    """The second need not come back: the first has shown that one does."""
    listed = events_of((await asyncio.to_thread(urllib.request.urlopen, url)).read().decode())
    seen, over = Counter(), asyncio.Event()
    visits = [asyncio.create_task(comes_and_goes(url, listed, seen, over)) for _ in range(VISITORS)]

    async def ten_more() -> None:
        before = seen["settings"]
        while seen["settings"] < before + 10:
            await asyncio.sleep(0.1)

    await ten_more()
    await asyncio.to_thread(first.close)  # SIGTERM, and waits for its end
    await asyncio.to_thread(first.enter_context, running_app(checkout, port=port))
    await ten_more()
    await asyncio.to_thread(second.close)
    await ten_more()  # at the first, which has come back
    over.set()
    await asyncio.gather(*visits)
    return seen


def test_nothing_fails_unless_its_visitor_was_warned(nginx_program, tiny_checkout):
    with ExitStack() as first, ExitStack() as second:
        port = free_port()
        apps = [
            first.enter_context(running_app(tiny_checkout, port=port)),
            second.enter_context(running_app(tiny_checkout)),
        ]
        with nginx_before(*(app.url for app in apps)) as nginx:
            seen = asyncio.run(restarts(tiny_checkout, nginx.url, port, first, second))
    assert seen.keys() <= {"pages", "settings", "warned"}, seen
    assert seen["pages"] > 5 and seen["settings"] >= 30
