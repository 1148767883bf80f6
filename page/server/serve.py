"""The page as a server: its log, its health, a polite end, and what it says of a taken port."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import psutil
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from page.server import event_log, gradio_patches, result_files, run_queue, uploads
from page.server.middleware import TravelLight
from page.texts import both

MOST_QUEUED = 60  # requests that wait in Gradio's queue; runs wait in lines of their own
THREADS = 100  # all who may be at work or wait in a line, and room for quick requests
TIDY_S = 30  # between two times that freed memory goes back to the system
TRAINED = Path("runs/page")  # where models go when the server ends
END_S = 3.0  # that runs get to end when the server does

# Gradio would write a visitor's settings to a file for good; links here need none, see permalink.py
DEEP_LINK = "/gradio_api/deep_link"

_ending = threading.Event()


async def _health(request: Request) -> JSONResponse:
    """For a host that polls: 503 once the server is about to end."""
    process = psutil.Process()
    state = {
        "status": "ending" if _ending.is_set() else "ok",
        "uptime_s": round(time.time() - process.create_time(), 1),
        "sampling": run_queue.SAMPLING.counts(),
        "training": run_queue.TRAINING.counts(),
        "memory_bytes": process.memory_info().rss,
    }
    return JSONResponse(state, status_code=503 if _ending.is_set() else 200)


async def _not_found(request: Request) -> JSONResponse:
    return JSONResponse({"detail": "Not Found"}, status_code=404)


async def _busy(request: Request, error: Exception) -> JSONResponse:
    """A full queue, in words: of a 503, the page would show none but Gradio's own."""
    return JSONResponse({"detail": both("server_busy")}, status_code=429)


def serve(page: gr.Blocks, stop_all: Callable[[], None], **options) -> None:
    """Launch the page, stay until SIGTERM or Ctrl-C, and end the process with code 0.

    `stop_all` asks every training run to end and keep what it learned.
    """
    event_log.start()
    gradio_patches.spare()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _ending.set())
    port = os.environ.get("GRADIO_SERVER_PORT")  # asked for; without it any free one will do
    try:
        page.queue(api_open=False, max_size=MOST_QUEUED)
        gradio_patches.bound(page)
        page.launch(
            server_port=int(port) if port else None,
            prevent_thread_lock=True,
            max_threads=THREADS,
            app_kwargs={
                "routes": [Route("/health", _health), Route(DEEP_LINK, _not_found)],
                "middleware": [Middleware(TravelLight)],
                "exception_handlers": {503: _busy},
            },
            **options,
        )
    except OSError as error:
        sys.exit(_why(port, error))
    event_log.say("started", port=page.server_port)
    for second in itertools.count(1):
        if _ending.wait(1):  # an endless wait would not notice Ctrl-C on Windows
            break
        if second % TIDY_S == 0:
            gradio_patches.forget_gone(page)
            gradio_patches.give_back()
            uploads.forget_unfinished()
    _end(page, stop_all)


def _why(port: str | None, error: OSError) -> str:
    if "empty port" not in str(error):
        return f"The page can't start: {error}"
    if port is None:
        return "The page can't start: every port from 7860 to 7959 is taken. Close other pages."
    return (
        f"The page can't start: port {port} is taken. Close what uses it, or choose another one: "
        "GRADIO_SERVER_PORT=7870 python app.py"
    )


def _keep_trained() -> None:
    """What was trained within the hour: its visitors may not have fetched it yet."""
    try:
        count = result_files.SHELF.rescue("train", TRAINED)
    except OSError as error:  # a folder that is read-only, or full
        event_log.say("kept", error=str(error))
    else:
        event_log.say("kept", trained=count, folder=str(TRAINED.resolve()))


def _end(page: gr.Blocks, stop_all: Callable[[], None]) -> None:
    """Runs end as if their visitors had pressed Stop, so that what they learned reaches them."""
    event_log.say(
        "ending", sampling=run_queue.SAMPLING.counts(), training=run_queue.TRAINING.counts()
    )
    until = time.monotonic() + END_S
    stop_all()
    run_queue.closing.set()
    while time.monotonic() < until and any(each.counts()["at_work"] for each in run_queue.BOTH):
        time.sleep(0.05)
    _keep_trained()
    # open pages never hang up by themselves; what uvicorn says of each is no news
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    page.server.config.timeout_graceful_shutdown = 1
    page.close(verbose=False)  # and delete the temporary files
    event_log.say("ended")
    sys.stdout.flush()
    os._exit(0)  # a training step under way would abort an ordinary exit
