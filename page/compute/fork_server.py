"""The process that workers are forked from, and those that open pictures: one that has imported
everything and computed nothing. So they are there in a moment, and share that memory. Where
processes can't be forked, they are spawned.
"""

import gc
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Any

from page.server.files import picture_pool

CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
FORKS = CONTEXT.get_start_method() == "forkserver"
IMPORTED = ["page.server.patches.gradio_stubs", "page.layout"]  # the first before gradio
IMPORTED += ["accelerate", "torch._dynamo"]  # what a training imports when it begins
PRELOADED = [*picture_pool.PRELOADED, *IMPORTED]


def prepare() -> None:
    """Start it, unless `fork` has."""
    if FORKS:
        CONTEXT.set_forkserver_preload(PRELOADED)
        # it isn't told where we find the project, and says nothing of what it can't import
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        with _deaf():
            forkserver.ensure_running()


def fork() -> None:
    """Make it of this process, whose memory it then shares too. To be called once everything is
    imported, and before a thread has begun or a network has run: these don't survive."""
    if not FORKS or sys.version_info >= (3, 14):  # whose server wants to be asked in another way
        return
    gc.freeze()  # or its next collection would write to all that is shared
    resource_tracker.ensure_running()
    server: Any = forkserver._forkserver  # pyright: ignore[reportAttributeAccessIssue]
    alive, ours = os.pipe()  # the server ends when nobody holds the second end
    with socket.socket(socket.AF_UNIX) as listener, _deaf():
        listener.bind("")  # any name, of those that aren't files
        listener.listen()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            _serve(listener.detach(), alive)
        server._forkserver_address = listener.getsockname()
    os.close(alive)
    server._forkserver_alive_fd, server._forkserver_pid = ours, pid


def _serve(listener: int, alive: int) -> None:
    try:
        gc.enable()
        forkserver.main(listener, alive, PRELOADED)
    finally:
        os._exit(0)


@contextmanager
def _deaf() -> Iterator[None]:
    """SIGTERM to all is for the page alone, which saves trainings, and then ends these."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
