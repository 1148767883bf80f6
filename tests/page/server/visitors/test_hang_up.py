"""A page that is back after its connection was lost, over real connections."""

from __future__ import annotations

import json
import secrets

import httpx
import pytest

from devtools.hostile_client import messages
from devtools.page_events import events

pytestmark = [pytest.mark.app, pytest.mark.timeout(300)]
API = "/gradio_api"
ENDED = "process_completed"


def test_a_page_hangs_up_and_follows_its_run_again(shared_app):
    """Its old connection may hang: nothing of it is left that could take the new one's messages.
    Who doesn't know the secret finds nothing."""
    logged = len(shared_app.log.read_text())
    with httpx.Client(base_url=shared_app.url, timeout=120) as client:
        known = events(client.get("/config").json())
        session, secret = secrets.token_hex(5), secrets.token_hex(16)

        def join(name, data):
            body = {"fn_index": known[name].number, "data": data, "session_hash": session}
            return client.post(f"{API}/queue/join", json=body).json()["event_id"]

        def listen():
            return client.stream("GET", f"{API}/queue/data", params={"session_hash": session})

        def hang_up(name):
            return client.post("/hang_up", json={"session_hash": name}).status_code

        assert hang_up(session) == 410  # for instance after the server was started again
        *settings, _ = known["show_run"].data({"train-steps": 20_000, "train-dim": 8})
        join("show_run", [*settings, secret])
        with listen() as stream:
            heard = messages(stream)
            assert any(message["msg"] == "process_generating" for message in heard)
            assert hang_up(session) == 204
            *_, last = heard  # to a whole end
            assert last["msg"] == "unexpected_error"
        guess = join("follow_training", [secrets.token_hex(16)])
        again = join("follow_training", [f"{secret} again"])
        with listen() as stream:
            said = {guess: [], again: []}
            for message in messages(stream):
                said.setdefault(message.get("event_id"), []).append(message)
                if '"training"' in json.dumps(message):
                    asked = {"fn_index": known["ask_to_stop"].number, "session_hash": session}
                    client.post(f"{API}/run/ask_to_stop", json={"data": [], **asked})
        assert '"stopped"' in json.dumps(said[again])
        assert said[guess][-1]["msg"] == ENDED and "stopped" not in json.dumps(said[guess])
    assert "completing" not in shared_app.log.read_text()[logged:]
