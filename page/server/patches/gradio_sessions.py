"""Patches of what Gradio keeps of sessions: from their first value on, and evicted by use.

The rest of what reaches into Gradio is in gradio_patches.py, which says for which version.
"""

import time
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from gradio import route_utils
from gradio.blocks import Blocks
from gradio.state_holder import SessionState, StateHolder

from ddpm.patching import patch
from page.server import work
from page.server.visitors import visitors
from page.server.visitors.shares import address_of
from page.server.visitors.visitors import VISITORS

KEPT_S = 3600  # what an absent visitor left behind: as long as a trained model

_compile = route_utils.compile_gr_request


@patch(StateHolder, "__getitem__")
def _unsaved_until_used(self: StateHolder, session_id: str) -> SessionState:
    """Gradio keeps a session for each new name in a request, even one that it refuses, and evicts
    the oldest. Here it is kept from the first value that is written to it (see `keep`), and evicted
    by `VISITORS` alone.
    """
    known = self.session_data.get(session_id)
    if known is not None:
        return known
    unsaved = self.__dict__.setdefault("unsaved", WeakValueDictionary())
    state = unsaved.get(session_id)
    if state is None:
        state: Any = SessionState(self.blocks)
        unsaved[session_id] = state
        state.keep = partial(_keep, self, session_id, state)
    return state


def _keep(holder: StateHolder, session_id: str, state: SessionState) -> None:
    if session_id in VISITORS.sessions:
        holder.session_data[session_id] = state


class Memory(visitors.Memory):
    """What Gradio keeps of sessions."""

    def __init__(self, page: Blocks):
        self.page = page
        self.queue = page._queue

    def in_use(self) -> set[str]:
        events = self.queue.event_ids_to_events.values()
        return {event.session_hash for event in events} | work.at_work()

    def worth(self, session: str) -> int:
        state = self.page.state_holder.session_data.get(session)
        if state is None:
            return 0
        absent = time.monotonic() - VISITORS.sessions[session].used > KEPT_S
        values = state.state_data.values()
        return 1 if absent or all(value is None or value is False for value in values) else 2

    def session_of(self, event: str) -> str | None:
        pending = self.queue.pending_event_ids_session
        return next((name for name, events in pending.items() if event in events), None)

    def unread(self, session: str) -> int:
        messages = self.queue.pending_messages_per_session.get(session)
        return messages.qsize() if messages else 0

    def forget(self, session: str) -> None:
        self.forget_messages(session)
        self.page.state_holder.session_data.pop(session, None)

    def forget_messages(self, session: str) -> None:
        self.queue.pending_messages_per_session.pop(session, None)
        self.queue.pending_event_ids_session.pop(session, None)


@patch(route_utils, "compile_gr_request")
def _compile_admitted(body, fn, username, request):
    """A listener outside the queue is the only one that passes its request."""
    if request is not None and body.session_hash is not None:
        VISITORS.admit(body.session_hash, address_of(request))
    return _compile(body, fn, username, request)
