"""What the static edition's scripts know of settings, models and sentences; the tour's steps."""

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import ddpm
from ddpm.checkpoint import SHIPPED
from ddpm.data import USUAL
from ddpm.settings import Setting
from page.in_browser import files
from page.models.base import Model
from page.models.registry import MODELS, SETTINGS, walker
from page.models.request import ANY, EACH
from page.tabs.generate import link as generate_link
from page.tabs.generate.compare import axes
from page.tabs.generate.plane import plane
from page.tabs.noise import link as noise_link
from page.tabs.noise.drawing import drawing
from page.texts import I18N, TEXTS, key_of
from page.widgets.first_sight.first_sight import prose
from page.widgets.links import Linked
from page.workshop import tour
from page.workshop.links import LINKED

VALUES = ("steps", "guidance", "label", "calls")  # axes whose values no other setting decides
AXES = ("sampler", "steps", "schedule", "label", "guidance", "calls")  # of Compare
DRAWN = ("model", "label", "count", "steps", "sampler", "guidance", "schedule", "seed")
LINK = re.compile(r"\[([^]]+)\]\((https:[^)]+)\)")


def drawn_here() -> dict[str, tuple[Model, Path]]:
    """The models that browsers can draw with, and their files."""
    kinds = ((name, each, each.file) for name, each in MODELS.items())
    exports = ((name, each, files.exported(file)) for name, each, file in kinds if file)
    return {name: (each, file) for name, each, file in exports if file}


def of_scripts(model_paths: dict[str, str]) -> dict[str, Any]:
    """data.js: what the scripts know of settings and models."""
    places = _places()
    kind = walker()
    assert kind is not None
    noise = {"limits": drawing.LIMITS, "known": [*ddpm.SCHEDULES], "share": noise_link.SHARE_OF_T}
    models = {
        name: _model(each) | {"file": model_paths[name]} for name, (each, _) in drawn_here().items()
    }
    shipped = ddpm.load_checkpoint(SHIPPED / "fashion_mnist.safetensors")
    return {
        **{"places": places, "noise": noise, "models": models},
        **{"runtime": files.RUNTIME, "wasm": files.WASM},
        **{"classes": USUAL.classes, "schedule": SETTINGS["schedule"].default},
        **{"T": shipped.schedule.T, "walk": {"model": kind.name, "calls": kind.walk_calls}},
        **{"axes": {name: axes.AXES[name] for name in VALUES}, "calls": _calls()},
    }


def _calls() -> list[dict]:
    """What Compare's axis "calls" draws, row by row."""
    plain = {name: SETTINGS[name].default for name in ("schedule", "guidance")}
    return [{"calls": calls, "steps": calls} | plain | way for calls, way in axes.CALLS.items()]


def steps() -> list[dict]:
    """The tour's. One whose link asks for more than is here keeps its number and its texts."""
    steps = tour.load(tour.OWN, LINKED)
    return [each if _is_here(each["link"]) else _without_link(each) for each in steps]


def _is_here(link: str) -> bool:
    place, _, query = link.partition("?")
    if place not in _places():
        return False
    choices = {each["name"]: each["choices"] for each in _places()[place]["settings"]}
    asked = {name: text.split(",") for name, text in parse_qsl(query) if name != "v"}
    return asked.keys() <= choices.keys() and all(
        choices[name] is None or {*values} <= {*choices[name]} for name, values in asked.items()
    )


def _without_link(step: dict[str, Any]) -> dict[str, Any]:
    pairs = zip(TEXTS["static_step"], step["answer"], strict=True)
    return step | {"link": None, "answer": ["\n\n".join(pair) for pair in pairs]}


@cache
def _places() -> dict[str, Any]:
    drawn = (generate_link.DRAWING, generate_link.COMPARING, generate_link.WALKING)
    return {each.place: place_of(each) for each in (noise_link.LINKED, *drawn, plane.LINKED)}


def place_of(linked: Linked) -> dict[str, Any]:
    known = linked.settings
    if linked.place in ("generate", "compare"):
        names = [*DRAWN, *(("axis", "across", "schedules") if linked.place == "compare" else ())]
        known = {name: known[name] for name in names if name in known}
    return {"settings": [_setting(linked, linked.tab, name, each) for name, each in known.items()]}


def _setting(linked: Linked, tab: str, name: str, setting: Setting) -> dict[str, Any]:
    prefix = linked.place if f"{linked.place}_{name}" in TEXTS else tab
    label = key_of(prefix, name)
    if name.startswith(("corner_", "seed_")):
        label = f"walk_{name}"
    info = f"{prefix}_{name}_info"
    named, choices = _choices(linked, prefix, setting)
    default = list(setting.default) if setting.many else setting.default
    more = {"stops": [*MODELS[SETTINGS["model"].default].stops]} if name == "steps" else {}
    first = generate_link.first({}).get(name)
    if first is not None and linked.place in ("generate", "compare"):
        more |= {"first": first}
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
        any_class = [["generate_any", ANY]] if name == "label" else []
        turns = [["class_each", EACH]] if any_class and linked.place != "walk" else []
        return turns + any_class + classes, None
    if name == "model":
        here = [*drawn_here()]
        return [[f"generate_model_{each}", each] for each in here], here
    if setting.choices is None:
        return None, None
    if name in ("axis", "across"):
        names = [each for each in AXES if each in setting.choices]  # calls stand alone
        nothing = [["compare_across_none", "none"]] if name == "across" else []
        named = nothing + [[key_of("generate", each), each] for each in names]
        return named, [value for _, value in named]
    singular = name.removesuffix("s") if setting.many else name
    choices = list(setting.choices)
    return [[key_of(tab, f"{singular}_{each}"), each] for each in choices], choices


def _model(kind: Model) -> dict[str, Any]:
    fixed = {name: SETTINGS[name].default for name in kind.fixed if name in DRAWN}
    shows = [name for name in DRAWN if name == "model" or name in kind.shows]
    if len(kind.samplers) == 1:
        shows.remove("sampler")
    return {
        **{"samplers": [[f"sampler_{each}", each] for each in kind.samplers], "fixed": fixed},
        **{"stops": [*kind.stops], "few": [*kind.few], "shows": shows, "usual": dict(kind.usual)},
        "steps": kind.steps_for("", None),
    }


def words() -> dict[str, dict[str, str]]:
    """The page's sentences, as HTML where one may have a link."""
    return {
        code: {key: _html(text) if key.endswith("_info") else text for key, text in texts.items()}
        for code, texts in I18N.translations_dict.items()
    }


def _html(markdown: str) -> str:
    return LINK.sub(r'<a href="\2">\1</a>', prose(markdown))
