"""What the static edition is made of, by the paths in its folder: the page's own instruments, taken
from the page as it is built, the browser's modules, and what the page knows of settings."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

import ddpm
from ddpm.checkpoint import SHIPPED
from ddpm.data import USUAL
from ddpm.settings import Setting
from page.in_browser import files
from page.layout import CSS, THEME, build
from page.models.base import Model
from page.models.registry import MODELS, SETTINGS, walker
from page.models.request import ANY
from page.tabs.generate import link as generate_link
from page.tabs.noise import link as noise_link
from page.tabs.noise import tab as noise_tab
from page.tabs.noise.drawing import drawing
from page.tabs.noise.forward import CAT, MAX_SIZE
from page.texts import TEXTS, by_language, key_of
from page.widgets.first_sight.first_sight import prose
from page.widgets.links import Linked

HERE = Path(__file__).parent
PAGE = HERE.parent
SCRIPTS = (
    "appearance",
    "dropped",
    "keyboard",
    "link",
    "room",
    "sheet",
    "visit",
    "zoom",
)  # of page/scripts
INSTRUMENTS = (
    *("header", "share", "noise-view", "generate-view", "generate-steps"),
    *("compare-view", "walk-view"),
)
ON_A_SERVER = {"noise-view": ("value", "tables", "model_log_snr")}  # props that a script makes here
SAMPLERS = ("ddim", "dpm_solver", "consistency")  # page/in_browser/samplers.js
AXES = ("sampler", "steps", "schedule", "label", "guidance")  # of Compare
DRAWN = ("model", "label", "count", "steps", "sampler", "guidance", "schedule", "seed")
LINK = re.compile(r"\[([^]]+)\]\((https:[^)]+)\)")
WORDS = (
    *(
        "static_",
        "line_no_link",
        "drawn_no_",
        "header_title",
        "comma",
        "stop",
        "stopping",
        "download_",
    ),
    *("generate_go_noise", "schedule_", "class_", "upload_", "noise_image", "compare_go"),
)


@cache
def instruments() -> dict[str, gr.HTML]:
    """By their ids, as the page has them."""
    found = {each.elem_id: each for each in build().blocks.values() if isinstance(each, gr.HTML)}
    return {name: found[name] for name in INSTRUMENTS}


def module_of(name: str, view: gr.HTML) -> str:
    """An instrument as a module, which host.js mounts."""
    without = ("value", *ON_A_SERVER[name]) if name in ON_A_SERVER else ()
    props = {key: value for key, value in view.props.items() if key not in without}
    if "value" not in without:
        props["value"] = view.value
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
    variables = THEME._get_theme_css()
    own = (_read(f"static/{name}.css") for name in ("static", "form"))
    sheets = [variables, CSS, *own]
    for name, view in instruments().items():
        sheets.append(f"#{name} > .instrument {{\n{view.css_template}\n}}")
    return "\n".join(sheets)


def drawn_here() -> dict[str, tuple[Model, Path]]:
    """The models that browsers can draw with, and their files."""
    kinds = ((name, each, each.file) for name, each in MODELS.items())
    exports = ((name, each, files.exported(file)) for name, each, file in kinds if file)
    return {name: (each, file) for name, each, file in exports if file}


def data(model_paths: dict[str, str], runtime: str, wasm: str) -> dict[str, Any]:
    """data.js: what the scripts know of settings, models and sentences."""
    places = {each.place: place_of(each) for each in _links()}
    kind = walker()
    assert kind is not None
    noise = {
        "limits": drawing.LIMITS,
        "known": [*ddpm.SCHEDULES],
        "share": noise_link.SHARE_OF_T,
    }
    models = {
        name: _model(each) | {"file": model_paths[name]} for name, (each, _) in drawn_here().items()
    }
    shipped = ddpm.load_checkpoint(SHIPPED / "fashion_mnist.safetensors")
    side = shipped.model.network.shape[-1]
    found = {
        **{"places": places, "noise": noise, "models": models, "runtime": runtime, "wasm": wasm},
        **{"classes": USUAL.classes, "schedule": SETTINGS["schedule"].default},
        **{"T": shipped.schedule.T, "side": side},
        "walk": {"model": kind.name, "calls": kind.walk_calls},
    }
    return found | {"words": _words(places, models)}


def _links() -> Iterable[Linked]:
    return noise_link.LINKED, generate_link.DRAWING, generate_link.COMPARING, generate_link.WALKING


def place_of(linked: Linked) -> dict[str, Any]:
    known = linked.settings
    if linked.place in ("generate", "compare"):
        names = [*DRAWN, *(("axis", "across", "schedules") if linked.place == "compare" else ())]
        known = {name: known[name] for name in names if name in known}
    tab = "noise" if linked.place == "noise" else linked.tab
    return {"settings": [_setting(linked, tab, name, each) for name, each in known.items()]}


def _setting(linked: Linked, tab: str, name: str, setting: Setting) -> dict[str, Any]:
    prefix = linked.place if f"{linked.place}_{name}" in TEXTS else tab
    label = key_of(prefix, name)
    if name.startswith(("corner_", "seed_")):
        label = f"walk_{name}"
    info = f"{prefix}_{name}_info"
    named, choices = _choices(linked, prefix, setting)
    default = list(setting.default) if setting.many else setting.default
    more = {"stops": [*MODELS[SETTINGS["model"].default].stops]} if name == "steps" else {}
    return {
        **{"name": name, "kind": setting.kind.__name__, "default": default},
        **{"low": setting.low, "high": setting.high, "step": setting.step},
        **{"many": setting.many, "pair": setting.pair, "form": setting.form},
        **{"choices": choices, "named": named, "label": label},
        **{"info": info if info in TEXTS and name != "model" else None},
        **more,
    }


def _choices(linked: Linked, tab: str, setting: Setting) -> tuple[list | None, list | None]:
    """A setting's choices with the keys of their texts, and alone."""
    name = setting.name
    if name == "label" or name.startswith("corner_"):
        classes = [[f"class_{each}", k] for k, each in enumerate(USUAL.classes)]
        return ([["generate_any", ANY]] if name == "label" else []) + classes, None
    if name == "model":
        here = [*drawn_here()]
        return [[f"generate_model_{each}", each] for each in here], here
    if setting.choices is None:
        return None, None
    if name in ("axis", "across"):
        names = [each for each in AXES]
        nothing = [["compare_across_none", "none"]] if name == "across" else []
        named = nothing + [[key_of("generate", each), each] for each in names]
        return named, [value for _, value in named]
    singular = name.removesuffix("s") if setting.many else name
    choices = list(setting.choices)
    if name == "sampler":
        choices = [each for each in choices if each in SAMPLERS]
    return [[key_of(tab, f"{singular}_{each}"), each] for each in choices], choices


def _model(kind: Model) -> dict[str, Any]:
    samplers = [each for each in kind.samplers if each in SAMPLERS]
    fixed = {name: SETTINGS[name].default for name in kind.fixed if name in DRAWN}
    shows = [name for name in DRAWN if name == "model" or name in kind.shows]
    if len(samplers) == 1:
        shows.remove("sampler")
    return {
        **{"samplers": [[f"sampler_{each}", each] for each in samplers], "fixed": fixed},
        **{"stops": [*kind.stops], "few": [*kind.few], "shows": shows, "usual": dict(kind.usual)},
        "steps": kind.steps_for("", None),
    }


def _words(places: dict, models: dict) -> dict[str, dict[str, str]]:
    """Of the scripts that are no instrument's, as HTML where a sentence has a link."""
    keys = {key for each in models.values() for key, _ in each["samplers"]} | {*WORDS}
    for setting in (each for place in places.values() for each in place["settings"]):
        keys |= {setting["label"], setting["info"], *(key for key, _ in setting["named"] or ())}
    found = by_language(*(key for key in keys if key))
    return {
        code: {key: _html(text) if key.endswith("_info") else text for key, text in words.items()}
        for code, words in found.items()
    }


def _html(markdown: str) -> str:
    return LINK.sub(r'<a href="\2">\1</a>', prose(markdown))


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
    """The page's own scripts, as one."""
    parts = ['const LOCALE_MODULE = "./static/locale.js";', _read("static/tabs.js")]
    return "\n".join([*parts, *(_read(f"scripts/{name}.js") for name in SCRIPTS)])


def packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _read(name: str) -> str:
    return (PAGE / name).read_text("utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def both(key: str) -> str:
    """A text in both languages: static.css shows one."""
    texts = by_language(key)
    return "".join(f'<span lang="{code}">{prose(texts[code][key])}</span>' for code in texts)
