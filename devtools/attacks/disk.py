"""Uploads that nobody will use. At most 800 MB in all."""

from __future__ import annotations

import os

from devtools.attacks.attacker import Attacker

LARGE = os.urandom(19_900_000)


def recordings(attacker: Attacker) -> None:
    """Gradio keeps a screen recording outside its folder of uploads, for good."""

    def one(k: int, page):
        video = {"video": ("a.mp4", LARGE[:5_000_000], "video/mp4")}
        return page.client.post("/process_recording", files=video)

    attacker.crowd(one, 20, at_once=2)


def large_uploads(attacker: Attacker) -> None:
    attacker.crowd(
        lambda k, page: page.client.post("/upload", files={"files": (f"{k}.bin", LARGE)}),
        40,
        at_once=2,
        addresses=1,
    )


def small_uploads(attacker: Attacker) -> None:
    """Each becomes a file in a folder of its own."""

    def one(k: int, page):
        files = [("files", (f"{k}-{j}.txt", f"{k}-{j}".encode())) for j in range(50)]
        return page.client.post("/upload", files=files)

    attacker.crowd(one, 100, at_once=4, addresses=1)
