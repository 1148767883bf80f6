"""Closing a tab ends its runs and deletes its files: many tabs, many runs, then none."""

import time

import psutil
import pytest
from playwright.sync_api import expect

from devtools.tabs import start_long_drawing, start_long_training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SLOW_S = 120.0  # two cores may be shared
IDLE, FULL = {"at_work": 0, "waiting": 0}, {"at_work": 2, "waiting": 1}


def state(app):
    """Counts of runs at work and in line, by pool, and the set of files, without what a training
    could go on from, which is kept for a while."""
    health = app.health()
    runs = {pool: health[pool] for pool in ("training", "sampling")}
    files = (path for path in app.files.rglob("*") if path.name != "ddpm-stopped.safetensors")
    return runs, {path for path in files if path.is_file()}


def wait_until(app, wanted):
    """The state once the counts are as wanted, or after a long time."""
    deadline = time.monotonic() + SLOW_S
    while state(app)[0] != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return state(app)


def test_three_tabs_three_trainings_and_drawings(own_app, new_context):
    pages = [new_context().new_page() for _ in range(3)]
    for page in pages:
        page.goto(own_app.url)
        start_long_training(page)
        start_long_drawing(page)
    runs, files = wait_until(own_app, both := {"training": FULL, "sampling": FULL})
    assert runs == both
    # who presents sees how many are in the room
    room = pages[0].locator("#header .room")
    expect(room).to_be_hidden()
    pages[0].get_by_role("button", name="Present").click()
    expect(room).to_have_text("In the room: 3 · drawing: 2, in line: 1 · training: 2, in line: 1")
    for page in pages:
        page.get_by_role("tab").nth(2).click()
    phases = [page.locator("#train-view .phase span").inner_text() for page in pages]
    assert sum("Others" in phase for phase in phases) == 1

    for page in pages[1:]:
        page.close()
    expect(room).to_contain_text("In the room: 1 ·")
    pages[0].close()
    runs, left = wait_until(own_app, none := {"training": IDLE, "sampling": IDLE})
    assert runs == none
    assert left == files
    # threads of the pool stay for the next visitor; CPU use shows that none of them computes
    assert psutil.Process(own_app.process.pid).cpu_percent(interval=2) < 50
    for event in ("train", "sample"):
        assert [it["ended"] for it in own_app.logged(event)] == ["closed"] * len(pages)
    assert len(own_app.logged("line_lost")) == 2 * len(pages)
