"""What is shown of the settings: by the view that is open, the model, the start and the axes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from page.models.base import Model
from page.models.registry import CHANGES, KINDS, OF_ONE_MODEL, OF_PICTURES, SETTINGS, model_of
from page.models.request import ALL_TIMES, ANY, EACH, GUIDES, TAB
from page.texts import class_text, text
from page.widgets.controls import named_choices
from page.widgets.sliders.sliders import slider_props

PLACES = ("main", "more")  # where models have settings of their own in a column
# What is done with a sketch: on the page what may be left out, a move, begins at 0.
OF_THE_SKETCH = {
    name: replace(SETTINGS[name], default=0, optional=False)
    if SETTINGS[name].optional
    else SETTINGS[name]
    for name in OF_PICTURES
}
SHOWN = [name for name in SETTINGS if name not in ("picture", *OF_THE_SKETCH)]  # the others
# What a model may have no use for, with what stands around it.
COLUMNS = [("label",), ("words",), ("picture",), ("guidance", "interval")]
COLUMNS += [("schedule", "guided_by")]
COLUMNS += [each for kind in KINDS.values() for place in PLACES if (each := kind.placed(place))]
LOOSE = {*OF_ONE_MODEL} - {name for names in COLUMNS for name in names}  # in no column
INTERVAL = "generate_interval"  # text key
OF_A_WAY = ("guidance", "interval")  # as in `ways_of`
# What may be best for one model and not for another, and changes when a visitor chooses one.
_by_hand = [name for kind in KINDS.values() for name in kind.by_hand]
OWN = tuple(dict.fromkeys(("steps", "guidance", *_by_hand)))
# what the axis "calls" of Compare decides
DECIDED = ("model", "sampler", "steps", "schedule", "guidance", "guided_by")


def arranged(
    view: str, model: str, start: str, axis: str, across: str, guidance: float | None = 1
) -> list:
    """What is shown of the settings while a view is open: walk and points have their own."""
    kind, is_compare = model_of(model), view == "compare"
    axes = {axis, across} if is_compare else None
    changes = bool(axes and axes & {*CHANGES})
    starts = changes or not is_compare
    is_sketch = starts and start == "sketch"
    hidden = kind.hides(is_sketch, axes) | (LOOSE - kind.heeds)
    varied = axes or set()
    is_guided = guidance != 1 or bool(varied & {"guidance", "guided_by"})
    if not (is_guided and "interval" in kind.shows and "calls" not in varied):
        hidden |= {"interval"}
    for names in COLUMNS:  # of one that is shown for another setting in it
        hidden |= {*names} - kind.shows if kind.shows & {*names} else set()
    if axes:
        hidden |= {*axes, "count", *(DECIDED if axis == "calls" else ())}
    seen = {name: {"visible": name not in hidden} for name in SHOWN}
    seen["guided_by"]["visible"] &= len(guides_of(kind)) > 1
    seen["steps"] |= steps_of(kind)
    seen["interval"] |= slider_props(SETTINGS["interval"], INTERVAL)
    go, about = kind.texts_of_a_picture
    return [
        gr.update(visible=view in ("draw", "compare")),
        gr.Button(text(go if is_sketch else f"generate_go_{start}")),
        gr.update(visible=starts),
        gr.update(visible=is_sketch),
        text(about if is_sketch else Model.texts_of_a_picture[1]),
        *(
            gr.update(visible=name in kind.of_a_picture and not is_compare)
            for name in OF_THE_SKETCH
        ),
        *(gr.update(**each) for each in seen.values()),
    ]


def interval_of(*given) -> dict:
    """The interval alone, as `arranged`."""
    return arranged(*given)[-len(SHOWN) :][SHOWN.index("interval")]


def guides_of(kind: Model) -> list[tuple]:
    """What can guide the model, as far as its files are there."""
    guides = [name for name in GUIDES if name in kind.guides]
    return named_choices(TAB, replace(SETTINGS["guided_by"], table=guides))


def usual_way(model: str, guided_by: str, guidance: float | None, interval: Sequence[int]) -> list:
    """A scale and times that are usual for another guide give way to those usual for this."""
    ways = ways_of(model_of(model))
    own, given = ways.get(guided_by), (guidance, tuple(interval))
    gives_way = own and given in ways.values() and given != own
    return [own[0], [*own[1]]] if gives_way else [gr.skip()] * 2


def ways_of(kind: Model) -> dict[str, tuple[float, tuple[int, int]]]:
    """The usual scale and times of each guide."""
    plain = SETTINGS["guidance"].default
    return {
        name: (guide.usual, guide.times or ALL_TIMES) if guide else (plain, ALL_TIMES)
        for name, guide in kind.guides.items()
    }


def steps_of(kind: Model) -> dict:
    """What the slider of steps offers."""
    stops = list(kind.stops)
    setting = replace(SETTINGS["steps"], low=stops[0], high=stops[-1])
    return slider_props(setting, "generate_steps", stops=stops)


def samplers_of(kind: Model) -> list[tuple]:
    return [(text(f"sampler_{name}"), name) for name in kind.samplers]


def labels_of(kind: Model, trained: Any) -> list[tuple]:
    names = kind.classes(trained)
    turns = [(text("class_each"), EACH), (text("generate_any"), ANY)]
    return [*turns, *((class_text(name), k) for k, name in enumerate(names))]


def class_for(of: str, start: str, label: int):
    """A sketch is of a class already, whatever it is; noise becomes each in turn."""
    usual, other = {"sketch": (ANY, EACH), "noise": (EACH, ANY)}[of]
    return usual if start == of and label == other else gr.skip()


def for_model(
    model: str,
    sampler: str,
    steps: int | None,
    label: int = ANY,
    trained: Any = None,
    guided_by: str = "labels",
) -> list:
    """Offer what this model can do: the columns, its classes, the way in which it draws, and the
    start. A class or a way of drawing that is another model's gives way to its."""
    kind = model_of(model)
    labels = labels_of(kind, trained)
    other = {} if label in [value for _, value in labels] else {"value": EACH}
    is_ours = sampler in kind.samplers
    # of one as a link has it nothing is set: nothing may arrive after the next link
    usual_sampler = kind.usual.get("sampler", SETTINGS["sampler"].default)
    radio = {} if is_ours else {"value": usual_sampler}
    number = kind.steps_for(sampler, steps)
    slider = {} if number == steps else {"value": number}
    plain = [
        gr.skip() if is_ours or name not in kind.fixed else SETTINGS[name].default
        for name in ("guidance", "schedule")
    ]
    guides, is_fixed = guides_of(kind), not is_ours and "guided_by" in kind.fixed
    is_known = guided_by in [name for _, name in guides]
    guide = {} if is_known and not is_fixed else {"value": SETTINGS["guided_by"].default}
    return [
        *(gr.Column(visible=bool(kind.shows & {*names})) for names in COLUMNS),
        gr.Dropdown(labels, **other),
        gr.Radio(samplers_of(kind), **radio),
        gr.HTML(**steps_of(kind), **slider),
        *plain,
        gr.Radio(guides, **guide),
        gr.skip() if "picture" in kind.heeds else "noise",
    ]


def usual(model: str, guided_by: str, *values: Any) -> list:
    """A value of `OWN` that is usual for another model gives way to the one usual for this; only
    when a visitor chooses the model, since a link says what it means."""
    kind = model_of(model)
    has_guide = "guided_by" in kind.heeds and kind.guides.get(guided_by) is not None
    ways = [way for each in KINDS.values() for way in ways_of(each).values()]
    others = [each for each in KINDS.values() if not each.few]

    def best(of: Model, name: str) -> Any:
        return {**of.usual, **of.by_hand}.get(name, SETTINGS[name].default)

    found = []
    for name, value in zip(OWN, values, strict=True):
        value = tuple(value) if isinstance(value, list) else value
        known = [SETTINGS[name].default, *(best(each, name) for each in others)]
        ours = best(kind, name)
        if name in OF_A_WAY:
            at = OF_A_WAY.index(name)
            known += [way[at] for way in ways]
            ours = ways_of(kind)[guided_by][at] if has_guide else ours
        gives_way = value in known and value != ours and not kind.few
        new = [*ours] if isinstance(ours, tuple) else ours
        found.append(new if gives_way else gr.skip())
    return found
