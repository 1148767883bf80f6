"""Serve the page: start and housekeeping."""

import itertools
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import gradio as gr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from ddpm.patching import PatchError
from page.server import event_log, self_test, shutdown
from page.server.files import result_files, temporary_folder
from page.server.limits import LIMITS
from page.server.machine import memory
from page.server.monitoring import health, metrics
from page.server.patches import gradio_patches, gradio_queue, gradio_uploads
from page.server.requests import gate
from page.server.visitors.visitors import Presence, hang_up

MAX_QUEUED = 100  # requests in Gradio's queue; runs wait in run_queue
THREADS = 320  # one for every run at work or in line, and some for other events
TIDY_S = 30  # between rounds of housekeeping
CHECK_S = 5  # between looks at the disk and the processes


def serve(
    build: Callable[[], gr.Blocks],
    end_runs: Callable[[Path], int],
    first_sight: str,
    files: Mapping[str, Path],
    routes: Sequence[Route],
    tidy: Callable[[], None],
    invite: Callable[[int], str | None],
    **options,
) -> None:
    """Build the page and serve it until SIGTERM or Ctrl-C, then exit with code 0.

    `end_runs` ends all training runs, saves what they have learned to a folder, and returns how
    many that were. `first_sight` is HTML for what the page shows before its scripts have come,
    and `files` those that visitors' browsers draw with, by the paths that they are served at.
    `routes` are those of the page's own, and `tidy` is called now and then for what they leave.
    `invite(port)`: what the terminal says to others in the room.
    """
    memory.configure()
    shutdown.listen()
    temporary_folder.claim()
    page = build()
    port = os.environ.get("GRADIO_SERVER_PORT")  # unset: any free port
    try:
        page.queue(api_open=False, max_size=MAX_QUEUED)
        gradio_queue.follow(page)
        page.launch(
            server_port=int(port) if port else None,
            prevent_thread_lock=True,
            max_threads=THREADS,
            quiet=True,
            _frontend=False,  # no request to itself, which a busy machine answers too late
            app_kwargs={
                "lifespan": partial(_lifespan, page=page, first_sight=first_sight, files=files),
                "routes": [
                    Route("/health", health.answer),
                    Route("/metrics", metrics.answer),
                    Route("/hang_up", hang_up, methods=["POST"]),
                    *routes,
                ],
                "middleware": [Middleware(Presence)],
                "exception_handlers": gradio_patches.EXCEPTION_HANDLERS,
            },
            state_session_capacity=LIMITS.sessions,
            **options,
        )
    except OSError as error:
        temporary_folder.delete()
        sys.exit(_why(port, error))
    gradio_patches.after_launch(page)
    memory.freeze()
    event_log.write("started", port=page.server_port, url=page.local_url)
    if invitation := invite(page.server_port):
        terminal = sys.__stdout__ is not None and sys.__stdout__.isatty()
        print(invitation, file=sys.__stdout__ if terminal else sys.stdout, flush=True)
    for second in itertools.count():
        if second % CHECK_S == 0:
            health.check()
        if second % TIDY_S == 0:
            gradio_patches.forget_deleted_files(page)
            gradio_uploads.tidy()
            result_files.tidy_shared()
            tidy()
            temporary_folder.delete_empty_folders()
            memory.trim()
        if shutdown.asked(within_s=1):  # without a timeout, Windows wouldn't notice Ctrl-C
            shutdown.end(page, end_runs)


@asynccontextmanager
async def _lifespan(
    app: Starlette, page: gr.Blocks, first_sight: str, files: Mapping[str, Path]
) -> AsyncIterator[None]:
    """What surrounds the server's open port."""
    gate.enclose(app, first_sight, files)
    try:
        await self_test.check(app, page, gradio_uploads.UPLOADS.bytes_of)
    except PatchError as error:
        event_log.write("cannot_start", why=f"The page can't start: {error}")
        temporary_folder.delete()
        os._exit(1)  # Gradio would take it for a port in use, and try the next
    yield


def _why(port: str | None, error: OSError) -> str:
    if not gradio_patches.is_port_taken(error):
        return f"The page can't start: {error}"
    if port is None:
        return "The page can't start: every port from 7860 to 7959 is taken. Stop other servers."
    return (
        f"The page can't start: port {port} is taken. Stop what uses it, or choose another: "
        "python app.py --port 7870"
    )
