"""The Noise tab's settings in the URL: `?T=200&schedules=linear,cosine&seed=3&t=60`.

noise_view.js writes these links and reads t itself; the server stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from page.tabs.noise.settings import SETTINGS


def read(query: Mapping[str, str]) -> dict:
    """The settings in a link. Missing or invalid values are ignored: those keep their defaults."""
    settings = {}
    for name, setting in SETTINGS.items():
        text = query.get(name, "")
        if setting.many:
            value = [choice for choice in setting.choices if choice in text.split(",")] or None
        elif setting.kind is bool:
            value = {"0": False, "1": True}.get(text)
        else:
            value = int(text) if text.isdecimal() and len(text) < 12 else None
            value = value if value is not None and setting.low <= value <= setting.high else None
        if value is not None:
            settings[name] = value
    return settings
