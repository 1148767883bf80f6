"""Compare, in the Generate tab: one setting changes from row to row, the noise stays the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.settings import Setting
from page.compute import COMPUTE, models
from page.server import run_queue
from page.server.endpoints import OBJECT, Value, endpoint
from page.server.validation import check_setting
from page.tabs.generate.buttons import run_on, stop_on
from page.tabs.generate.request import (
    ANY,
    FRAME_S,
    SETTINGS,
    Request,
    check_steps,
    suited,
    trajectory,
)
from page.tabs.generate.stops import Stops
from page.texts import both, key_of, text
from page.widgets import data_uri
from page.widgets.controls import control
from page.widgets.instrument import instrument

TAB = "compare"
COUNT = 8  # pictures in a row
MAX_STEPS = 100  # per row: a long comparison would keep other visitors waiting
# What may change from row to row, by its name in `Request`.
AXES = {
    "sampler": list(SETTINGS["sampler"].choices),
    "steps": [2, 3, 5, 10, 20, 50],
    "schedule": list(SETTINGS["schedule"].choices),
    "guidance": [0, 1, 2, 4, 8],
    "label": [ANY, *range(len(CLASS_NAMES))],
}
_VALUES = "; ".join(f"{name} ({', '.join(map(str, AXES[name]))})" for name in AXES)
AXIS = Setting(
    "axis", str, f"what changes from row to row: {_VALUES}", default="sampler", table=tuple(AXES)
)
# What every row shares, except for the axis.
SHARED = {
    name: setting
    for name, setting in SETTINGS.items()
    if name not in ("use_trained", "count", "picture", "noise")
} | {"steps": replace(SETTINGS["steps"], high=MAX_STEPS)}
RETURNS = {
    "comparison": Value(
        "noise (x_T) and rows, each with its value, picture, network calls and seconds; pictures "
        "are PNG data URIs: strips of eight, 28 pixels wide and 2 apart; same: the settings that "
        "all rows share; note: the state of the comparison",
        OBJECT,
    )
}


STOPS = Stops()


def compare(trained: str | None, use_trained: bool, axis: str, *shared) -> Iterator[dict]:
    """Draw the same eight noises under each value of one setting: one row per value, streamed.

    The axis runs through its values, and the argument of the same name is ignored; the others hold
    for every row. The axis guidance needs a label from 0 to 9.
    """
    yield from _draw(threading.Event(), trained, use_trained, axis, *shared)


def show(visit: gr.Request, *values) -> Iterator[dict]:
    """`compare`, which the visitor's Stop button ends."""
    with STOPS.run(visit) as stop:
        yield from _draw(stop, *values)


def _draw(
    stop: threading.Event, trained: str | None, use_trained: bool, axis: str, *shared
) -> Iterator[dict]:
    try:
        given = dict(zip(SHARED, shared, strict=True))
        asked = Request(use_trained=use_trained, count=COUNT, **given)
        checkpoint = models.chosen(trained, use_trained)
        requests = _requests(axis, asked, checkpoint)
        x, _ = trajectory(checkpoint, requests[0])
    except gr.Error:  # a ValueError too, but already worded for the visitor
        raise
    except ValueError as error:
        raise gr.Error(str(error)) from error
    rows = [_row(axis, request) for request in requests]
    progress = {"calls": 0, "total": sum(request.steps for request in requests)}
    fixed = {
        "began": time.monotonic(),  # identifies the run
        "axis": axis,
        "same": _same(axis, asked, use_trained),
        "noise": {"picture": data_uri.grid_uri(x, COUNT)},
    }

    def view(state: str, **values) -> dict:
        return fixed | progress | {"rows": list(rows), "note": {"state": state} | values}

    yield view("wait")  # before joining the line, as in `run`
    logged = {name: getattr(asked, name) for name in SHARED} | {"count": COUNT}
    with run_queue.SAMPLING.turn("compare", **logged, axis=axis, trained=use_trained) as turn:
        for line in turn.waiting():
            yield view("waiting", **line)
            if stop.is_set():
                turn.ended = "left"
                yield view("left")
                return
        COMPUTE.warm_up(trajectory(checkpoint, requests[0])[1])  # outside the first row's time
        shown = time.monotonic()
        for k, request in enumerate(requests):
            for step, seconds in _timed(trajectory(checkpoint, request)[1]):
                progress["calls"] += 1
                done = step.i + 1 == request.steps
                ended = "stopped" if stop.is_set() else "out_of_time" if turn.is_over else None
                if progress["calls"] == progress["total"]:
                    ended = None
                if done or ended or time.monotonic() - shown > FRAME_S:
                    rows[k] = rows[k] | _progress(step, seconds)
                    yield view("now", row=k + 1, rows=len(rows))
                    shown = time.monotonic()
                if ended:
                    turn.ended = ended
                    yield view(ended, seconds=round(turn.seconds), **progress)
                    return
    device = COMPUTE.device_name(checkpoint.schedule.device)
    seconds = round(sum(row["seconds"] for row in rows), 1)
    yield view("done", rows=len(rows), seconds=seconds, device=device)


def _requests(axis: str, asked: Request, checkpoint: ddpm.Checkpoint) -> list[Request]:
    """Each row's request. gr.Error names a setting that can't be compared."""
    T, classes = checkpoint.schedule.T, checkpoint.config.unet.num_classes
    check_setting(AXIS, axis, TAB)
    if axis in ("label", "guidance") and classes is None:
        raise gr.Error(both("compare_no_classes"))
    if axis == "guidance" and asked.label == ANY:
        raise gr.Error(both("compare_needs_class"))
    if axis != "steps":
        check_steps(asked.steps, min(MAX_STEPS, T))
    asked = suited(asked, checkpoint)
    rows = [replace(asked, **{axis: value}) for value in AXES[axis]]
    return [row for row in rows if row.steps <= T]


def _timed(run: Iterator[ddpm.Step]) -> Iterator[tuple[ddpm.Step, float]]:
    """Each step with the seconds of sampling so far, not counting drawing and sending."""
    seconds = 0.0
    begin = time.perf_counter()
    for step in run:
        step.x.cpu()  # waits for the GPU
        seconds += time.perf_counter() - begin
        yield step, seconds
        begin = time.perf_counter()


def _row(axis: str, request: Request) -> dict:
    """A row before its first step."""
    value, steps = getattr(request, axis), request.steps
    return {"value": value, "picture": "", "calls": 0, "steps": steps, "seconds": 0}


def _progress(step: ddpm.Step, seconds: float) -> dict:
    picture = data_uri.grid_uri(step.x, COUNT)
    return {"picture": picture, "calls": step.i + 1, "seconds": round(seconds, 3)}


def _same(axis: str, asked: Request, use_trained: bool) -> dict:
    """The settings that all rows share, in display order."""
    shared = [name for name in SHARED if name in AXES and name != axis]
    model = {"model": "trained" if use_trained else "shipped"}
    return model | {name: getattr(asked, name) for name in [*shared, "seed"]}


def build(trained: gr.State, controls: dict[str, gr.components.Component]) -> None:
    """The section's components and events. `controls` are the tab's, by setting."""
    with gr.Accordion(text("compare_title"), elem_id="compare"):
        gr.Markdown(text("compare_intro"))
        names = [(text(key_of("generate", name)), name) for name in AXES]
        axis = control(TAB, AXIS, choices=names)
        with gr.Row():
            go = gr.Button(
                text("compare_go"), variant="primary", min_width=120, elem_id="compare-go"
            )
            stop = gr.Button(text("stop"), interactive=False, min_width=120, elem_id="compare-stop")
        view = instrument(
            Path(__file__),
            value={"rows": []},
            words=(
                *("generate_any", "generate_model_", "generate_queue", "stopping"),
                *("sampler_", "schedule_", "class_"),
            ),
            elem_id="compare-view",
        )
        settings = [trained, controls["use_trained"], axis, *(controls[name] for name in SHARED)]
        run_on(go.click, show, settings, [view], [go, stop])
        stop_on(stop, STOPS, view)
    takes = {"trained": trained, "use_trained": SETTINGS["use_trained"], "axis": AXIS} | SHARED
    endpoint(compare, "compare", takes, RETURNS, concurrency_limit=None)
