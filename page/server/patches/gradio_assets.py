"""Which of Gradio's files a page needs before it can be used.

Its scripts find that out one after the other: the first asks for the app, the app for the blocks,
and those for each component, with sixty scripts and styles of a few hundred bytes. Each step costs
a slow connection a round trip. The names are in these scripts, where Vite, which has packed them,
writes for every import what that needs. `tests/page/server/patches/test_gradio_assets.py` fails if
a release of Gradio writes it in another way; the page then does without this.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import gradio as gr

ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
ENTRY = re.compile(r'src="\./assets/(index-[\w-]+\.js)"')  # in the page
CORE = re.compile(r"core-[\w-]+\.js")  # has all components
FILES = re.compile(r"\(m\.f=(\[[^\]]*\])\)")  # of a script, which refers to them by number
IMPORT = r"import\(`\./([\w.-]+)`\)[^`]{0,60}?__vite__mapDeps\(\[([\d,]*)\]\)"
COMPONENT = rf"[{{,](\w+):\{{(?:(?!\w+:\{{).)*?component:\(\)=>\w+\(\(\)=>{IMPORT}"


def paths(folders: Iterable[str], largest: int) -> list[str]:
    """Of all files of Gradio's in "/assets/" and the like, up to a size, as a browser asks for
    them."""
    files = [path for each in folders for path in (ASSETS.parent / each.strip("/")).rglob("*")]
    return [
        f"/{path.relative_to(ASSETS.parent).as_posix()}"
        for path in files
        if path.is_file() and path.stat().st_size <= largest
    ]


def needed(html: str, config: dict) -> list[str]:
    """Names of the scripts and styles, in the order in which the page would ask for them; none if
    Gradio's scripts are not as expected."""
    found: dict[str, None] = {}
    with suppress(LookupError, StopIteration, OSError):
        app = files_of(ENTRY.findall(html)[0])["Index"]
        blocks = files_of(app[0])["Blocks"]
        components = files_of(next(name for name in app if CORE.fullmatch(name)), COMPONENT)
        for each in (app, blocks, *(components.get(kind, []) for kind in _first_seen(config))):
            found |= dict.fromkeys(each)
    return list(found)


def styles(names: list[str]) -> dict[str, str]:
    """The text of those that are styles and refer to no other file."""
    texts = {name: (ASSETS / name).read_text("utf-8") for name in names if name.endswith(".css")}
    return {name: text for name, text in texts.items() if "url(" not in text}


def _first_seen(config: dict) -> list[str]:
    """The kinds of component that are not in a closed tab or fold, and not invisible."""
    by_id = {each["id"]: each for each in config["components"]}

    def seen(node: dict) -> Iterator[str]:
        component = by_id.get(node["id"], {"type": "column", "props": {}})
        kind, props = component["type"], component["props"]
        if props.get("visible") is False:
            return
        yield kind
        children = node.get("children", [])
        if kind == "tabs":
            yield from [by_id[each["id"]]["type"] for each in children]
            children = children[:1]  # the tab that opens unless an address says otherwise
        if not (kind == "accordion" and props.get("open") is False):
            for each in children:
                yield from seen(each)

    return list(dict.fromkeys(seen(config["layout"])))


@cache
def files_of(script: str, imported: str = IMPORT) -> dict[str, list[str]]:
    """For what a script imports when it needs it, by the first part of its name, or for each kind
    of `COMPONENT`: all its files."""
    text = (ASSETS / script).read_text("utf-8")
    files = [name.removeprefix("./") for name in json.loads(FILES.findall(text)[0])]
    return {
        name.partition("-")[0]: [files[int(number)] for number in numbers.split(",")]
        for name, *_, numbers in re.findall(imported, text)[::-1]  # the first of a name counts
    }
