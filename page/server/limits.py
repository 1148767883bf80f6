"""Every limit that the server sets to its visitors, with its default.

An environment variable overrides each: `DDPM_BODY_BYTES=128000 python app.py`. docs/SECURITY.md
shows them as one table.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from ddpm.settings import WrongSetting, check_settings, setting, settings_of

PREFIX = "DDPM_"


@dataclass(frozen=True)
class Limits:
    # one request
    body_bytes: int = setting(64_000, "bytes of a request's body", low=1_000, high=10**9)
    event_bytes: int = setting(
        4_000_000, "bytes of an event that lists thousands of uploads", low=1_000, high=10**9
    )
    upload_bytes: int = setting(20_000_000, "bytes of an uploaded file", low=1_000, high=10**9)
    header_bytes: int = setting(16_000, "bytes of a request's headers", low=1_000, high=10**6)
    url_bytes: int = setting(8_000, "bytes of a path with its query", low=500, high=10**5)
    session_chars: int = setting(64, "characters of a session's name", low=8, high=1_000)
    body_s: float = setting(60.0, "seconds for a body to arrive", low=1, high=3600)
    header_s: float = setting(20.0, "seconds for headers to arrive", low=1, high=3600)
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
    picture_s: float = setting(5.0, "seconds to open a picture", low=0.1, high=600)
    picture_bytes: int = setting(
        200_000_000, "bytes of memory to open a picture", low=10**7, high=10**11
    )

    # one session, one address, all of them
    runs_at_address: int = setting(
        128, "samplings at work or in line from one address; trainings too", low=1, high=1000
    )
    posts_a_second: int = setting(
        150, "tokens that an address gets in a second, for its requests", low=1, high=10**6
    )
    posts_at_once: int = setting(
        300, "tokens that an address has at most, after a rest", low=1, high=10**6
    )
    sessions_a_minute: int = setting(
        400, "new sessions from one address in a minute", low=1, high=10**6
    )
    unheard_a_minute: int = setting(
        60, "runs from one address in a minute to which nobody listens", low=1, high=10**6
    )
    unheard_s: float = setting(5.0, "seconds that a run waits for its listener", low=1, high=600)
    lost_s: float = setting(
        60.0,
        "seconds that what runs goes on for a page whose connection is lost",
        low=1,
        high=3600,
    )
    bytes_at_once: int = setting(
        200_000_000, "bytes of files uploaded in one request", low=10**6, high=10**12
    )
    bytes_at_address: int = setting(
        1_000_000_000, "bytes of uploads from one address", low=10**6, high=10**12
    )
    bytes_of_all: int = setting(2_000_000_000, "bytes of all uploads", low=10**6, high=10**13)
    models_bytes: int = setting(
        1_000_000_000, "bytes of trained models for their visitors", low=10**6, high=10**13
    )
    pictures_bytes: int = setting(
        400_000_000, "bytes of the pictures that visitors train on", low=10**6, high=10**13
    )
    sessions: int = setting(2_000, "sessions that are remembered", low=10, high=10**6)

    # the disk
    free_bytes: int = setting(
        100_000_000, "bytes that must be free for a training to start", low=0, high=10**13
    )
    kept_models: int = setting(
        200, "trained models kept from all shutdowns together", low=0, high=10**6
    )
    kept_bytes: int = setting(
        2_000_000_000, "bytes of the models kept from all shutdowns", low=0, high=10**13
    )

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
    worker_bytes: int = setting(
        4_000_000_000, "bytes of memory of a process that computes", low=10**8, high=10**13
    )
    worker_s: float = setting(
        120.0, "seconds without an answer after which such a process is ended", low=1, high=3600
    )

    # the end
    end_s: float = setting(8.0, "seconds to end after SIGTERM", low=1, high=600)
    silent_s: float = setting(
        30.0, "seconds of silence after which the server counts as dead", low=2, high=3600
    )

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
