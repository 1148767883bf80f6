"""What an attack must not leave behind in a server's log and in its answers to others."""

import json
from pathlib import Path

import httpx

from devtools.attacks.headers import FOREIGN
from devtools.server import App


def wrong_afterwards(app: App) -> list[str]:
    return wrong_answers(app.url) + wrong_lines(app.log)


def wrong_answers(url: str) -> list[str]:
    """What is wrong with what others see of the server."""
    wrong = []
    try:
        if (status := httpx.get(f"{url}/health", timeout=60).json()["status"]) != "ok":
            wrong.append(f"health says {status}")
        if FOREIGN in httpx.get(f"{url}/gradio_api/info", timeout=60).text:
            wrong.append("a foreign host in the API's description")
    except httpx.HTTPError as error:
        wrong.append(f"no answer afterwards: {error!r}")
    return wrong


def wrong_lines(log: Path) -> list[str]:
    """What is wrong with a log of one JSON object per line: lines of another kind, forged ones."""
    lines = [line for line in log.read_text(errors="replace").split("\n") if line]
    parsed = [_parsed(line) for line in lines]
    wrong = []
    if others := parsed.count(None):
        wrong.append(f"{others} lines of the log aren't JSON")
    if forged := sum(line is not None and line.get("event") == "forged" for line in parsed):
        wrong.append(f"{forged} forged lines in the log")
    return wrong


def _parsed(line: str) -> dict | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
