"""What a comparison draws: the values of one setting or of two, and everything else the same."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import gradio as gr

import ddpm
from ddpm.data.captions import noun
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.settings import Setting
from page.compute import models
from page.server.listeners.validation import check_setting
from page.tabs.generate.drawing.drawing import check_model, check_steps, fitted, is_student, suited
from page.tabs.generate.drawing.request import (
    ANY,
    SETTINGS,
    STUDENT_SAMPLER,
    STUDENT_STEPS,
    Request,
)
from page.tabs.generate.words import by_words, unclip
from page.texts import both

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
    "label": [ANY, *range(len(CLASS_NAMES))],
    "model": [name for name in models.MODELS if name != "words"],  # whose noise is of another size
}
if "words" in models.MODELS:
    AXES["thresholding"] = list(by_words.THRESHOLDING)
if "cascade" in models.MODELS:
    AXES["aug"] = [0, 200, 400, 600, 800, 1000]
if "unclip" in models.MODELS:
    AXES |= unclip.AXES
# From the same noise in ever more calls, each time by the model that is made for it.
CALLS = {
    1: {"model": "student", "sampler": STUDENT_SAMPLER},
    2: {"model": "student", "sampler": STUDENT_SAMPLER},
    10: {"model": "shipped", "sampler": SETTINGS["sampler"].default},
    1000: {"model": "shipped", "sampler": "ddpm"},
}
# by the axis "calls"
DECIDED = ("model", "sampler", "steps", "schedule", "guidance", "guided_by")
if len(models.GUIDES) > 1:
    AXES["guided_by"] = list(models.GUIDES)
SECOND = tuple(AXES)
if "student" in models.MODELS:
    AXES["calls"] = list(CALLS)
# Those of the axis "schedule", which may be drawn ones too.
SCHEDULES = Setting(
    "schedules",
    str,
    "the values of the axis schedule",
    default=tuple(AXES["schedule"]),
    table=SETTINGS["schedule"].table,
    form=SETTINGS["schedule"].form,
    many=True,
)
_VALUES = "; ".join(f"{name} ({', '.join(map(str, AXES[name]))})" for name in AXES)
AXIS = Setting(
    "axis", str, f"what changes from row to row: {_VALUES}", default="sampler", table=AXES
)
ACROSS = Setting(
    "across", str, "what changes from column to column, if anything", NONE, table=(NONE, *SECOND)
)
# What everything shares, except for the axes; the model is last, where programs expect it.
SHARED = {
    name: setting
    for name, setting in SETTINGS.items()
    if name not in ("model", "count", "picture", "noise", *unclip.MOVES)
} | {"steps": replace(SETTINGS["steps"], high=MAX_STEPS), "model": SETTINGS["model"]}


class Refused(gr.Error):
    """A comparison that makes no sense, or takes too long: `key` names the text that says why."""

    def __init__(self, key: str, **values):
        super().__init__(both(f"compare_{key}").format(**values), print_exception=False)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Comparison:
    axes: tuple[str, ...]  # down, and across if there are two
    requests: list[list[Request]]  # by row and column; one column if there is one axis
    checkpoints: dict[str, models.Model]  # by name, of all requests

    @property
    def count(self) -> int:
        return COUNTS[len(self.axes)]

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
    T = min(checkpoint.schedule.T for checkpoint in checkpoints.values())
    _check_classes(axes, asked, checkpoints)
    if not {"steps", "calls", *unclip.OF_PAIRS} & {*axes}:
        check_steps(asked.steps, min(MAX_STEPS, T))
    if not {*unclip.OF_PAIRS} & {*axes}:
        asked = replace(asked, picture=None)
    if "model" in axes and asked.label != ANY:  # in a word, for models that know no classes
        asked = replace(asked, words=noun(CLASS_NAMES[asked.label]))
    asked = suited(asked, next(iter(checkpoints.values())))
    asked = replace(asked, count=COUNTS[len(axes)])

    def values(name: str) -> list:
        if name == "steps":
            few = all(map(is_student, checkpoints.values()))
            return [steps for steps in (STUDENT_STEPS if few else AXES[name]) if steps <= T]
        if name == "calls":
            return [calls for calls in CALLS if calls <= T]
        if name == "schedule":
            return list(dict.fromkeys(schedules))
        if name == "model":
            return list(checkpoints)
        return [value for value in AXES[name] if value != ANY or not needs_class(axes, asked)]

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


def _request(changes: dict, asked: Request, checkpoints: dict[str, models.Model]) -> Request:
    """What is drawn under these values of the axes. gr.Error if its model can't."""
    if "calls" in changes:
        calls = changes["calls"]
        plain = {name: SETTINGS[name].default for name in ("schedule", "guidance", "guided_by")}
        return replace(asked, steps=calls, **plain, **CALLS[calls])
    request = replace(asked, **changes)
    checkpoint = checkpoints[request.model]
    if request.from_pair:
        request = suited(request, checkpoint)
    if "model" in changes:  # each in its own way, but for what the other axis changes
        request = replace(fitted(request, checkpoint), **changes)
    check_model(request, checkpoint)
    return request


def _checkpoints(trained: str | None, model: str, axes: tuple[str, ...]) -> dict[str, models.Model]:
    """The models to draw with, by name: on an axis, all that there are."""
    if "calls" in axes:
        return {way["model"]: models.chosen(trained, way["model"]) for way in CALLS.values()}
    if "model" not in axes:
        return {model: models.chosen(trained, model)}
    left_out = {"words"} | ({"trained"} if trained is None else set())
    if "label" in axes:
        left_out.add("unclip")  # which knows none
    names = [name for name in models.MODELS if name not in left_out]
    if len(names) < 2:
        raise Refused("one_model")
    found = {name: models.chosen(trained, name) for name in names}
    if len({models.network_of(checkpoint).shape for checkpoint in found.values()}) > 1:
        raise Refused("other_shape")
    return found


def _check_unclip(axes: tuple[str, ...], asked: Request, checkpoints: dict) -> None:
    changed = {*axes}
    if [*checkpoints] != ["unclip"]:
        if changed & {*unclip.AXES}:
            raise Refused("only_unclip")
        return
    if changed & {"label", "schedule", "guided_by", "thresholding", "aug", "from_one"}:
        raise Refused("unclip_axis")
    if changed & {*unclip.OF_PAIRS} and changed & {*unclip.OWN_WAY}:
        raise Refused("unclip_fixed", steps=unclip.OWN_WAY["steps"])
    if "eta" in changed and asked.picture is None:
        raise Refused("needs_picture")


def _check_classes(axes: tuple[str, ...], asked: Request, checkpoints: dict) -> None:
    _check_unclip(axes, asked, checkpoints)
    if [*checkpoints] == ["unclip"]:
        return
    if [*checkpoints] == ["words"]:
        if {"label", "schedule", "guided_by", "aug"} & {*axes}:
            raise Refused("words_axis")
        return
    if "thresholding" in axes:
        raise Refused("only_words")
    if "cascade" in checkpoints and {"schedule", "guided_by"} & {*axes}:
        raise Refused("cascade_axis")
    if "aug" in axes and [*checkpoints] != ["cascade"]:
        raise Refused("only_cascade")
    classes = [
        models.network_of(checkpoint).num_classes
        for name, checkpoint in checkpoints.items()
        if name != "unclip"  # which has words in their place
    ]
    own = {"label", "guidance"} if not asked.by_classifier else set()
    if {"guided_by", *own} & {*axes} and None in classes:
        raise Refused("no_classes")
    if needs_class(axes, asked) and asked.label == ANY and "label" not in axes:
        raise Refused("needs_class")


def needs_class(axes: tuple[str, ...], asked: Request) -> bool:
    """Whether guidance has to pull towards something."""
    by_classifier = asked.by_classifier and "calls" not in axes  # which decides it
    return by_classifier or bool({"guidance", "guided_by"} & {*axes})
