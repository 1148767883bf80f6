"""Closing a tab ends its runs and deletes its files: many tabs, many runs, then none."""

import json
import time
import urllib.request

import psutil
import pytest
from playwright.sync_api import expect

from devtools.waits import SLOW_MS, frames

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VIEW = "#train-view"
PHASE = f"{VIEW} .phase span"

SLOW_S = 120.0  # two cores may be shared
IDLE = {"at_work": 0, "waiting": 0}


def state(app, pool):
    """Counts of runs at work and in line, and the set of files."""
    with urllib.request.urlopen(f"{app.url}/health", timeout=60) as answer:
        health = json.load(answer)
    return health[pool], {path for path in app.files.rglob("*") if path.is_file()}


def wait_until(app, pool, wanted, seconds):
    """The state once the counts are as wanted, or after this many seconds."""
    deadline = time.monotonic() + seconds
    while state(app, pool)[0] != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return state(app, pool)


@pytest.fixture
def pages(request, browser, own_app):
    contexts = [browser.new_context(locale="en-US") for _ in range(request.param)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(own_app.url)
    yield pages
    for context in contexts:
        context.close()


def places(pages):
    return {"at_work": 2, "waiting": len(pages) - 2}


def assert_nothing_is_left(app, pages, pool, files):
    for page in pages:
        page.close()
    runs, left = wait_until(app, pool, IDLE, SLOW_S)
    assert runs == IDLE
    assert left == files
    # threads of the pool stay for the next visitor; CPU use shows that none of them computes
    assert psutil.Process(app.process.pid).cpu_percent(interval=2) < 50


@pytest.mark.parametrize("pages", [4], indirect=True)
def test_four_tabs_four_trainings(own_app, pages):
    for page in pages:
        page.get_by_role("tab").nth(2).click()
        page.locator("#train-advanced > button").click()
        expect(page.locator("#train-dim")).to_be_visible(timeout=SLOW_MS)
        frames(page)  # Gradio sets the values of what a fold shows for the first time
        for name, value in (("dim", "8"), ("steps", "10000"), ("batch-size", "8")):
            page.locator(f"#train-{name} input[type=number]").fill(value)
        page.locator("#train-go").click()
    training, files = wait_until(own_app, "training", places(pages), SLOW_S)
    assert training == places(pages)
    phases = [page.locator(PHASE).inner_text() for page in pages]
    assert sum("Others" in phase for phase in phases) == len(pages) - 2
    assert all(page.locator(VIEW).is_visible() for page in pages)
    assert_nothing_is_left(own_app, pages, "training", files)


@pytest.mark.parametrize("pages", [4], indirect=True)
def test_four_tabs_four_samplings(own_app, pages):
    for page in pages:
        page.get_by_role("tab").nth(1).click()
        for name, value in (("count", "64"), ("steps", "1000")):
            page.locator(f"#generate-{name} input[type=number]").fill(value)
        page.locator("#generate-go").click()
    sampling, files = wait_until(own_app, "sampling", places(pages), SLOW_S)
    assert sampling == places(pages)
    assert_nothing_is_left(own_app, pages, "sampling", files)
