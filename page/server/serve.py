"""Serve the page: start, health, housekeeping and orderly shutdown."""

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

from page.server import (
    event_log,
    gate,
    gradio_patches,
    memory,
    result_files,
    run_queue,
    uploads,
)
from page.server.middleware import CompressAndCache

MAX_QUEUED = 60  # requests in Gradio's queue; runs wait in run_queue
THREADS = 100  # one for every run at work or in line, and some for quick requests
TIDY_S = 30  # between rounds of housekeeping
TRAINED = Path("runs/page")  # where trained models are saved on shutdown
END_S = 3.0  # grace period for runs on shutdown

_ending = threading.Event()


async def _health(request: Request) -> JSONResponse:
    """For a host that polls: 503 once the server is shutting down."""
    process = psutil.Process()
    state = {
        "status": "ending" if _ending.is_set() else "ok",
        "uptime_s": round(time.time() - process.create_time(), 1),
        "sampling": run_queue.SAMPLING.counts(),
        "training": run_queue.TRAINING.counts(),
        "memory_bytes": process.memory_info().rss,
    }
    return JSONResponse(state, status_code=503 if _ending.is_set() else 200)


def serve(page: gr.Blocks, stop_all: Callable[[], None], **options) -> None:
    """Launch the page, serve it until SIGTERM or Ctrl-C, and exit with code 0.

    `stop_all` asks every training run to stop and keep what it has learned.
    """
    memory.configure()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _ending.set())
    port = os.environ.get("GRADIO_SERVER_PORT")  # unset: any free port
    try:
        page.queue(api_open=False, max_size=MAX_QUEUED)
        gradio_patches.bound_queue(page)
        page.launch(
            server_port=int(port) if port else None,
            prevent_thread_lock=True,
            max_threads=THREADS,
            quiet=True,
            _frontend=False,  # no request to itself, which a busy machine answers too late
            app_kwargs={
                "lifespan": gate.enclose,
                "routes": [Route("/health", _health)],
                "middleware": [Middleware(CompressAndCache)],
                "exception_handlers": gradio_patches.EXCEPTION_HANDLERS,
            },
            **options,
        )
    except OSError as error:
        sys.exit(_why(port, error))
    gradio_patches.after_launch(page)
    event_log.write("started", port=page.server_port, url=page.local_url)
    for second in itertools.count(1):
        if _ending.wait(1):  # without a timeout, Windows wouldn't notice Ctrl-C
            break
        if second % TIDY_S == 0:
            gradio_patches.forget_deleted_files(page)
            uploads.delete_unfinished()
            memory.trim()
    _end(page, stop_all)


def _why(port: str | None, error: OSError) -> str:
    if not gradio_patches.is_port_taken(error):
        return f"The page can't start: {error}"
    if port is None:
        return "The page can't start: every port from 7860 to 7959 is taken. Stop other servers."
    return (
        f"The page can't start: port {port} is taken. Stop what uses it, or choose another: "
        "GRADIO_SERVER_PORT=7870 python app.py"
    )


def _keep_trained() -> None:
    """Save the models trained within the hour: visitors may not have downloaded them yet."""
    try:
        count = result_files.STORE.rescue("train", TRAINED)
    except OSError as error:  # read-only or full disk
        event_log.write("kept", error=str(error))
    else:
        event_log.write("kept", trained=count, folder=str(TRAINED.resolve()))


def _end(page: gr.Blocks, stop_all: Callable[[], None]) -> None:
    """Shut down. Runs end as if their visitors had pressed Stop, and keep what they learned."""
    event_log.write(
        "ending", sampling=run_queue.SAMPLING.counts(), training=run_queue.TRAINING.counts()
    )
    until = time.monotonic() + END_S
    stop_all()
    run_queue.closing.set()
    while time.monotonic() < until and any(each.counts()["at_work"] for each in run_queue.BOTH):
        time.sleep(0.05)
    _keep_trained()
    # otherwise uvicorn logs an error for each open page
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    page.close(verbose=False)  # deletes the temporary files too
    event_log.write("ended")
    sys.stdout.flush()
    os._exit(0)  # a training step in progress would make an ordinary exit abort
