"""What links to Draw, Compare and Walk say. They carry no sketch and no model of a visitor's."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import gradio as gr

from page.models.registry import FIRST, KINDS, MODELS, OF_PICTURES, SETTINGS, Request, model_of
from page.models.request import ANY, EACH, TAB
from page.tabs.generate.compare.axes import ACROSS, AXIS, SCHEDULES, SHARED
from page.tabs.generate.controls.controls import START, Controls
from page.tabs.generate.controls.visibility import OF_THE_SKETCH, SHOWN, steps_of
from page.tabs.generate.walk.walk import CORNERS, Place, in_browser, names, place_of, seeds_from
from page.tabs.generate.walk.walk import SETTINGS as ON_THE_PAD
from page.widgets.drawn_schedule import offered
from page.widgets.links import OPENINGS, Linked, Values
from page.widgets.settings_line import settings_line
from page.widgets.walk import walk

_models = [name for name, kind in MODELS.items() if kind.file]  # that all visitors have
MODEL = {"model": replace(SETTINGS["model"], table=_models)}


def _kind(values: Values):
    return KINDS[values.get("model", SETTINGS["model"].default)]


def usual(values: Values) -> Values:
    """What a model is best with."""
    return dict(_kind(values).usual)


def first(values: Values) -> Values:
    """What the page begins with. A link that names no class means any, and one that names no model
    the one that came before, as they always have."""
    label = {} if values.get("start") == "sketch" else {"label": EACH}
    return usual(values) | label | {"model": FIRST}


def unused(values: Values) -> set[str]:
    """What the model of a drawing or a comparison doesn't heed."""
    axes = {values.get("axis"), values.get("across")}
    if axes & {"model", "calls"}:
        return set()  # there are several
    kind, is_sketch = _kind(values), values.get("start") == "sketch"
    without = SETTINGS.keys() - {"model"} - kind.heeds
    without |= kind.unlinked(is_sketch, is_compare="axis" in values)
    without |= set() if is_sketch else {*OF_PICTURES}
    without |= {"label"} if is_sketch and values.get("label") == EACH else set()
    if values.get("guidance") == 1 and not axes & {"guidance", "guided_by"}:
        without |= {"interval"}
    return without | (set() if "picture" in kind.heeds else {"start"})


def unused_alone(values: Values) -> set[str]:
    """The same of a drawing, whatever Compare is set to."""
    return unused({name: values[name] for name in values.keys() - {"axis", "across"}})


_drawn = {name: SETTINGS[name] for name in SHOWN} | MODEL | {"start": START} | OF_THE_SKETCH
DRAWING = Linked(TAB, _drawn, TAB, "draw", changed_defaults=usual, unused=unused_alone)
AXES = {"axis": AXIS, "across": ACROSS, "schedules": SCHEDULES}
COMPARING = Linked(
    "compare", SHARED | MODEL | AXES, TAB, "compare", changed_defaults=usual, unused=unused
)
# each corner's class and seed by itself, since two may have the same
WALKING = Linked(
    "walk",
    {name: ON_THE_PAD[name] for name in ("x", "y", "corners", "label", "seed")}
    | {f"corner_{k}": replace(SETTINGS["label"], name=f"corner_{k}", default=Place().classes[k],
                              low=0) for k in range(CORNERS)}
    | {f"seed_{k}": replace(ON_THE_PAD["seed"], name=f"seed_{k}", default=k)
       for k in range(CORNERS)},
    TAB,
    "walk",
    changed_defaults=lambda values: {
        f"seed_{k}": each for k, each in enumerate(seeds_from(values.get("seed", 0)))
    },
)  # fmt: skip


def made(request: Request, system: Any) -> dict:
    """What a run draws and how, for who looks at it later; with the link that draws it again,
    unless it begins with a picture or is by a visitor's own model, which no link carries."""
    kind = request.kind
    carried = request.picture is None and request.model in MODEL["model"].table
    texts = kind.texts(request) if "words" in kind.heeds else None
    return {
        "link": DRAWING.write(asdict(request)) if carried else None,
        "words": " → ".join(texts or []) or None,
        "label": None if request.label == ANY and texts != [] else kind.subject(request, system),
        "model": request.model,
        "sampler": request.sampler,
        "steps": request.steps,
        "seed": request.seed,
    }


def connect_line(settings: Controls, axes: Sequence[gr.Dropdown]) -> None:
    """The line that the settings fold to names a visitor's own model too, which no link carries."""
    places = [
        replace(each, settings=each.settings | {"model": SETTINGS["model"]}, changed_defaults=first)
        for each in (DRAWING, COMPARING)
    ]
    beside = {"axis": axes[0], "across": axes[1], "trained": settings.trained}

    def classes(values: Values) -> tuple[str, ...]:
        return model_of(values["model"]).classes(values["trained"])

    settings_line.connect(settings.line, places, settings.by_setting, beside, classes)


def walk_updates(values: Values) -> list[gr.HTML]:
    """Of the view: all that it reads, since a view that was never opened would keep no more than
    this."""
    place = asdict(place_of(values))
    return [gr.HTML(**walk.props(WALKING.place, place, names(), in_browser(), next(OPENINGS)))]


def updates(linked: Linked, values: Values) -> list:
    """Of the place's controls, in the order of its settings."""
    schedule = values["schedule"]
    special = {
        "schedule": gr.update(choices=offered(TAB, SETTINGS["schedule"], schedule), value=schedule),
        "steps": gr.HTML(value=values["steps"], **steps_of(model_of(values["model"]))),
    }
    if "schedules" in values:
        special["schedules"] = list(values["schedules"])
    return [(values | special)[name] for name in linked.settings]
