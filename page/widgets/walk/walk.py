"""A pad between four noises or four classes, and the picture at the place where the hand is."""

from pathlib import Path

import gradio as gr

from page.widgets.instrument import BADGE, instrument


def props(
    ask: str | None, place: dict, names: tuple[str, ...], browser: dict | None, linked: int = 0
) -> dict:
    """What its script reads: the endpoint that it asks for each picture, one request at a time, the
    endpoint's arguments for the place where it begins, and the names of the classes. `linked`
    numbers the links that led to a place; where none did, a visitor who comes back goes on at the
    place of before. `browser` has the addresses of what draws there, and the number of `calls`.
    Without an endpoint, the browser draws or says why it can't."""
    value = {"place": place, "linked": linked}
    return {"value": value, "ask": ask, "names": names, "browser": browser}


def view(
    elem_id: str, ask: str | None, place: dict, names: tuple[str, ...], browser: dict | None = None
) -> gr.HTML:
    parts = ("in_browser.js", "record.js", "corners.js", *BADGE)
    shown = props(ask, place, names, browser)
    return instrument(Path(__file__), **shown, parts=parts, elem_id=elem_id)
