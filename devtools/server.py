"""Runs the app in a process of its own; and serves a folder, as the static edition is."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from devtools import ROOT

STARTS_S = 120  # at most, to the first answer: the cores may be shared with a training run


@dataclass(frozen=True)
class App:
    url: str
    process: psutil.Popen
    folder: Path  # its working directory

    @cached_property
    def files(self) -> Path:
        """Its folder of uploads and results, which it deletes when it ends."""
        parent = self.folder / "files"
        return next(parent.glob("page-*/"), parent)  # version 0.1 has no folder of its own

    @property
    def log(self) -> Path:
        """Its output, errors included."""
        return self.folder / "log.txt"

    def logged(self, event: str) -> list[dict]:
        """What its log has of an event; what is no event, such as Ray's lines, is passed over."""
        lines = self.log.read_text("utf-8").splitlines()
        events = (json.loads(line) for line in lines if line.startswith("{"))
        return [each for each in events if each["event"] == event]

    def health(self) -> dict:
        with urllib.request.urlopen(f"{self.url}/health", timeout=120) as answer:
            return json.load(answer)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running_app(
    root: Path = ROOT, port: int | None = None, command: Path | None = None, **variables: str
) -> Iterator[App]:
    """`python app.py` of the checkout `root`, or `command`, in a folder of its own, on a free port
    unless one is given.

    `variables` are set in its environment. Yields once it answers.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = os.environ | {
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_TEMP_DIR": str(folder / "files"),
            "HF_HUB_OFFLINE": "1",
            **variables,
        }
        with (folder / "log.txt").open("w") as log:
            started = [command] if command else [sys.executable, root / "app.py"]
            process = psutil.Popen(started, cwd=folder, env=env, stdout=log, stderr=log)
        app = App(f"http://127.0.0.1:{port}", process, folder)
        try:
            wait_for(app.url, process, app.log)
            yield app
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(60)
                except psutil.TimeoutExpired:
                    process.kill()
                    raise


def wait_for(url: str, process: subprocess.Popen | psutil.Popen, log: Path) -> None:
    """Return once the app answers. RuntimeError, with its log, if it ends or never does."""
    deadline = time.monotonic() + STARTS_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=30).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"app.py did not answer within {STARTS_S} s:\n{log.read_text()}")


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def serving(folder: str | Path) -> Iterator[str]:
    """The address of what is in a folder."""
    handler = partial(_Files, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
