"""A client that sends arbitrary values to the page's events and endpoints, and sorts answers."""

from __future__ import annotations

import copy
import json
import re
import secrets
from collections.abc import Iterator, Mapping

import httpx

from devtools.page_events import events
from devtools.visit import in_both_languages

PATIENCE_S = 120.0  # for an answer, including its time in the queue
KINDS = ("fine", "sentence", "gradio", "http", "other", "silence")  # the last two should be 0
SMALL = {"dim": 8, "steps": 10, "batch_size": 8}  # a run that happens to be valid ends soon
TRAINING = {  # the page's event and the endpoint
    "show_run": {f"train-{name}".replace("_", "-"): value for name, value in SMALL.items()},
    "train": SMALL,
}
GRADIO_SAYS = re.compile(
    "didn't receive enough input|not in the list of choices|Could not preprocess input component|"
    "Cannot move .* to the gradio cache dir|validation errors? for [A-Z]|embedded null byte"
)
META = {"meta": {"_type": "gradio.FileData"}}


class Page:
    """The listeners of a running app, and requests to them."""

    def __init__(self, url: str):
        self.client = httpx.Client(base_url=f"{url}/gradio_api", timeout=PATIENCE_S)
        self.config = self.client.get(f"{url}/config").json()
        self.events = events(self.config)
        self.names = {event.number: name for name, event in self.events.items()}
        self.listeners = {  # the values that the page would send to each
            event.number: event.data(TRAINING.get(name, {}))
            for name, event in self.events.items()
            if event.inputs
        }

    def seen_from(self, address: str) -> Page:
        """The same page, asked from another address of this machine."""
        transport = httpx.HTTPTransport(
            local_address=address,
            # the server closes idle connections after five seconds: stop using them before it does
            limits=httpx.Limits(max_connections=None, keepalive_expiry=1),
        )
        other, url = copy.copy(self), self.client.base_url
        other.client = httpx.Client(base_url=url, timeout=PATIENCE_S, transport=transport)
        return other

    def listener(self, name: str) -> int:
        return self.events[name].number

    def upload(self, name: str, data: bytes) -> dict:
        answer = self.client.post("/upload", files={"files": (name, data)})
        answer.raise_for_status()
        return {"path": answer.json()[0], "orig_name": name, **META}

    def join(
        self, name: str, changes: Mapping[str, object] = {}, session: str | None = None
    ) -> httpx.Response:
        """Start an event, and never open the stream that would bring its answer."""
        event = self.events[name]
        return self._send("/queue/join", event.number, event.data(changes), session)

    def at_once(self, name: str, data: list, session: str | None = None) -> httpx.Response:
        """Ask a listener past the queue."""
        return self._send(f"/run/{name}", self.events[name].number, data, session)

    def _send(self, path: str, number: int, data: list, session: str | None) -> httpx.Response:
        session = session or secrets.token_hex(6)
        body = json.dumps({"fn_index": number, "data": data, "session_hash": session})
        return self.client.post(path, content=body, headers={"content-type": "application/json"})

    def ask(self, listener: int, data: list) -> tuple[str, str]:
        """The kind of the answer, one of KINDS, and its message."""
        session = secrets.token_hex(6)
        joined = self._send("/queue/join", listener, data, session)
        if joined.status_code != 200:
            kind = "http" if joined.status_code < 500 else "other"
            return kind, f"{joined.status_code} {joined.text[:80]}"
        with self.client.stream("GET", "/queue/data", params={"session_hash": session}) as events:
            for message in messages(events):
                if message["msg"] == "process_completed":
                    return self._kind(message["success"], message["output"].get("error"))
                if message["msg"] == "unexpected_error":
                    return "silence", str(message.get("message"))
        return "silence", "the stream ended"

    @staticmethod
    def _kind(success: bool, error: str | None) -> tuple[str, str]:
        if success:
            return "fine", ""
        if not error:
            return "silence", "an error without a message"
        if in_both_languages(error):
            return "sentence", error
        return ("gradio" if GRADIO_SAYS.search(error) else "other"), error


def messages(stream: httpx.Response) -> Iterator[dict]:
    """For httpx a line ends at U+2028 too, which a message may have."""
    left = ""
    for text in stream.iter_text():
        *lines, left = (left + text).split("\n")
        yield from (json.loads(line[5:]) for line in lines if line.startswith("data:"))
