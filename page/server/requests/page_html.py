"""The page's HTML as a browser gets it: what can be shown at once comes first, and what only
programs use doesn't come.

Gradio writes the configuration of all components into the head, before anything that could be
shown, and with it the endpoints' parameters, which are components too: a third of them all. The
browser would make a node for each. Programs ask for /config and /gradio_api/info, which have them.
"""

import json
import re
from html import escape

import gradio as gr
from gradio.routes import toorjson

from ddpm.patching import PatchError
from page.server.patches import gradio_assets, gradio_scripts

CONFIG = re.compile(r"<script>window\.gradio_config = (.*?);</script>", re.DOTALL)
API_INFO = re.compile(r"<script>window\.gradio_api_info = .*?;</script>", re.DOTALL)
APP = re.compile(r"<gradio-app\b")
TEMPLATE = gradio_assets.ASSETS.parent / "index.html"
ONLY_FOR_PROGRAMS = ("api_info", "api_info_as_input", "api_info_as_output", "example_inputs")
# the page is the same at every address: the browser knows which one it has asked
ROOT = """{
    const config = window.gradio_config;
    config.root = new URL(config.root, location.origin).href.replace(/[/]$/, "");
}"""
NO_ENDPOINTS = {"named_endpoints": {}, "unnamed_endpoints": {}}  # the page's own have no names


def changed(path: str, body: bytes, first_sight: str) -> bytes:
    """What a browser gets in place of Gradio's answer for this path, page or script."""
    if path == "/":
        return for_browsers(body.decode(), first_sight).encode()
    return gradio_scripts.changed(path, body)


def for_browsers(html: str, first_sight: str) -> str:
    """`html`, Gradio's, with `first_sight` before the app, and a short configuration after that.
    Raises PatchError if it isn't as Gradio 6.31 writes it."""
    config, api_info, _ = parts_of(html)
    short = _without_endpoints(json.loads(config[1]))
    data = f"window.gradio_config = {toorjson(short)};"
    data += ROOT
    data += f"window.gradio_api_info = {toorjson(NO_ENDPOINTS)};"
    files = _files(html, short)
    html = html.replace(config[0], "").replace(api_info[0], "")
    before = f"{_opening(short)}{first_sight}{files}<script>{data}</script>"
    return gradio_scripts.named(APP.sub(lambda app: before + app[0], html))


def _opening(config: dict) -> str:
    """The file that a component's value names, which it fetches once it is there: first_sight.js
    has the browser fetch it before, if the tab that opens needs it."""
    values = [each["props"].get("value") for each in config["components"]]
    files = [each["file"] for each in values if isinstance(each, dict) and list(each) == ["file"]]
    return "".join(
        f'<link class="opening" as="fetch" crossorigin fetchpriority="low" href="{escape(file)}">'
        for file in files
    )


def _files(html: str, config: dict) -> str:
    """What the page needs next, all of it at once: the styles, which would be forty files, and the
    names of the scripts. A link that is disabled loads nothing, but tells Gradio's scripts that
    they needn't ask for these styles."""
    names = gradio_assets.needed(html, config)
    styles = gradio_assets.styles(names)
    links = [f'<link rel="stylesheet" disabled href="./assets/{name}">' for name in styles]
    links += [
        f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./assets/{name}">'
        for name in names
        if name.endswith(".js")
    ]
    return f"<style>{''.join(styles.values())}</style>{''.join(links)}"


def parts_of(html: str) -> list[re.Match[str]]:
    """Where Gradio's page has its configuration, its endpoints, and its app. Raises PatchError if
    there is not one of each."""
    found = [list(pattern.finditer(html)) for pattern in (CONFIG, API_INFO, APP)]
    if any(len(each) != 1 for each in found):
        raise PatchError(f"the page of Gradio {gr.__version__} has other parts: adapt page_html.py")
    return [each for (each,) in found]


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


parts_of(TEMPLATE.read_text("utf-8"))  # on import, so that no page is served that can't be opened
