"""Simulated visitors of the page, for load tests."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from devtools.chromium import open_chromium
from devtools.page_events import Event, events

RESULT = re.compile(r'"path": ?"([^"]+\.(?:gif|safetensors))"')
REST_MS = 3000  # until the scripts of the other tabs have come: page/scripts/loading.js
CONFIG = "window.gradio_config ="  # assigned in a script of the page, as JSON


class Refused(Exception):
    """The server refused a request; carries its message."""


def assets_of(url: str) -> list[str]:
    """Paths that a real browser requests on opening the page: scripts, styles, fonts, pictures."""
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = open_chromium(playwright)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url.removeprefix(url)))
        page.goto(url, timeout=120_000)
        page.locator("#noise-view canvas").first.wait_for(timeout=120_000)
        page.wait_for_load_state("load")
        page.wait_for_timeout(REST_MS)
        browser.close()
    return [path for path in asked if path.startswith(("/assets/", "/static/", "/gradio_api/file"))]


class Visitor:
    """One open page: a Gradio session, spoken over HTTP as by its own JavaScript."""

    def __init__(self, url: str, assets: list[str]):
        self.session = secrets.token_hex(5)
        self.assets = assets
        # the server closes idle connections after five seconds: stop using them before it does
        limits = httpx.Limits(keepalive_expiry=1)
        self.http = httpx.AsyncClient(base_url=url, timeout=120, limits=limits, verify=False)
        self.loaded = False
        self.results: dict[str, str] = {}  # path of the last result file, by event
        self.events: dict[str, Event] = {}

    async def load(self) -> None:
        """Load the page and its assets, six at a time like a browser."""
        page = (await self.http.get("/")).raise_for_status().text
        config, _ = json.JSONDecoder().raw_decode(page, page.index("{", page.index(CONFIG)))
        self.events = events(config)
        six = asyncio.Semaphore(6)

        async def get(path: str) -> None:
            async with six:
                (await self.http.get(path)).raise_for_status()

        await asyncio.gather(*map(get, self.assets))
        self.loaded = True

    async def fetch(self, path: str) -> None:
        """Download a result, as its button does."""
        (await self.http.get(f"/gradio_api/file={path}")).raise_for_status()

    async def upload(self, file: Path) -> dict:
        """Upload a file; returns it in the form that events take."""
        sent = {"files": (file.name, file.read_bytes())}
        answer = (await self.http.post("/gradio_api/upload", files=sent)).raise_for_status()
        meta = {"_type": "gradio.FileData"}
        return {"path": answer.json()[0], "orig_name": file.name, "meta": meta}

    async def run(self, name: str, changes: Mapping[str, object] = {}) -> AsyncIterator[dict]:
        """Start an event and yield Gradio's messages: queued, updated, completed.

        `changes` are the values that the visitor has set, by elem_id.
        """
        event = self.events[name]
        data = event.data(changes)
        body = {"data": data, "fn_index": event.number, "session_hash": self.session}
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
                for path in RESULT.findall(line):
                    self.results[name] = path
                yield message
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise Refused(message["output"].get("error"))
                    return
