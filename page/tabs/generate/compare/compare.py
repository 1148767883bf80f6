"""Compare, in the Generate tab: one setting changes or two, the noise stays the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import gradio as gr
from torch import Tensor

import ddpm
from page.compute import COMPUTE
from page.jobs import run_queue
from page.models import registry
from page.models.registry import KINDS, OF_ONE_MODEL, SETTINGS, Request
from page.server.listeners.endpoints import OBJECT, Value, endpoint
from page.server.listeners.validation import worded
from page.tabs.generate.compare import axes
from page.tabs.generate.compare.axes import SHARED
from page.tabs.generate.compare.time_estimate import PACE
from page.tabs.generate.controls.stops import Stops
from page.widgets import data_uri
from page.widgets.film.scrubber import FRAME_S

NROW = {1: 8, 2: 2}  # pictures beside each other, by the number of axes
RETURNS = {
    "comparison": Value(
        "noise (x_T), or the picture given, and rows, each with its value, picture, network calls "
        "and seconds, or with one such cell for each value of across; pictures are PNG data URIs, "
        "each 28 pixels wide and 2 apart, eight in a row or, with across, two by two; same: the "
        "settings that all share; classes: the names of the labels; with the axis calls, a row's "
        "model and sampler; note: the state of the comparison",
        OBJECT,
    )
}
PICTURE = "; ".join(
    f"of model={name}, what the axes {', '.join(kind.changes[:-1])} and {kind.changes[-1]} change: "
    "base64 of 28 × 28 grey levels"
    for name, kind in KINDS.items()
    if kind.changes
)
# After the axis; the newest are last, where programs expect them.
_LATER = {"across": axes.ACROSS, "schedules": axes.SCHEDULES}
_LATER |= {name: SHARED[name] for name in ("guided_by", *OF_ONE_MODEL)}
_LATER |= {"picture": replace(SETTINGS["picture"], about=PICTURE), "interval": SHARED["interval"]}
TAKES = {name: SHARED[name] for name in SHARED if name not in _LATER} | _LATER
STOPS = Stops()


def compare(
    visit: gr.Request, trained: str | None, use_trained: bool, axis: str, *settings
) -> Iterator[dict]:
    """Draw the same noises under each value of one setting, or of two: row by row, streamed.

    An axis runs through its values, and the argument of the same name is ignored; the others hold
    for every row. The axis guidance needs a label from 0 to 9; the axis schedule runs through
    `schedules`. With across, the rows have columns.
    """
    for view, _ in boards(visit, trained, use_trained, axis, *settings):
        yield view


def boards(
    visit: gr.Request, trained: str | None, use_trained: bool, axis: str, *settings
) -> Iterator[tuple[dict, Board]]:
    """`compare`, with the board that its views are of."""
    with worded():
        asked, across, schedules = _asked(use_trained, *settings)
        plan = axes.comparison(trained, axis, across, schedules, asked)
        first = plan.requests[0][0]
        x, _ = registry.trajectory(plan.checkpoints[first.model], first)
    board = Board(plan, data_uri.grid_uri(x, NROW[len(plan.axes)]))
    logged = {name: getattr(asked, name) for name in SHARED}
    logged |= {"count": plan.count, "picture": asked.picture is not None}
    logged |= {name: len(logged[name]) for name in ("words", "words_before")}
    with STOPS.run(visit) as stop:
        yield board.view("wait"), board  # before joining the line, as in `run`
        with run_queue.SAMPLING.turn("compare", visit, **logged, axis=axis, across=across) as turn:
            for line in turn.waiting(stop):
                yield board.view("waiting", **line), board
                if stop.is_set():
                    turn.ended = "left"
                    yield board.view("left"), board
                    return
            # outside the first row's time
            COMPUTE.warm_up(registry.trajectory(plan.checkpoints[first.model], first)[1])
            shown = time.monotonic()
            for row, column, step, seconds in _steps(plan):
                board.calls += 1
                turn.report(board.calls / plan.calls)
                request = plan.requests[row][column]
                is_last = board.calls == plan.calls
                ended = "stopped" if stop.is_set() else "out_of_time" if turn.is_over else None
                ended = None if is_last else ended
                if step.i + 1 == request.steps:
                    PACE.took(request, seconds)
                elif not ended and time.monotonic() - shown < FRAME_S:
                    continue
                board.fill(row, column, step, seconds)
                yield board.view("now", row=row + 1, rows=len(plan.requests)), board
                shown = time.monotonic()
                if ended:
                    turn.ended = ended
                    done = {"calls": board.calls, "total": plan.calls}
                    yield board.view(ended, seconds=round(turn.seconds), **done), board
                    return
    device = COMPUTE.device_name(plan.checkpoints[first.model])
    took = {"cells": len(plan.everything), "seconds": board.seconds, "device": device}
    yield board.view("done", **took), board


def _asked(use_trained: bool, *settings) -> tuple[Request, str, list[str]]:
    """The request that all share, the second axis, and the schedules of an axis. The last settings
    may be missing."""
    defaults = {name: each.default for name, each in TAKES.items()}
    given = defaults | dict(zip(TAKES, settings, strict=False))
    across, schedules = given.pop("across"), given.pop("schedules")
    given["model"] = registry.with_model(use_trained, given["model"])
    return Request(count=axes.COUNTS[1], **given), across, schedules


class Board:
    """A comparison as programs and compare.js see it."""

    def __init__(self, plan: axes.Comparison, noise: str):
        self.nrow = NROW[len(plan.axes)]
        self.calls = 0
        self.pictures: dict[str, Tensor] = {}  # by "row.column"
        self._plan = plan
        self._cells = [
            [{"picture": "", "calls": 0, "steps": request.steps, "seconds": 0} for request in row]
            for row in plan.requests
        ]
        axis, across = plan.axes if len(plan.axes) == 2 else (*plan.axes, None)
        self._fixed = {
            "began": time.monotonic(),  # identifies the run
            "axis": axis,
            "across": across,
            "same": _same(plan),
            "classes": plan.classes,
            "noise": {"picture": noise, "is_given": plan.everything[0].picture is not None},
            "total": plan.calls,
        }

    @property
    def seconds(self) -> float:
        return round(sum(cell["seconds"] for row in self._cells for cell in row), 1)

    def fill(self, row: int, column: int, step: ddpm.Step, seconds: float) -> None:
        self.pictures[f"{row}.{column}"] = step.x
        picture = data_uri.grid_uri(step.x, self.nrow)
        now = {"picture": picture, "calls": step.i + 1, "seconds": round(seconds, 3)}
        self._cells[row][column] = self._cells[row][column] | now

    def view(self, state: str, **values) -> dict:
        rows = []
        axis = self._fixed["axis"]
        for requests, cells in zip(self._plan.requests, self._cells, strict=True):
            first = requests[0]
            if axis == "calls":
                row = {"value": first.steps, "model": first.model, "sampler": first.sampler}
            else:
                row = {"value": getattr(first, axis)}
            if across := self._fixed["across"]:
                pairs = zip(requests, cells, strict=True)
                row["cells"] = [{"value": getattr(each, across)} | cell for each, cell in pairs]
            else:
                row |= cells[0]
            rows.append(row)
        return self._fixed | {"calls": self.calls, "rows": rows, "note": {"state": state} | values}


def _steps(plan: axes.Comparison) -> Iterator[tuple[int, int, ddpm.Step, float]]:
    """Each row's and column's steps, with the seconds that it has taken so far."""
    for i, row in enumerate(plan.requests):
        for j, request in enumerate(row):
            system = plan.checkpoints[request.model]
            run = registry.trajectory(system, request)[1]
            for step, seconds in _timed(registry.finite(run, request, system)):
                yield i, j, step, seconds


def _timed(run: Iterator[ddpm.Step]) -> Iterator[tuple[ddpm.Step, float]]:
    """Each step with the seconds of sampling so far, not counting drawing and sending."""
    seconds = 0.0
    begin = time.perf_counter()
    for step in run:
        step.x.cpu()  # waits for the GPU
        seconds += time.perf_counter() - begin
        yield step, seconds
        begin = time.perf_counter()


def _same(plan: axes.Comparison) -> dict:
    """The settings that everything shares, in display order."""
    last = plan.everything[-1]
    matter = {"model"}.union(*(KINDS[name].relevant(last, plan.axes) for name in plan.checkpoints))
    values = {
        name: {getattr(request, name) for request in plan.everything}
        for name in ("model", *SHARED)  # in display order
        if name in matter and name not in plan.axes
    }
    same = {name: value for name, (value, *others) in values.items() if not others}
    for name in ("guided_by", "interval", "from_one", "prior"):
        if same.get(name) == SHARED[name].default:
            del same[name]  # goes without saying
    if same.get("guidance") == 1:
        same.pop("interval", None)  # of nothing
    return same


def add_endpoint(trained: gr.State) -> None:
    """/compare"""
    takes = {"trained": trained, "use_trained": registry.USE_TRAINED, "axis": axes.AXIS} | TAKES
    endpoint(compare, "compare", takes, RETURNS, concurrency_limit=None)
