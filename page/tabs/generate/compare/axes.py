"""What a comparison draws: the values of one setting or of two, and everything else the same."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import ddpm
from ddpm.data import USUAL
from ddpm.settings import Setting
from page.models import registry
from page.models.base import Refused
from page.models.registry import BY_AGE, CHANGES, KINDS, MODELS, SETTINGS, Request
from page.models.request import ANY, GUIDES, MOST_CLASSES
from page.models.words import with_label_in_words
from page.server.listeners.validation import check_setting

TAB = "compare"
NONE = "none"
COUNTS = {1: 8, 2: 4}  # pictures under each value, by the number of axes
MAX_STEPS = 100  # under each value: a long comparison would keep other visitors waiting
MAX_CALLS = 1500  # altogether
# What may change, by its name in `Request`; and "calls", which stands alone.
AXES = {
    "sampler": list(ddpm.SAMPLERS),
    "steps": [2, 3, 5, 10, 20, 50],
    "schedule": list(SETTINGS["schedule"].choices),
    "guidance": [0, 1, 2, 4, 8],
    "label": [ANY, *range(MOST_CLASSES)],
    "model": [name for name, kind in MODELS.items() if kind.compared],
}
for _kind in BY_AGE:
    if _kind.name in MODELS:
        AXES |= _kind.axes
# From the same noise in ever more calls, each time by the model that is made for it.
CALLS = {
    calls: {"model": name, "sampler": kind.ways[calls]}
    for name, kind in sorted(KINDS.items(), key=lambda pair: [*pair[1].ways][:1])
    for calls in kind.ways
}
if len(GUIDES) > 1:
    AXES["guided_by"] = list(GUIDES)
SECOND = tuple(AXES)
if all(way["model"] in MODELS for way in CALLS.values()):
    AXES["calls"] = list(CALLS)
# Those of the axis "schedule", which may be drawn ones too.
_several = {"default": tuple(AXES["schedule"]), "about": "the values of the axis schedule"}
SCHEDULES = replace(SETTINGS["schedule"], name="schedules", many=True, **_several)
_VALUES = "; ".join(f"{name} ({', '.join(map(str, AXES[name]))})" for name in AXES)
AXIS = Setting("axis", str, f"what changes from row to row: {_VALUES}", "sampler", table=AXES)
ACROSS = Setting(
    "across", str, "what changes from column to column, if anything", NONE, table=(NONE, *SECOND)
)
# What everything shares, except for the axes; the model is last, where programs expect it.
SHARED = {
    name: setting
    for name, setting in SETTINGS.items()
    if name not in ("model", "count", "picture", *registry.OF_PICTURES)
} | {"steps": replace(SETTINGS["steps"], high=MAX_STEPS), "model": SETTINGS["model"]}


@dataclass(frozen=True)
class Comparison:
    axes: tuple[str, ...]  # down, and across if there are two
    requests: list[list[Request]]  # by row and column; one column if there is one axis
    checkpoints: dict[str, Any]  # the systems of all requests, by the models' names

    @property
    def count(self) -> int:
        return COUNTS[len(self.axes)]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels."""
        known = (each.classes for each in self.checkpoints.values() if each.classes)
        return next(known, USUAL.classes)

    @property
    def everything(self) -> list[Request]:
        return [request for row in self.requests for request in row]

    @property
    def calls(self) -> int:
        return sum(request.steps for request in self.everything)


def comparison(
    trained: str | None, axis: str, across: str, schedules: list[str], asked: Request
) -> Comparison:
    """Each value's request. gr.Error names a setting that can't be compared.

    `schedules` are the values of the axis of that name.
    """
    check_setting(AXIS, axis, TAB)
    check_setting(ACROSS, across, TAB)
    check_setting(SCHEDULES, schedules, TAB)
    if axis == across:
        raise Refused("same_axis")
    axes = (axis,) if across == NONE else (axis, across)
    if axis == "calls" and across != NONE:
        raise Refused("calls_alone")
    if "schedule" in axes and not schedules:
        raise Refused("no_schedule")
    checkpoints = _checkpoints(trained, asked.model, axes)
    kinds = [KINDS[name] for name in checkpoints]
    T = min(checkpoint.schedule.T for checkpoint in checkpoints.values())
    _check_axes(axes, asked, checkpoints)
    changes = bool({*CHANGES} & {*axes})
    if not changes and not {"steps", "calls"} & {*axes}:
        check_setting(replace(SETTINGS["steps"], high=min(MAX_STEPS, T)), asked.steps, "generate")
    if not changes:
        asked = replace(asked, picture=None)
    if "model" in axes:
        asked = with_label_in_words(asked)
    asked = kinds[0].suited(asked, checkpoints[kinds[0].name])
    asked = replace(asked, count=COUNTS[len(axes)])

    networks = [each.network for each in checkpoints.values()]
    known = [network.num_classes for network in networks]
    most = min(filter(None, known), default=len(AXES["label"]))  # classes that all of them draw

    def values(name: str) -> list:
        if name == "steps":
            few = kinds[0].few if all(kind.few for kind in kinds) else AXES[name]
            return [steps for steps in few if steps <= T]
        if name == "calls":
            return [calls for calls in CALLS if calls <= T]
        if name == "schedule":
            return list(dict.fromkeys(schedules))
        if name == "model":
            return list(checkpoints)
        if name == "label":
            needed = needs_class(axes, asked) or any(each.needs_label for each in networks)
            low = 0 if needed else ANY
            return [value for value in AXES[name] if low <= value < most]
        if name == "guided_by":
            return [guide for guide in AXES[name] if all(guide in kind.guides for kind in kinds)]
        if name == "guidance" and "guided_by" not in axes:
            guide = kinds[0].guides.get(asked.guided_by)
            return list((guide and guide.scales) or AXES[name])
        return list(AXES[name])

    down, *more = map(values, axes)
    requests = [
        [
            _request(dict(zip(axes, (value, *other), strict=True)), asked, checkpoints)
            for other in itertools.product(*more)  # once, if there is no second axis
        ]
        for value in down
    ]
    result = Comparison(axes, requests, checkpoints)
    if result.calls > MAX_CALLS:
        raise Refused("too_long", calls=result.calls, most=MAX_CALLS)
    return result


def _request(changes: dict, asked: Request, checkpoints: dict[str, Any]) -> Request:
    """What is drawn under these values of the axes. gr.Error if its model can't."""
    if "calls" in changes:
        calls = changes["calls"]
        plain = {name: SETTINGS[name].default for name in ("schedule", "guidance", "guided_by")}
        return replace(asked, steps=calls, **plain, **CALLS[calls])
    request = replace(asked, **changes)
    kind, system = request.kind, checkpoints[request.model]
    if "model" in changes:  # each in its own way, but for what the other axis changes
        request = replace(kind.fitted(request, system), **changes)
    elif {*CHANGES} & changes.keys():
        request = kind.suited(request, system)
    kind.check(request, system)
    return request


def _checkpoints(trained: str | None, model: str, axes: tuple[str, ...]) -> dict[str, Any]:
    """The systems to draw with, by name: on an axis, all that there are."""
    if "calls" in axes:
        return {way["model"]: registry.chosen(trained, way["model"]) for way in CALLS.values()}
    if "model" not in axes:
        return {model: registry.chosen(trained, model)}
    names = [
        name
        for name, kind in MODELS.items()
        if kind.compared
        and (kind.file or trained is not None)
        and ("label" not in axes or "label" in kind.heeds)
    ]
    if len(names) < 2:
        raise Refused("one_model")
    found = {name: registry.chosen(trained, name) for name in names}
    if len({system.network.shape for system in found.values()}) > 1:
        raise Refused("other_shape")
    return found


def _check_axes(axes: tuple[str, ...], asked: Request, checkpoints: dict[str, Any]) -> None:
    kinds = [KINDS[name] for name in checkpoints]
    others = [each for each in reversed(BY_AGE) if {*axes} & {*each.axes} and kinds != [each]]
    if others and len(kinds) > 1:
        raise Refused(f"only_{others[0].name}")
    for kind in kinds:
        kind.check_axes(axes, asked)
    if others:
        raise Refused(f"only_{others[0].name}")
    known = [checkpoints[kind.name].network.num_classes for kind in kinds if "label" in kind.heeds]
    own = {"label", "guidance"} if not asked.by_classifier else set()
    own = own - {"guidance"} if asked.by_worse else own
    if {"guided_by", *own} & {*axes} and None in known:
        raise Refused("no_classes")
    if known and needs_class(axes, asked) and asked.label == ANY and "label" not in axes:
        raise Refused("needs_class")


def needs_class(axes: tuple[str, ...], asked: Request) -> bool:
    """Whether guidance has to pull towards something."""
    by_classifier = asked.by_classifier and "calls" not in axes  # which decides it
    pulls = {"guided_by"} if asked.by_worse else {"guidance", "guided_by"}
    return by_classifier or bool(pulls & {*axes})


def changed(start: str, picture: str, axis: str, across: str) -> str | None:
    """The sketch, if this is what the axes change."""
    return picture if start == "sketch" and {axis, across} & {*CHANGES} else None
