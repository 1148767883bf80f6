"""All that replaces or reaches into parts of Gradio that aren't for the public, and why.

As they are in Gradio 6.31.0 and safehttpx 0.1.7. If a part is missing or has changed, the page
doesn't start: `PatchError` says what differs.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import safehttpx
from gradio import processing_utils
from gradio.blocks import Block, Blocks
from gradio.queueing import Queue
from gradio.state_holder import SessionState
from gradio.utils import LRUCache, get_upload_folder
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ddpm.patching import PatchError, expect, patch
from page.texts import both

# ------------------------------------------------------------------ sessions

_init, _set = SessionState.__init__, SessionState.__setitem__


def _without_values(self: SessionState, blocks: Blocks) -> None:
    """Gradio copies the configuration of all components into each session, for links that reopen a
    page as it was. This page has no such links, and a session would cost 0.2 MB from its start.
    """
    _init(self, SimpleNamespace(default_config=blocks.default_config, blocks={}))  # pyright: ignore


def _under_its_own_id(self: SessionState, key: int, value: object) -> None:
    """Gradio makes a new component, with a new id, whenever an event updates one: all of them
    would stay as long as the session."""
    if isinstance(value, Block):
        value._id = key
    _set(self, key, value)
    self.config_values.clear()


def _keep_no_config(self: SessionState, key: int) -> None:
    """Gradio copies a component's configuration again at each update, films included."""


def _keep_no_value(self: SessionState, key: int, value: object) -> None:
    """And its value."""


# ------------------------------------------------------------------ downloads


async def _no_download(url: str, cache_dir: str) -> str:
    """Gradio downloads an address that stands in place of a file, whichever component gets it."""
    raise gr.Error(both("upload_url"), print_exception=False)


async def _no_public_address(hostname: str) -> str:
    """Gradio streams whatever stands behind a public address that is asked for as /file=…"""
    raise gr.Error(both("upload_url"), print_exception=False)


def apply() -> None:
    """Replace what this page does without. PatchError if any of it isn't as it was."""
    patch(SessionState, "__init__", _without_values, "(self, blocks)")
    patch(SessionState, "__setitem__", _under_its_own_id, "(self, key, value)")
    patch(SessionState, "_update_config", _keep_no_config, "(self, key)")
    patch(SessionState, "_update_value_in_config", _keep_no_value, "(self, key, value)")
    download = "async_ssrf_protected_download"
    patch(processing_utils, download, _no_download, "(url, cache_dir)")
    patch(safehttpx, "async_validate_url", _no_public_address, "(hostname)")


apply()  # on import: no part of the server works without

# ------------------------------------------------------------------ uploads and results


def upload_folder() -> Path:
    """Where Gradio keeps uploads, and serves files from."""
    return Path(get_upload_folder())


def forget_deleted_files(page: Blocks) -> None:
    """Gradio keeps the name of each file it has served, also when something else deletes it."""
    for names in expect(page, "temp_file_sets", list):
        for name in list(names):
            if not os.path.exists(name):
                names.discard(name)


# ------------------------------------------------------------------ queue and routes

DEEP_LINK = "/gradio_api/deep_link"


async def _not_found(request: Request) -> JSONResponse:
    return JSONResponse({"detail": "Not Found"}, status_code=404)


async def _busy(request: Request, error: Exception) -> JSONResponse:
    """A full queue is a 503, for which the page shows fixed English; of a 429 it shows the text."""
    return JSONResponse({"detail": both("server_busy")}, status_code=429)


# Gradio writes a visitor's settings to a file for good when anyone asks for a link to them. The
# links of this page carry their settings themselves, see permalink.py. Ours is found first.
ROUTES = [Route(DEEP_LINK, _not_found)]
EXCEPTION_HANDLERS = {503: _busy}


def bound_queue(page: Blocks) -> None:
    """Between `queue()` and `launch()`. Gradio never forgets a session that has asked for
    anything: keep the ids of its events no longer than its messages, those of the last 2,000.
    """
    queue = expect(page, "_queue", Queue)
    expect(queue, "pending_event_ids_session", dict)
    messages = expect(queue, "pending_messages_per_session", LRUCache)
    queue.pending_event_ids_session = LRUCache(messages.max_size)


def after_launch(page: Blocks) -> None:
    """What exists only by then; PatchError if it doesn't."""
    # open pages never hang up by themselves, and would hold the end up
    config = page.server.config  # uvicorn's
    expect(config, "timeout_graceful_shutdown", object)
    config.timeout_graceful_shutdown = 1
    paths = [getattr(route, "path", None) for route in page.app.routes]
    if paths.count(DEEP_LINK) < 2:
        raise PatchError(f"Gradio {gr.__version__} has no {DEEP_LINK}: it writes links elsewhere")
    forget_deleted_files(page)


def is_port_taken(error: OSError) -> bool:
    """Gradio raises a plain OSError, known by its sentence alone."""
    return "empty port" in str(error)
