"""Debian's Firefox, which Playwright doesn't drive: it asks for a build of its own."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_suffix(".mjs")


def can_run() -> bool:
    """Whether Firefox is installed, and Node, which speaks to it."""
    return bool(shutil.which("node") and shutil.which("firefox-esr"))


def evaluate(url: str, expression: str, hosts: str = "", timeout: float = 240) -> Any:
    """What the JavaScript `expression`, perhaps a promise, becomes at `url`. `hosts` are names,
    separated by commas, that stand for this machine. RuntimeError with what Firefox said."""
    asked = json.dumps({"url": url, "hosts": hosts, "expression": expression})
    command = ["node", "--experimental-websocket", DRIVER, shutil.which("firefox-esr")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)
