"""Patches of Gradio's queue, so that no visitor takes another's share.

The rest of what reaches into Gradio is in gradio_patches.py, which says for which version.
"""

import asyncio
import os
import secrets
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from gradio import route_utils, routes
from gradio.blocks import Blocks
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessCompletedMessage
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Send

from ddpm.patching import expect, expect_callable, patch
from page.server import event_log, work
from page.server.limits import LIMITS
from page.server.patches.gradio_sessions import Memory
from page.server.refusal import Refused
from page.server.visitors.shares import address_of, by_turns
from page.server.visitors.visitors import VISITORS
from page.texts import both

EVENTS_OF_SESSION = 8  # in line or at work; a page has two runs and a few quick ones
EVENTS_AT_ADDRESS = 290  # of THREADS that can be at work
CHECKS = 5  # during LIMITS.unheard_s
UNREAD_S = 60  # how long messages wait for a listener
# Between looks for an event that can begin. Gradio looks a thousand times a second, for each of
# which a thread that computes must let the event loop run.
LOOK_S = 0.01
PROGRESS_S = 10.0  # between looks for what a gr.Progress says, of which the page has none

_push = Queue.push
_tasks: set[asyncio.Task] = set()  # asyncio itself keeps no reference

# ------------------------------------------------------------------ queue


@patch(Queue, "push")
async def _push_fairly(self: Queue, body, request, username):
    """Refuse what exceeds a visitor's share, let the addresses take turns, and drop what nobody
    listens to."""
    if body.fn_index is None:
        return await _push(self, body, request, username)
    fn = route_utils.get_fn(self.blocks, None, body)  # fails for an unknown one: nothing is kept
    # without a name, a call from a program is a session by itself
    session = body.session_hash = body.session_hash or secrets.token_hex(8)
    address = address_of(request)
    events: list[Any] = list(self.event_ids_to_events.values())
    of_session = sum(event.session_hash == session for event in events)
    if VISITORS.is_behind(session):
        raise Refused(429, both("answers_unread"))
    if of_session >= EVENTS_OF_SESSION:
        raise Refused(429, both("events_many"))
    if sum(event.address == address for event in events) >= EVENTS_AT_ADDRESS:
        raise Refused(429, both("server_busy"))
    if not VISITORS.is_listener(session, address):
        raise Refused(429, both("runs_unheard"))
    if any(map(_repeats_a_file, body.data)):
        raise Refused(400, both("files_repeated"))
    VISITORS.admit(session, address)
    if self.max_size is not None and len(self) >= self.max_size:
        _make_room(self, address)
    accepted, event_id, state = await _push(self, body, request, username)
    if accepted:
        event: Any = self.event_ids_to_events[str(event_id)]
        event.address = address  # for `by_turns`
        _take_turns(self, fn.concurrency_id)
        _drop_unheard(self, event)
        asyncio.get_running_loop().call_later(UNREAD_S, _forget_unread, session)
    return accepted, event_id, state


def _repeats_a_file(value: object) -> bool:
    """Whether a list names a file twice: Gradio, and then we, would work on each mention."""
    if not isinstance(value, list):
        return False
    files = (each for each in value if isinstance(each, dict) and "path" in each)
    paths = [os.path.normpath(str(each["path"])) for each in files]
    return len(set(paths)) < len(paths)


def _take_turns(queue: Queue, concurrency_id: str) -> None:
    line: list[Any] = queue.event_queue_per_concurrency_id[concurrency_id].queue
    alike = [event for event in _at_work(queue) if event.concurrency_id == concurrency_id]
    line[:] = by_turns(sorted(line, key=lambda event: event.enqueue_time), alike)


def _at_work(queue: Queue) -> list[Any]:
    return [event for job in queue.active_jobs if job for event in job]


def _make_room(queue: Queue, address: str) -> None:
    """The last in line gives way, unless the newcomer would be the last."""
    lines = queue.event_queue_per_concurrency_id
    waiting: list[Any] = [event for line in lines.values() for event in line.queue]
    waiting.sort(key=lambda event: event.enqueue_time)
    newcomer: Any = SimpleNamespace(address=address)
    last = by_turns([*waiting, newcomer], _at_work(queue))[-1]
    if last is newcomer:
        raise Refused(429, both("server_busy"))
    lines[last.concurrency_id].queue.remove(last)
    _drop(queue, last, "server_busy")


def _drop_unheard(queue: Queue, event: Any, checks: int = CHECKS) -> None:
    """Checked several times: a busy server may have had no time for the listener's request yet."""
    if event._id not in queue.event_ids_to_events:
        return  # it has ended
    if VISITORS.is_heard(event.session_hash, event.enqueue_time):
        return
    if checks:
        wait = LIMITS.unheard_s / CHECKS
        asyncio.get_running_loop().call_later(wait, _drop_unheard, queue, event, checks - 1)
        return
    event_log.write("unheard", listener=event.fn.api_name)
    VISITORS.unheard(event.address)
    work.unheard(event.session_hash)
    _drop(queue, event, "event_unheard")


def _drop(queue: Queue, event: Event, why: str) -> None:
    """End an event in line or at work, and say why to whoever may listen yet."""
    messages = queue.pending_messages_per_session.get(event.session_hash)
    if messages is not None:
        ended = ProcessCompletedMessage(
            output={"error": both(why)}, success=False, event_id=event._id
        )
        messages.put_nowait(ended)
    task = asyncio.get_running_loop().create_task(queue.clean_events(event_id=event._id))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    if event not in _at_work(queue):
        queue.event_ids_to_events.pop(event._id, None)


def _forget_unread(session: str) -> None:
    """Gradio keeps the messages of a session until they are read."""
    known = VISITORS.sessions.get(session)
    recent = known is not None and time.monotonic() - known.used < UNREAD_S - 1
    if not recent and session not in {*VISITORS.streams, *VISITORS.memory.in_use()}:
        VISITORS.memory.forget_messages(session)


class _Told(StreamingResponse):
    """Gradio tells a stream's reader that nobody knows its session, and then raises that."""

    async def stream_response(self, send: Send) -> None:
        with suppress(HTTPException):
            return await super().stream_response(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


expect(routes, "StreamingResponse", type)
routes.StreamingResponse = _Told  # pyright: ignore[reportPrivateImportUsage]
expect_callable(Queue, "clean_events", "(self, *, session_hash=None, event_id=None)")
expect_callable(route_utils, "get_fn", "(blocks, api_name, body)")


def has_events(page: Blocks) -> bool:
    """Whether any event is in line or at work."""
    return bool(expect(page, "_queue", Queue).event_ids_to_events)


def has_unread(page: Blocks) -> bool:
    """Whether a visitor has yet to read how an event ended."""
    messages = expect(page, "_queue", Queue).pending_messages_per_session
    return any(not of_session.empty() for of_session in list(messages.values()))


def follow(page: Blocks) -> None:
    """Call between `queue()` and `launch()`: Gradio looks for events less often, and what it
    keeps of sessions goes when `VISITORS` forgets them, not with the oldest of 2,000, who may have
    a training at work."""
    queue = expect(page, "_queue", Queue)
    expect(queue, "pending_messages_per_session", dict)
    expect(queue, "pending_event_ids_session", dict)
    expect(queue, "event_ids_to_events", dict)
    expect(queue, "sleep_when_free", float)
    queue.sleep_when_free = max(LOOK_S, queue.sleep_when_free)  # on Windows it's longer
    expect(queue, "progress_update_sleep_when_free", float)
    queue.progress_update_sleep_when_free = PROGRESS_S
    queue.pending_messages_per_session = {}  # pyright: ignore[reportAttributeAccessIssue]
    VISITORS.memory = Memory(page)
