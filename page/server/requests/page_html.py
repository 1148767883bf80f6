"""The page's HTML as a browser gets it: what can be shown at once comes first, and what only
programs use doesn't come.

Gradio writes the configuration of all components into the head, before anything that could be
shown, and with it the endpoints' parameters, which are components too: a third of them all. The
browser would make a node for each. Programs ask for /config and /gradio_api/info, which have them.
"""

from __future__ import annotations

import json
import re

from gradio.routes import toorjson

from ddpm.patching import PatchError
from page.server.patches import gradio_scripts

CONFIG = re.compile(r"<script>window\.gradio_config = (.*?);</script>", re.DOTALL)
API_INFO = re.compile(r"<script>window\.gradio_api_info = .*?;</script>", re.DOTALL)
APP = re.compile(r"<gradio-app\b")
ONLY_FOR_PROGRAMS = ("api_info", "api_info_as_input", "api_info_as_output", "example_inputs")
NO_ENDPOINTS = {"named_endpoints": {}, "unnamed_endpoints": {}}  # the page's own have no names


def changed(path: str, body: bytes, first_sight: str) -> bytes:
    """What a browser gets in place of Gradio's answer for this path, page or script."""
    if path == "/":
        return for_browsers(body.decode(), first_sight).encode()
    return gradio_scripts.changed(path, body)


def for_browsers(html: str, first_sight: str) -> str:
    """`html`, Gradio's, with `first_sight` before the app, and a short configuration after that.
    Raises PatchError if it isn't as Gradio 6.31 writes it."""
    found = [_only(pattern, html) for pattern in (CONFIG, API_INFO, APP)]
    config = _without_endpoints(json.loads(found[0][1]))
    data = f"window.gradio_config = {toorjson(config)};"
    data += f"window.gradio_api_info = {toorjson(NO_ENDPOINTS)};"
    html = html.replace(found[0][0], "").replace(found[1][0], "")
    return APP.sub(lambda app: f"{first_sight}<script>{data}</script>{app[0]}", html)


def _only(pattern: re.Pattern[str], html: str) -> re.Match[str]:
    found = list(pattern.finditer(html))
    if len(found) != 1:
        raise PatchError(f"Gradio's page has {len(found)} of {pattern.pattern!r}, not one")
    return found[0]


def _without_endpoints(config: dict) -> dict:
    """Without the parameters of endpoints, and the events that only programs send."""
    parameters = {each["id"] for each in config["components"] if each["type"] == "api"}
    components = [
        {key: value for key, value in each.items() if key not in ONLY_FOR_PROGRAMS}
        for each in config["components"]
        if each["id"] not in parameters
    ]
    events = [each for each in config["dependencies"] if each["targets"]]
    layout = _without(config["layout"], parameters)
    kept = {"components": components, "dependencies": events}
    ids = {kind: [each["id"] for each in all_of_them] for kind, all_of_them in kept.items()}
    page = config["page"][""] | ids | {"layout": layout}
    return config | kept | {"layout": layout, "page": {"": page}}


def _without(node: dict, ids: set[int]) -> dict:
    """A part of the layout, without the components that have these ids."""
    children = [_without(each, ids) for each in node.get("children", ()) if each["id"] not in ids]
    return node | {"children": children} if "children" in node else node
