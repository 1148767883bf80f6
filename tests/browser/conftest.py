"""The running app, and a page of Chromium that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from chromium import FLAGS, find_chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
START_S = 120  # generous: two cores may be shared with a training run


@pytest.fixture(scope="session")
def app_url(tmp_path_factory):
    """`python app.py` on a free port, until the tests are done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "log.txt"
    env = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
    }
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as out:
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(url, app, log)
        yield url
    finally:
        app.terminate()
        app.wait(20)


def _wait_for(url: str, app: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while app.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"app.py did not answer within {START_S} s:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture
def console_errors():
    """What the page's console complained about; a test that provokes an error clears it."""
    return []


@pytest.fixture
def page(browser, app_url, console_errors):
    """The app, open in English. Fails at the end if the console has an error in it, or if the
    page asked anything of another machine.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.on("console", lambda m: m.type == "error" and console_errors.append(m.text))
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(app_url)
    yield page
    context.close()
    assert console_errors == []
    assert [url for url in asked if not url.startswith((app_url, "data:", "blob:"))] == []
