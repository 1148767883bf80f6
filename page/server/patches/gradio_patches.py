"""Everything that patches or relies on private parts of Gradio, and why. gradio_queue.py,
gradio_uploads.py, gradio_sessions.py and gradio_updates.py are its parts about events, uploads,
what is kept of sessions and what is sent to them.

Written for `GRADIO` and safehttpx 0.1.7. If a part is missing or has changed, the page doesn't
start: `PatchError` says what differs.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import NoneType, SimpleNamespace

import gradio as gr
import safehttpx
from gradio import http_server, processing_utils, queueing, utils
from gradio.blocks import Blocks
from gradio.context import LocalContext
from gradio.exceptions import ServerFailedToStartError
from gradio.state_holder import SessionState
from gradio.utils import get_upload_folder
from gradio_client import utils as client_utils
from gradio_client.exceptions import AppError
from starlette.requests import Request
from starlette.responses import Response

from ddpm.patching import PatchError, expect, patch
from page.server import event_log
from page.server.machine import disk
from page.server.patches import gradio_updates  # noqa: F401  its patches apply here
from page.server.patches.gradio_assets import ASSETS
from page.server.patches.heads import Heads
from page.server.refusal import Refused
from page.texts import both

GRADIO = "6.31.*"  # requirements.txt, pyproject.toml and Space.yaml pin the same

# ------------------------------------------------------------------ sessions

_init = SessionState.__init__


@patch(SessionState, "__init__")
def _without_values(self: SessionState, blocks: Blocks) -> None:
    """Gradio copies the configuration of all components into each session, for deep links, which
    reopen a page as it was. This page has none, and the copy costs 0.2 MB per session.
    """
    _init(self, SimpleNamespace(default_config=blocks.default_config, blocks={}))  # pyright: ignore


@patch(SessionState, "_update_config")
def _keep_no_config(self: SessionState, key: int) -> None:
    """Gradio copies a component's configuration on each update, films included."""


@patch(SessionState, "_update_value_in_config")
def _keep_no_value(self: SessionState, key: int, value: object) -> None:
    """The same for its value."""


# ------------------------------------------------------------------ downloads


@patch(processing_utils, "async_ssrf_protected_download")
async def _no_download(url: str, cache_dir: str) -> str:
    """Gradio downloads any URL sent in place of a file, to any component."""
    raise gr.Error(both("upload_url"), print_exception=False)


@patch(safehttpx, "async_validate_url")
async def _no_public_address(hostname: str) -> str:
    """Gradio proxies any public URL requested as /file=…"""
    raise gr.Error(both("upload_url"), print_exception=False)


# ------------------------------------------------------------------ errors

_payload = utils.error_payload


@patch(utils, "error_payload")  # for unqueued events
@patch(queueing, "error_payload")  # and for queued ones
def _in_words(error: BaseException | None, show_error: bool) -> dict:
    """Gradio shows a visitor the text of any error. An OSError's names the server's folders, and
    Python's words for a value of a kind that the page never sends say nothing to anyone. Of all
    else, only what Gradio itself says of a request, a ValueError, is worth showing.
    """
    if isinstance(error, OSError):
        error = gr.Error(both(disk.key_of(error)))
    elif isinstance(error, (TypeError, AttributeError, LookupError)):
        error = gr.Error(both("request_kind"))
    elif not isinstance(error, (AppError, ValueError, NoneType)):
        error = gr.Error(both("request_failed"))
    return _payload(error, show_error)


# ------------------------------------------------------------------ lists of files

_traverse = client_utils.async_traverse
MOST_FOLDERS = 40  # in a file's path: Gradio looks at each, several times, on the event loop


@patch(client_utils, "async_traverse")  # which calls itself for every part
async def _traverse_in_turns(json_obj: object, func: Callable, is_root: Callable) -> object:
    """Gradio checks all files of an event, half a millisecond each, without a pause."""
    if is_root(json_obj):
        await asyncio.sleep(0)
        if isinstance(json_obj, dict) and str(json_obj.get("path")).count("/") > MOST_FOLDERS:
            raise gr.Error(both("request_kind"), print_exception=False)
    return await _traverse(json_obj, func, is_root)


# ------------------------------------------------------------------ the start

_run = http_server.Server.run_in_thread


@patch(http_server.Server, "run_in_thread")
def _run_in_thread(self: http_server.Server) -> None:
    """Gradio gives a start up after five seconds, as it would a port that is taken."""
    with suppress(ServerFailedToStartError):
        return _run(self)
    while not self.started:
        if not self.thread.is_alive():
            raise ServerFailedToStartError
        time.sleep(0.01)


# ------------------------------------------------------------------ uploads and results


def upload_folder() -> Path:
    """The folder where Gradio keeps uploads and from which it serves files."""
    return Path(get_upload_folder())


def sender_address() -> str:
    """That of the visitor whose event runs in this context; empty outside one."""
    client = getattr(LocalContext.request.get(None), "client", None)
    return client.host if client else ""


def forget_deleted_files(page: Blocks) -> None:
    """Gradio keeps the name of every file it has served, even after others delete the file."""
    for names in expect(page, "temp_file_sets", list):
        names -= {name for name in list(names) if not os.path.exists(name)}


# ------------------------------------------------------------------ queue and routes


async def _refused(request: Request, error: Exception) -> Response:
    """Also what can't be stored, and an error that nothing else answers: Gradio's, for a listener
    that doesn't exist."""
    if isinstance(error, OSError):
        key = disk.key_of(error)
        event_log.write("disk_fault", fault=key, errno=error.errno)
        status = 500 if key == "disk_failed" else 507  # insufficient storage
        error = Refused(status, both(key).replace("<br>", " "))
    elif not isinstance(error, Refused):
        error = Refused(500, both("request_failed"))
    return error.answer(request.url.path)


EXCEPTION_HANDLERS = dict.fromkeys((Refused, OSError, Exception), _refused)


def after_launch(page: Blocks) -> None:
    """Patch what exists only after the launch. Raises PatchError if it doesn't."""
    # open pages never disconnect by themselves and would delay the shutdown
    config = page.server.config  # uvicorn's
    expect(config, "timeout_graceful_shutdown", object)
    config.timeout_graceful_shutdown = 1
    # its own reading of X-Forwarded-For would forestall ours
    expect(config, "loaded_app", object)
    config.loaded_app = page.app
    expect(config, "http_protocol_class", type)
    config.http_protocol_class = Heads


def locale_module() -> str:
    """The address of Gradio's script that exports `changeLocale`, which its Settings call to switch
    the language in place. Raises PatchError if there is none.
    """
    for script in ASSETS.glob("core-*.js"):
        if "as changeLocale" in script.read_text("utf-8"):
            return f"./assets/{script.name}"
    raise PatchError(f"Gradio {gr.__version__} exports no changeLocale: check how it switches")


def is_port_taken(error: OSError) -> bool:
    """Gradio raises a plain OSError, recognisable only by its message."""
    return "empty port" in str(error)
