"""The settings of the Noise tab in the address: `?T=200&schedules=linear,cosine&seed=3&t=60`.

noise_view.js writes such links, and reads t by itself; the server keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import ddpm
from page.server.validation import MAX_SEED
from page.tabs.noise.mismatch import MAX_T, MIN_T


def read(query: Mapping[str, str]) -> dict:
    """What a link says of T, schedules, notebook and seed; what is not or wrong in it is left
    out, so that the page opens with its own settings.
    """
    said = {}
    for name, low, high in (("T", MIN_T, MAX_T), ("seed", 0, MAX_SEED)):
        digits = query.get(name, "")
        if digits.isdecimal() and len(digits) < 12 and low <= int(digits) <= high:
            said[name] = int(digits)
    names = query.get("schedules", "").split(",")
    if chosen := [name for name in ddpm.SCHEDULES if name in names]:
        said["schedules"] = chosen
    if query.get("notebook") in ("0", "1"):
        said["notebook"] = query["notebook"] == "1"
    return said
