"""The app as a process of its own, for the programs that look at it from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from devtools import ROOT


@dataclass(frozen=True)
class App:
    url: str
    process: psutil.Process
    files: Path  # where it keeps uploads and results


@contextmanager
def running_app(root: Path = ROOT) -> Iterator[App]:
    """`python app.py` of the checkout `root` on a free port, once it answers. RuntimeError if it
    ends before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as files:
        app = subprocess.Popen(
            [sys.executable, root / "app.py"],
            cwd=files,
            env=os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": files},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while app.poll() is None:
                try:
                    urllib.request.urlopen(f"{url}/health", timeout=30).close()
                    break
                except OSError:
                    time.sleep(0.02)
            else:
                raise RuntimeError(f"app.py ended with code {app.returncode}: start it by hand")
            yield App(url, psutil.Process(app.pid), Path(files))
        finally:
            app.terminate()
            app.wait(60)
