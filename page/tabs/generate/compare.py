"""Compare, in the Generate tab: one setting changes from row to row, the noise never does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path

import gradio as gr

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from page.compute import COMPUTE, models
from page.server import run_queue
from page.server.validation import check_choice, check_whole
from page.tabs.generate.request import ANY, FRAME_S, Request, suited, trajectory
from page.texts import both, text
from page.widgets import data_uri
from page.widgets.instrument import instrument

COUNT = 8  # pictures in a row
MAX_STEPS = 100  # of a row: a long comparison would keep other visitors waiting
# What may change from row to row, by its name in `Request`.
AXES = {
    "sampler": list(ddpm.SAMPLERS),
    "steps": [2, 3, 5, 10, 20, 50],
    "schedule": list(ddpm.SCHEDULES),
    "guidance": [0, 1, 2, 4, 8],
    "label": [ANY, *range(len(CLASS_NAMES))],
}


def compare(
    trained, use_trained, axis, label, sampler, steps, schedule, guidance, seed
) -> Iterator[dict]:
    """Draw the same eight noises under each value of one setting: a row a value, streamed.

    The setting `axis` runs through: the four samplers; 2, 3, 5, 10, 20, 50 steps; the four
    schedules; guidance 0, 1, 2, 4, 8; or the labels from -1 to 9. Its own argument is not used
    then, the other ones hold for every row. Guidance asks for a label from 0 to 9.

    Args:
        use_trained: false for the pretrained model, true for the one trained in this session.
        axis: what changes from row to row: sampler, steps, schedule, guidance or label.
        label: class of Fashion-MNIST from 0 to 9, or -1 for any.
        sampler: ddpm, ddim, dpm_solver or deis.
        steps: network calls a row, a whole number from 1 to 100.
        schedule: linear, quadratic, cosine or sigmoid.
        guidance: from 0 to 10; 1 draws as learned, more insists on the label.
        seed: from 0 to 2147483647; column k of every row starts from the noise of seed + k.

    Returns:
        a dict of noise (x_T) and rows: in each its value, picture, network calls and seconds
        pictures are PNG data URIs: strips of eight, of 28 pixels each and 2 apart
        same holds the settings that all rows share, note how far the comparison is
    """
    try:
        asked = Request(label, COUNT, sampler, steps, schedule, guidance, seed)
        checkpoint = models.chosen(trained, use_trained)
        requests = _requests(axis, asked, checkpoint)
        x, _ = trajectory(checkpoint, requests[0])
    except gr.Error:  # it is a ValueError, too, but one that speaks to the visitor already
        raise
    except ValueError as error:
        raise gr.Error(str(error)) from error
    rows = [_row(axis, request) for request in requests]
    progress = {"calls": 0, "total": sum(request.steps for request in requests)}
    fixed = {
        "axis": axis,
        "same": _same(axis, asked, use_trained),
        "noise": {"picture": data_uri.grid_uri(x, COUNT)},
    }

    def view(state: str, **values) -> dict:
        return fixed | progress | {"rows": list(rows), "note": {"state": state} | values}

    yield view("wait")  # before it takes a place, as in `sample`
    told = asdict(asked) | {"axis": axis, "trained": use_trained}
    with run_queue.SAMPLING.turn("compare", **told) as turn:
        for line in turn.waiting():
            yield view("waiting", **line)
        COMPUTE.warm_up(trajectory(checkpoint, requests[0])[1])  # not on the first row's time
        shown = time.monotonic()
        for k, request in enumerate(requests):
            for step, seconds in _timed(trajectory(checkpoint, request)[1]):
                progress["calls"] += 1
                done = step.i + 1 == request.steps
                cut = turn.is_over and progress["calls"] < progress["total"]
                if done or cut or time.monotonic() - shown > FRAME_S:
                    rows[k] = rows[k] | _progress(step, seconds)
                    yield view("now", row=k + 1, rows=len(rows))
                    shown = time.monotonic()
                if cut:
                    turn.ended = "out_of_time"
                    yield view("out_of_time", seconds=round(turn.seconds))
                    return
    device = COMPUTE.device_name(checkpoint.schedule.device)
    seconds = round(sum(row["seconds"] for row in rows), 1)
    yield view("done", rows=len(rows), seconds=seconds, device=device)


def _requests(axis: str, asked: Request, checkpoint: ddpm.Checkpoint) -> list[Request]:
    """What each row asks for; an error says which setting doesn't suit a comparison."""
    T, classes = checkpoint.schedule.T, checkpoint.config.unet.num_classes
    check_choice("compare_axis", axis, AXES)
    if axis in ("label", "guidance") and classes is None:
        raise gr.Error(both("compare_no_classes"))
    if axis == "guidance" and asked.label == ANY:
        raise gr.Error(both("compare_needs_class"))
    if axis != "steps":
        check_whole("generate_steps", asked.steps, 1, min(MAX_STEPS, T))
    asked = suited(asked, checkpoint)
    rows = [replace(asked, **{axis: value}) for value in AXES[axis]]
    return [row for row in rows if row.steps <= T]


def _timed(run: Iterator[ddpm.Step]) -> Iterator[tuple[ddpm.Step, float]]:
    """Each step with the seconds that sampling took up to it, drawing and sending left out."""
    seconds = 0.0
    begin = time.perf_counter()
    for step in run:
        step.x.cpu()  # waits until a GPU is done
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
    """What all rows have in common, in the order in which it is shown."""
    shared = [field.name for field in fields(asked) if field.name in AXES and field.name != axis]
    model = {"model": "trained" if use_trained else "shipped"}
    return model | {name: getattr(asked, name) for name in [*shared, "seed"]}


def build(trained: gr.State, use_trained: gr.Radio, settings: list[gr.components.Component]):
    """The section's components and events. `settings` are the tab's own, in the order of
    `compare`'s arguments: label, sampler, steps, schedule, guidance, seed.
    """
    with gr.Accordion(text("compare_title"), elem_id="compare"):
        gr.Markdown(text("compare_intro"))
        axis = gr.Radio(
            [(text(f"generate_{'class' if name == 'label' else name}"), name) for name in AXES],
            value="sampler",
            label=text("compare_axis"),
            elem_id="compare-axis",
        )
        with gr.Row():
            go = gr.Button(
                text("compare_go"), variant="primary", min_width=120, elem_id="compare-go"
            )
            stop = gr.Button(text("stop"), min_width=120, elem_id="compare-stop")
        view = instrument(
            Path(__file__),
            value={"rows": []},
            words=(
                *("generate_any", "generate_model_", "generate_queue"),
                *("sampler_", "schedule_", "class_"),
            ),
            elem_id="compare-view",
        )
        run = go.click(
            compare,
            [trained, use_trained, axis, *settings],
            view,
            preprocess=False,  # settings are checked in our words
            api_name="compare",
            concurrency_limit=None,  # the pool's
            show_progress="hidden",
        )
        stop.click(None, cancels=run)
