"""A client that sends arbitrary values to the page's listeners and classifies the answers."""

from __future__ import annotations

import json
import re
import secrets

import httpx

PATIENCE_S = 120.0  # for an answer, including its time in the queue
KINDS = ("fine", "sentence", "gradio", "http", "other", "silence")  # the last two should be 0
TRAINING = {7: 8, 8: 10, 9: 8}  # width, steps, batch: a run that happens to be valid ends soon
GRADIO_SAYS = re.compile(
    "didn't receive enough input|not in the list of choices|Could not preprocess input component|"
    "Cannot move .* to the gradio cache dir|validation errors? for [A-Z]|embedded null byte|"
    "'str' object has no attribute 'get'|"  # a file's "meta"
    "cannot unpack non-iterable NoneType"  # the pictures under "Examples"
)
META = {"meta": {"_type": "gradio.FileData"}}


class Page:
    """The listeners of a running app, and requests to them."""

    def __init__(self, url: str):
        self.client = httpx.Client(base_url=f"{url}/gradio_api", timeout=PATIENCE_S)
        self.config = httpx.get(f"{url}/config", timeout=PATIENCE_S).json()
        components = {part["id"]: part for part in self.config["components"]}
        self.listeners = {  # the values that the page would send to each
            fn["id"]: [components[k]["props"].get("value") for k in fn["inputs"]]
            for fn in self.config["dependencies"]
            if fn["backend_fn"] and fn["inputs"]
        }
        self.names = {fn["id"]: fn["api_name"] for fn in self.config["dependencies"]}
        for place, value in TRAINING.items():
            self.listeners[self.listener("train")][place] = value

    def listener(self, name: str) -> int:
        return next(key for key, other in self.names.items() if other == name)

    def upload(self, name: str, data: bytes) -> dict:
        answer = self.client.post("/upload", files={"files": (name, data)})
        answer.raise_for_status()
        return {"path": answer.json()[0], "orig_name": name, **META}

    def ask(self, listener: int, data: list) -> tuple[str, str]:
        """The kind of the answer, one of KINDS, and its message."""
        session = secrets.token_hex(6)
        body = json.dumps({"fn_index": listener, "data": data, "session_hash": session})
        joined = self.client.post(
            "/queue/join", content=body, headers={"content-type": "application/json"}
        )
        if joined.status_code != 200:
            kind = "http" if joined.status_code < 500 else "other"
            return kind, f"{joined.status_code} {joined.text[:80]}"
        with self.client.stream("GET", "/queue/data", params={"session_hash": session}) as events:
            for line in events.iter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
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
        if "<br>" in error and any("一" <= letter <= "鿿" for letter in error):
            return "sentence", error
        return ("gradio" if GRADIO_SAYS.search(error) else "other"), error
