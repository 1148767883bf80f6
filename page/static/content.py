"""What the static edition is made of, by the paths in its folder: the page's own instruments, taken
from the page as it is built, and what stands around them."""

import gzip
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gradio as gr
from PIL import Image

import ddpm
from ddpm.data import USUAL
from page.layout import CSS, THEME, build
from page.layout import INSTRUMENTS as COMMON
from page.static import known
from page.tabs.noise import tab as noise_tab
from page.tabs.noise.forward import CAT, MAX_SIZE
from page.texts import I18N
from page.widgets.first_sight.first_sight import prose
from page.widgets.instrument import COMMON_CSS

HERE = Path(__file__).parent
PAGE = HERE.parent
SCRIPTS = (  # of page/scripts
    *("appearance", "dropped", "elements", "keyboard", "link", "room", "sheet", "visit", "zoom"),
)
INSTRUMENTS = (
    *("header", "share", "tour", "noise-view", "generate-view", "generate-steps"),
    *("compare-view", "walk-view", "points-forward", "points-backward"),
)
ON_A_SERVER = {  # props that a script makes here
    "noise-view": ("value", "tables", "model_log_snr"),
    "points-forward": ("script",),
    "points-backward": ("script",),
}


@cache
def instruments() -> dict[str, gr.HTML]:
    """By their ids, as the page has them."""
    found = {each.elem_id: each for each in build().blocks.values() if isinstance(each, gr.HTML)}
    return {name: found[name] for name in INSTRUMENTS}


def module_of(name: str, view: gr.HTML) -> str:
    """An instrument as a module, which host.js mounts."""
    without = ON_A_SERVER.get(name, ())
    props = {key: value for key, value in view.props.items() if key not in without}
    if "value" not in without:
        props["value"] = view.value
    if name == "tour":
        props |= {"steps": known.steps(), "classes": False}
    return "\n".join(
        [
            f"export const html = {_json(view.html_template)};",
            f"export const props = {_json(props)};",
            "export function run(element, trigger, props, server, upload, watch) {",
            view.js_on_load or "",
            "}\n",
        ]
    )


def styles() -> str:
    """The theme's, the page's, and the instruments' within their elements."""
    variables = f"@layer theme {{\n{THEME._get_theme_css()}\n}}"  # the page's own win, as there
    own = (_read(f"static/{name}.css") for name in ("form/form", "static"))
    sheets = [variables, CSS, COMMON, f".controls {{\n{COMMON_CSS}\n}}", *own]
    for name, view in instruments().items():
        sheets.append(f"#{name} > .instrument {{\n{view.css_template}\n}}")
    return "\n".join(sheets)


def pictures() -> Iterator[tuple[str, bytes]]:
    """The examples of Noise, by their names, as the page makes them of its files."""
    cat = ddpm.to_pil(ddpm.from_pil(Image.open(CAT), MAX_SIZE, 3))
    for name, picture in zip(example_names(), (cat, *noise_tab.garments()), strict=True):
        buffer = io.BytesIO()
        picture.save(buffer, "png", optimize=True)
        yield name, buffer.getvalue()


def example_names() -> list[str]:
    garments = (USUAL.classes[k].lower().replace(" ", "-") for k in noise_tab.EXAMPLES)
    return ["cat", *(name.replace("/", "-") for name in garments)]


def shell() -> str:
    """The page's sentences and own scripts, as one."""
    parts = [
        'const LOCALE_MODULE = "./static/locale.js";',
        f"const WORDS = {_json(known.words())};",
        "const sentences = (language) => WORDS[language.slice(0, 2)];",
        _read("static/tabs.js"),
    ]
    return "\n".join([*parts, *(_read(f"scripts/{name}.js") for name in SCRIPTS)])


def packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _read(name: str) -> str:
    return (PAGE / name).read_text("utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def both(key: str) -> str:
    """A text in both languages: static.css shows one."""
    texts = I18N.translations_dict.items()
    return "".join(f'<span lang="{code}">{prose(words[key])}</span>' for code, words in texts)
