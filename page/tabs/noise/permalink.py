"""The settings of the Noise tab in the address: `?T=200&schedules=linear,cosine&seed=3&t=60`.

noise_view.js writes such links, and reads t by itself; the server keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from page.tabs.noise.settings import SETTINGS


def read(query: Mapping[str, str]) -> dict:
    """What a link says of the settings. Missing or invalid values are ignored, so that the page
    opens with its own.
    """
    said = {}
    for name, known in SETTINGS.items():
        text = query.get(name, "")
        if known.many:
            value = [choice for choice in known.choices if choice in text.split(",")] or None
        elif known.kind is bool:
            value = {"0": False, "1": True}.get(text)
        else:
            value = int(text) if text.isdecimal() and len(text) < 12 else None
            value = value if value is not None and known.low <= value <= known.high else None
        if value is not None:
            said[name] = value
    return said
