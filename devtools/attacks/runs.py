"""Sessions and runs that nobody is behind: they fill what others need a place in."""

from __future__ import annotations

import secrets

import httpx

from devtools.attacks.attacker import Attacker
from devtools.hostile_client import Page
from devtools.malformed import PHOTO, saved

ROUND = 32  # runs; then the next round, in case the first was dropped


def _join(page: Page, name: str, session: str, **changes: object) -> httpx.Response:
    """Start an event, and never open the stream that would bring its answer."""
    event = page.events[name]
    body = {"fn_index": event.number, "data": event.data(changes), "session_hash": session}
    return page.client.post("/queue/join", json=body)


def new_sessions(attacker: Attacker) -> None:
    """Gradio creates a session before it finds that the event belongs into the queue (404)."""

    def one(k: int, page: Page) -> httpx.Response:
        number = page.listener("new_tables")
        body = {"fn_index": number, "data": [], "session_hash": secrets.token_hex(5)}
        return page.client.post("/run/new_tables", json=body)

    attacker.crowd(one, 2_005)


def joins(attacker: Attacker) -> None:
    attacker.crowd(lambda k, page: _join(page, "new_tables", secrets.token_hex(5)), 2_050)


def repeated_file(attacker: Attacker) -> None:
    file = attacker.pages[0].upload("picture.png", saved(PHOTO.resize((2_000, 2_000)), "PNG"))
    names = [file] * 5_000
    attacker.crowd(lambda k, page: _join(page, "train_pictures", f"reader{k}", files=names), 62)


def unheard_samplings(attacker: Attacker) -> None:
    """The most pictures, the slowest sampler and the most steps, from one session."""
    most = {"count": 16, "sampler": "ddpm", "steps": 1_000}
    while attacker.left_s:
        attacker.crowd(lambda k, page: _join(page, "generate", "one-session", **most), ROUND)


def unheard_trainings(attacker: Attacker) -> None:
    while attacker.left_s:
        attacker.crowd(
            lambda k, page: _join(page, "train", secrets.token_hex(5), steps=20_000), ROUND
        )
