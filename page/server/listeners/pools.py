"""Where listeners wait, so that slow ones can't take every thread from the others.

Runs have places in run_queue. What opens pictures or loads data waits in a line of Gradio's queue.
Only the quick ones bypass the queue, and they have threads of their own: Stop is always answered.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial, wraps
from typing import Any

# Arguments of a listener. What the page alone asks is no endpoint, and shows no spinner.
PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE = PRIVATE | {"queue": False}  # of a `quick` one
UNREAD = AT_ONCE | {"preprocess": False}  # that checks its values itself
LIVE = PRIVATE | {"preprocess": False, "trigger_mode": "always_last"}  # that follows a control
FOLLOWS = UNREAD | LIVE  # the same of a `quick` one
# Its line in Gradio's queue, and how many of that line are at work.
PICTURES = {"concurrency_id": "pictures", "concurrency_limit": 4}
DATA = {"concurrency_id": "data", "concurrency_limit": 2}
TABLES = {"concurrency_id": "tables", "concurrency_limit": 8}
FIGURES = {"concurrency_id": "figures", "concurrency_limit": 2}  # each a second of one core

_threads = ThreadPoolExecutor(8, "quick")


def quick(fn: Callable) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A listener for queue=False. `fn` must take milliseconds and wait for nothing."""

    @wraps(fn)
    async def listener(*values):
        run = copy_context().run  # gr.Warning finds its event there
        return await asyncio.get_running_loop().run_in_executor(_threads, partial(run, fn, *values))

    return listener
