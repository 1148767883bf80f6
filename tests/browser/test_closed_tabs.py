"""Whoever closes the page takes everything along: ten tabs, ten trainings, and then nobody."""

import json
import time
import urllib.request

import psutil
from test_train import PHASE, VIEW

TABS = 10
SLOW_MS = 120_000  # two cores may be shared
IDLE_S = 5.0


def state(app):
    """Runs at work and in line, and files."""
    with urllib.request.urlopen(f"{app.url}/health", timeout=60) as answer:
        health = json.load(answer)
    return health["training"], {path for path in app.files.rglob("*") if path.is_file()}


def test_ten_tabs_ten_trainings(browser, own_app):
    contexts = [browser.new_context(locale="en-US") for _ in range(TABS)]
    pages = [context.new_page() for context in contexts]

    def train(page, steps):
        page.goto(own_app.url)
        page.get_by_role("tab").nth(2).click()
        for name, value in (("dim", "8"), ("steps", steps), ("batch-size", "8")):
            page.locator(f"#train-{name} input[type=number]").fill(value)
        page.locator("#train-go").click()

    for page in pages:
        train(page, "10000")
    waiting = {"at_work": 2, "waiting": TABS - 2}
    deadline = time.monotonic() + SLOW_MS / 1000
    while state(own_app)[0] != waiting and time.monotonic() < deadline:
        time.sleep(0.2)
    training, files = state(own_app)
    assert training == waiting
    assert len([page for page in pages if "Others" in page.locator(PHASE).inner_text()]) == TABS - 2
    assert all(page.locator(VIEW).is_visible() for page in pages)

    for page in pages:
        page.close()
    closed = time.monotonic()
    idle = {"at_work": 0, "waiting": 0}
    while state(own_app)[0] != idle and time.monotonic() - closed < IDLE_S:
        time.sleep(0.05)
    training, left = state(own_app)
    assert training == idle
    assert left == files
    # threads of the pool stay for the next visitor; that none computes, its share of a core tells
    assert psutil.Process(own_app.process.pid).cpu_percent(interval=2) < 50
    for context in contexts:
        context.close()
