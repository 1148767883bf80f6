"""Every limit that the server sets to its visitors, with its default.

An environment variable overrides each: `DDPM_BODY_BYTES=128000 python app.py`. docs/SECURITY.md
shows them as one table.
"""

import os
import sys
from dataclasses import dataclass
from typing import Any

from ddpm.settings import WrongSetting, check_settings, setting, settings_of

PREFIX = "DDPM_"


def _bytes(default: int, about: str, low: int = 1_000) -> Any:
    return setting(default, f"bytes {about}", low=low, high=10**13)


def _seconds(default: float, about: str, low: float = 1) -> Any:
    return setting(default, f"seconds {about}", low=low, high=3600)


def _count(default: int, about: str, low: int = 1) -> Any:
    return setting(default, about, low=low, high=10**6)


@dataclass(frozen=True)
class Limits:
    # one request
    body_bytes: int = _bytes(64_000, "of a request's body")
    event_bytes: int = _bytes(4_000_000, "of an event that lists thousands of uploads")
    upload_bytes: int = _bytes(20_000_000, "of an uploaded file")
    header_bytes: int = _bytes(16_000, "of a request's headers")
    url_bytes: int = _bytes(8_000, "of a path with its query", low=500)
    session_chars: int = _count(64, "characters of a session's name", low=8)
    body_s: float = _seconds(60.0, "for a body to arrive")
    header_s: float = _seconds(20.0, "for headers to arrive")
    trusted_proxies: str = setting(
        "",
        "addresses and networks whose X-Forwarded-* headers are believed, separated by commas; "
        "* for all, none for none; if empty, this machine, and on a Space all",
    )
    metrics_for: str = setting(
        "",
        "addresses and networks that may read /metrics, separated by commas; * for all, none for "
        "none; if empty, this machine",
    )
    framed_by: str = setting(
        "https://huggingface.co https://*.hf.space",
        "origins that may show the page in a frame, separated by spaces; * for every one",
    )

    # one picture
    # a photograph of 12 megapixels takes 0.1, the slowest honest picture 0.4
    picture_s: float = _seconds(2.0, "of work to open a picture", low=0.1)
    picture_bytes: int = _bytes(200_000_000, "of memory to open a picture", low=10**7)

    # one session, one address, all of them
    runs_at_address: int = _count(
        128, "samplings at work or in line from one address; trainings too"
    )
    posts_a_second: int = _count(150, "tokens that an address gets in a second, for its requests")
    posts_at_once: int = _count(300, "tokens that an address has at most, after a rest")
    sessions_a_minute: int = _count(400, "new sessions from one address in a minute")
    unheard_a_minute: int = _count(60, "runs from one address in a minute to which nobody listens")
    unheard_s: float = _seconds(5.0, "that a run waits for its listener")
    lost_s: float = _seconds(60.0, "that what runs goes on for a page whose connection is lost")
    bytes_at_once: int = _bytes(200_000_000, "of files uploaded in one request", low=10**6)
    bytes_at_address: int = _bytes(1_000_000_000, "of uploads from one address", low=10**6)
    bytes_of_all: int = _bytes(2_000_000_000, "of all uploads", low=10**6)
    models_bytes: int = _bytes(1_000_000_000, "of trained models for their visitors", low=10**6)
    pictures_bytes: int = _bytes(400_000_000, "of the pictures that visitors train on", low=10**6)
    sessions: int = _count(2_000, "sessions that are remembered", low=10)

    # the disk
    free_bytes: int = _bytes(100_000_000, "that must be free for a training to start", low=0)
    kept_models: int = _count(200, "trained models kept from all shutdowns together", low=0)
    kept_bytes: int = _bytes(2_000_000_000, "of the models kept from all shutdowns", low=0)
    results: str = setting(
        "",
        "folder on storage that several servers share, where trained models, the states of "
        "trainings and classes are kept for an hour; if empty, each server has its own alone",
    )

    # the processes that compute
    compute: str = setting(
        "workers",
        "where networks run: workers, in processes of their own; ray, on a Ray cluster; local, in "
        "the page's process",
        choices=("workers", "ray", "local"),
    )
    worker_bytes: int = _bytes(4_000_000_000, "of memory of a process that computes", low=10**8)
    worker_s: float = _seconds(120.0, "without an answer after which such a process is ended")

    # the end
    end_s: float = _seconds(8.0, "to end after SIGTERM")

    def __post_init__(self):
        check_settings(self)


def _from_environment() -> Limits:
    named: dict[str, Any] = {
        name: each.read(os.environ[PREFIX + name.upper()])
        for name, each in settings_of(Limits).items()
        if PREFIX + name.upper() in os.environ
    }
    try:
        return Limits(**named)
    except WrongSetting as error:
        sys.exit(f"The page can't start: {PREFIX}{error.setting.name.upper()}: {error}")


LIMITS = _from_environment()
