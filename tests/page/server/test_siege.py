"""Attacks on a real server, from 127.0.0.2 … 127.0.0.9: each is answered, and takes nothing from
the visitor at 127.0.0.1. benchmarks/siege.py measures how long answers take; these tests do not.
Those on sessions and runs are in test_fair_shares.py, with smaller limits.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import attacks
from devtools.attacks.attacker import Outcome
from devtools.gauges import disk_of, memory_of
from devtools.honest_day import Day, sample, show_picture
from devtools.honest_visitor import visit
from devtools.server import App, running_app
from page.server.patches.gradio_uploads import A_FILE

pytestmark = [pytest.mark.app, pytest.mark.slow, pytest.mark.timeout(300)]
SECONDS = 5.0  # of an attack, at most
PATIENCE_S = 60.0  # of the visitor
MEMORY = 300_000_000  # bytes that an attack may cost for a while
BYTES = 30_000_000  # uploads from one address here, so that few requests suffice
FILES = BYTES // A_FILE
GONE = {"ReadError", "WriteError", "RemoteProtocolError"}  # closed without reading the rest


@pytest.fixture(scope="module")
def besieged(tiny_checkout) -> Iterator[App]:
    """One server for the attacks that leave nothing which the next could run into."""
    with running_app(tiny_checkout, DDPM_BODY_S="2") as app:
        asyncio.run(short_visit(app))  # what it takes for the first of all is no attack's
        yield app


async def short_visit(app: App) -> None:
    async with visit(app.url) as visitor:
        await sample(visitor, Day())
        await show_picture(visitor, Day())


@pytest.fixture(scope="module")
def outside(tmp_path_factory) -> Path:
    """What `filled` writes outside its own folder."""
    return tmp_path_factory.mktemp("outside")


@pytest.fixture(scope="module")
def filled(tiny_checkout, outside) -> Iterator[App]:
    """The server for uploads, whose limit is soon reached."""
    limits = {"TMPDIR": str(outside), "DDPM_BYTES_AT_ADDRESS": str(BYTES)}
    with running_app(tiny_checkout, **limits) as app:
        yield app


def suffer(app: App, attack: str, seconds: float = SECONDS) -> Outcome:
    return attacks.outcome(attacks.start(attack, app.url, seconds), seconds)


def answered(outcome: Outcome) -> set[str]:
    kinds = set(outcome.answers) - {"no answer yet"}
    assert kinds, "nothing was answered"
    print(outcome.words)  # which say what another kind of answer is
    return kinds


@pytest.mark.parametrize(
    "attack",
    [
        "TIFF, tags that share bytes",
        "PNG, EXIF tags that share bytes",
        "JPEG, thousands of scans",
        "GIF, a comment in many blocks",
    ],
)
def test_a_picture_that_grows_is_answered_in_words(besieged, attack):
    async def act() -> Outcome:
        async with visit(besieged.url) as visitor:
            await show_picture(visitor, Day())  # the first costs memory of its own
            before = memory_of(besieged)
            suffering = asyncio.create_task(asyncio.to_thread(suffer, besieged, attack))
            most = before
            while not suffering.done():
                most = max(most, memory_of(besieged))
                await asyncio.sleep(0.1)
            assert most - before < MEMORY
            await asyncio.wait_for(show_picture(visitor, Day()), PATIENCE_S)
            return await suffering

    # 408: an upload of some megabytes that took more than two seconds
    assert answered(asyncio.run(act())) <= {"sentence", "fine", "408"}


@pytest.mark.parametrize("attack", ["JSON bodies of 15 MB", "session names of 20 MB"])
def test_a_large_body_is_refused_unread(besieged, attack):
    before = memory_of(besieged)
    outcome = suffer(besieged, attack)
    assert answered(outcome) <= {"413", "422", "429"} | GONE
    assert memory_of(besieged) - before < MEMORY / 3


def test_uploads_end_at_their_quota(filled, outside):
    before = disk_of(outside, filled.files)
    for attack in ("large uploads", "5,000 small uploads"):
        suffer(filled, attack)
        until = time.monotonic() + PATIENCE_S  # what is refused is deleted by a thread
        while (after := disk_of(outside, filled.files)).files - before.files > FILES:
            assert time.monotonic() < until, after
            time.sleep(0.1)
        assert after.bytes - before.bytes <= BYTES
    asyncio.run(asyncio.wait_for(short_visit(filled), PATIENCE_S))


@pytest.mark.parametrize("attack", ["one file under 40 names", "60 followers of one run"])
def test_what_is_asked_for_again_and_not_read_takes_no_memory(besieged, attack):
    before = memory_of(besieged)
    under_way = attacks.start(attack, besieged.url, SECONDS)
    most = before
    while under_way.poll() is None:
        most = max(most, memory_of(besieged))
        time.sleep(0.1)
    assert attacks.outcome(under_way, 0).answers
    assert most - before < MEMORY
