"""A page that is back after its connection was lost, over real connections."""

import json
import secrets

import pytest

from devtools.hostile_client import Page, messages

pytestmark = [pytest.mark.app, pytest.mark.timeout(300)]


def test_a_page_hangs_up_and_follows_its_run_again(shared_app):
    """Its old connection may hang: nothing of it is left that could take the new one's messages.
    Who doesn't know the secret finds nothing."""
    logged = len(shared_app.log.read_text())
    page, session, secret = Page(shared_app.url), secrets.token_hex(5), secrets.token_hex(16)
    *_, its_secret = page.events["show_run"].inputs
    (asked,) = page.events["follow_training"].inputs

    def follow(known):
        return page.join("follow_training", {asked: known}, session).json()["event_id"]

    def listen():
        return page.client.stream("GET", "/queue/data", params={"session_hash": session})

    def hang_up():
        body = {"session_hash": session}
        return page.client.post(f"{shared_app.url}/hang_up", json=body).status_code

    assert hang_up() == 410  # for instance after the server was started again
    settings = {"train-steps": 20_000, "train-dim": 8, its_secret: secret}
    page.join("show_run", settings, session).raise_for_status()
    with listen() as stream:
        heard = messages(stream)
        assert any(message["msg"] == "process_generating" for message in heard)
        assert hang_up() == 204
        *_, last = heard  # to a whole end
        assert last["msg"] == "unexpected_error"
    guess, again = follow(secrets.token_hex(16)), follow(f"{secret} again")
    with listen() as stream:
        said = {guess: [], again: []}
        for message in messages(stream):
            said.setdefault(message.get("event_id"), []).append(message)
            if '"training"' in json.dumps(message):
                page.at_once("ask_to_stop", [], session)
    assert '"stopped"' in json.dumps(said[again])
    assert said[guess][-1]["msg"] == "process_completed"
    assert "stopped" not in json.dumps(said[guess])
    assert "completing" not in shared_app.log.read_text()[logged:]
