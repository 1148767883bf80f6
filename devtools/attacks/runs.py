"""Sessions and runs that nobody is behind: they fill what others need a place in."""

from __future__ import annotations

from devtools.attacks.attacker import Attacker
from devtools.malformed import PHOTO, saved

ROUND = 32  # runs; then the next round, in case the first was dropped


def new_sessions(attacker: Attacker) -> None:
    """Gradio creates a session before it finds that the event belongs into the queue (404)."""
    attacker.crowd(lambda k, page: page.at_once("new_tables", []), 2_005)


def joins(attacker: Attacker) -> None:
    attacker.crowd(lambda k, page: page.join("new_tables"), 2_050)


def repeated_file(attacker: Attacker) -> None:
    file = attacker.pages[0].upload("picture.png", saved(PHOTO.resize((2_000, 2_000)), "PNG"))
    names = {"files": [file] * 5_000}
    attacker.crowd(lambda k, page: page.join("train_pictures", names, f"reader{k}"), 62)


def unheard_samplings(attacker: Attacker) -> None:
    """The most pictures, the slowest sampler and the most steps, from one session."""
    most = {"count": 16, "sampler": "ddpm", "steps": 1_000}
    while attacker.left_s:
        attacker.crowd(lambda k, page: page.join("generate", most, "one-session"), ROUND)


def unheard_trainings(attacker: Attacker) -> None:
    while attacker.left_s:
        attacker.crowd(lambda k, page: page.join("train", {"steps": 20_000}), ROUND)
