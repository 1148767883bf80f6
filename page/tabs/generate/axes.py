"""What a comparison draws: the values of one setting or of two, and everything else the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import gradio as gr

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.settings import Setting
from page.compute import models
from page.server.validation import check_setting
from page.tabs.generate.request import ANY, SETTINGS, Request, check_steps, suited
from page.texts import both

TAB = "compare"
NONE = "none"
COUNTS = {1: 8, 2: 4}  # pictures under each value, by the number of axes
MAX_STEPS = 100  # under each value: a long comparison would keep other visitors waiting
MAX_CALLS = 1500  # altogether
# What may change, by its name in `Request`.
AXES = {
    "sampler": list(SETTINGS["sampler"].choices),
    "steps": [2, 3, 5, 10, 20, 50],
    "schedule": list(SETTINGS["schedule"].choices),
    "guidance": [0, 1, 2, 4, 8],
    "label": [ANY, *range(len(CLASS_NAMES))],
    "model": list(models.MODELS),
}
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
    "axis", str, f"what changes from row to row: {_VALUES}", default="sampler", table=tuple(AXES)
)
ACROSS = Setting(
    "across", str, "what changes from column to column, if anything", NONE, table=(NONE, *AXES)
)
# What everything shares, except for the axes; the model is last, where programs expect it.
SHARED = {
    name: setting
    for name, setting in SETTINGS.items()
    if name not in ("model", "count", "picture", "noise")
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
    checkpoints: dict[str, ddpm.Checkpoint]  # by name, of all requests

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
    if "schedule" in axes and not schedules:
        raise Refused("no_schedule")
    checkpoints = _checkpoints(trained, asked.model, axes)
    T = min(checkpoint.schedule.T for checkpoint in checkpoints.values())
    _check_classes(axes, asked, checkpoints)
    if "steps" not in axes:
        check_steps(asked.steps, min(MAX_STEPS, T))
    asked = suited(asked, next(iter(checkpoints.values())))
    asked = replace(asked, count=COUNTS[len(axes)])

    def values(name: str) -> list:
        if name == "steps":
            return [steps for steps in AXES[name] if steps <= T]
        if name == "schedule":
            return list(dict.fromkeys(schedules))
        if name == "model":
            return list(checkpoints)
        # guidance needs a class
        return [value for value in AXES[name] if value != ANY or "guidance" not in axes]

    down, *more = map(values, axes)
    columns = more[0] if more else [None]
    requests = [
        [replace(asked, **{axis: value} | ({across: other} if more else {})) for other in columns]
        for value in down
    ]
    result = Comparison(axes, requests, checkpoints)
    if result.calls > MAX_CALLS:
        raise Refused("too_long", calls=result.calls, most=MAX_CALLS)
    return result


def _checkpoints(
    trained: str | None, model: str, axes: tuple[str, ...]
) -> dict[str, ddpm.Checkpoint]:
    """The models to draw with, by name: on an axis, all that there are."""
    if "model" not in axes:
        return {model: models.chosen(trained, model)}
    names = [name for name in AXES["model"] if name != "trained" or trained is not None]
    if len(names) < 2:
        raise Refused("one_model")
    found = {name: models.chosen(trained, name) for name in names}
    if len({checkpoint.model.network.shape for checkpoint in found.values()}) > 1:
        raise Refused("other_shape")
    return found


def _check_classes(axes: tuple[str, ...], asked: Request, checkpoints: dict) -> None:
    classes = [checkpoint.config.unet.num_classes for checkpoint in checkpoints.values()]
    if {"label", "guidance"} & set(axes) and None in classes:
        raise Refused("no_classes")
    if "guidance" in axes and asked.label == ANY and "label" not in axes:
        raise Refused("needs_class")
