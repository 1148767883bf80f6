"""The Train tab: a short run with a live loss plot, and samples that get better."""

from __future__ import annotations

import inspect
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache, partial

import gradio as gr
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.data.fashion_mnist import best_fashion_mnist
from page.compute import COMPUTE
from page.server import result_files, run_queue
from page.tabs.train import own_pictures, recipe
from page.tabs.train.recipe import Recipe
from page.texts import LATEX, both, text
from page.widgets.training_monitor import progress

SHOW_S = 0.7  # seconds between two updates of the numbers and the plot
SAMPLE_S = 6.0  # seconds between two grids of samples

_loading = threading.Lock()
_stops: dict[str, threading.Event] = {}  # by visitor's session: set to end that run


def _data() -> tuple[str, Tensor, Tensor]:
    """The name of the source, images and labels: loaded once, shared by all visitors."""
    with _loading:
        return _load_data()


@cache
def _load_data() -> tuple[str, Tensor, Tensor]:
    return best_fashion_mnist("train")


def run(
    request: gr.Request,
    preset: str,
    schedule: str,
    T: int,
    objective: str,
    loss: str,
    block: str,
    optimizer: str,
    dim: int,
    steps: int,
    batch_size: int,
    rate: float,
    seed: int,
    source: str = "fashion",
    pictures: Tensor | None = None,
) -> Iterator[tuple]:
    """Train a small network, and stream its loss and its samples.

    Ends after the last step, when the visitor presses Stop, or when the budget of time is
    spent; what was learned by then is kept. A closed page ends it too (GeneratorExit).

    Args:
        preset: minute, notebook or base: where settings without an argument come from.
        schedule: linear, quadratic, cosine or sigmoid.
        T: the number of noise levels, from 10 to 1000.
        objective: what the network predicts: eps, v or x0.
        loss: l1, l2 or huber.
        block: resnet or convnext.
        optimizer: adamw or muon.
        dim: width of the network, from 8 to 64.
        steps: training steps, from 10 to 20000.
        batch_size: images a step, from 8 to 256.
        rate: learning rate, from 1e-8 to 1.
        seed: of weights, batches and noise, from 0 to 2147483647.
        source: fashion for Fashion-MNIST, or own for what was sent to /train_pictures.

    Returns:
        a dict of the loss curve, numbers, and pictures (a PNG data URI)
        once the run has ended its checkpoint, safetensors: {"value": path}
    """
    recipe = Recipe(
        preset, schedule, T, objective, loss, block, optimizer, dim, steps, batch_size, rate, seed
    )
    pictures = own_pictures.chosen(source, pictures)
    if request.session_hash in _stops:
        raise gr.Error(both("train_running"))
    stop = _stops[request.session_hash] = threading.Event()
    try:
        with run_queue.TRAINING.turn("train", **asdict(recipe), source=source) as turn:
            for line in turn.waiting():
                yield _update({"phase": "waiting"} | line)
                if stop.is_set():
                    break
            if stop.is_set():  # also where a place came free at the same moment
                turn.ended = "left"
                yield _update({"phase": "left"})
                return
            monitor = progress.Monitor(secrets.token_hex(4), {"data": source} | asdict(recipe))
            yield _update(monitor.report("loading"))
            yield from _stream(recipe, pictures, monitor, stop, turn, request)
    except gr.Error:  # a ValueError too, but one that is worded already
        raise
    except (ValueError, OSError) as error:
        raise gr.Error(str(error)) from error
    finally:
        _stops.pop(request.session_hash, None)


def _learned_from(pictures: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Images, and labels unless they are the visitor's own."""
    return _data()[1:] if pictures is None else (pictures, None)


def _stream(
    recipe: Recipe,
    pictures: Tensor | None,
    monitor: progress.Monitor,
    stop: threading.Event,
    turn: run_queue.Turn,
    request: gr.Request,
) -> Iterator[tuple]:
    config = own_pictures.config(recipe.config(), pictures)
    state, steps = COMPUTE.train(config, partial(_learned_from, pictures))
    preview = progress.Preview(config)
    model = ckpt.as_denoiser(state.averaged(), config).to(state.accelerator.device)
    drawn = preview.draw(model)
    begin = shown = sampled = time.monotonic()
    phase = "done"
    try:
        for step in run_queue.go_last(steps, stop):
            monitor.learned(step)
            now = time.monotonic()
            if stop.is_set() and step.step < config.train.steps:
                phase = "stopped"
                break
            if turn.is_over:
                phase = "out_of_time"
                break
            if now - sampled > SAMPLE_S:
                drawn = preview.draw(model.eval())
                sampled = time.monotonic()
            if now - shown > SHOW_S:
                device = progress.machine(model.schedule.device)
                yield _update(monitor.report("training", now - begin, **drawn, **device))
                shown = time.monotonic()
    except ddpm.TrainingDiverged as error:
        message = both("train_diverged").format(step=state.step + 1)
        if state.step == 0:  # nothing was learned
            raise gr.Error(message) from error
        gr.Warning(message)
        phase = "diverged"
    if phase == "done" and state.step < config.train.steps:
        phase = "out_of_time"
    turn.ended = phase
    monitor.step = state.step  # what is kept: a lent GPU sends its weights now and then
    yield _update(gr.skip())  # a closed page ends here, without pictures that nobody sees
    seconds = time.monotonic() - begin
    device = progress.machine(model.schedule.device)
    report = monitor.report(phase, seconds, **preview.draw(model.eval()), **device)
    info = {"steps": state.step, "seconds": round(seconds, 1), "machine": device["device"]}
    name = f"ddpm-{config.diffusion.schedule}-{state.step}-steps.safetensors"
    with result_files.SHELF.folder("train", request) as folder:
        file = folder / name
        ddpm.save_checkpoint(file, model.network, config, **info)
    yield _update(report, str(file))


def _update(report: dict, file: str | None = None) -> tuple:
    """One yield of `run`: (view, trained, download, use button).

    An earlier model stays usable until there is a new one.
    """
    if file is None:
        return report, gr.skip(), gr.skip(), gr.skip()
    download = gr.update(value=file, interactive=True)
    return report, file, download, gr.Button(interactive=True)


def ask_to_stop(request: gr.Request) -> None:
    """End this visitor's run after the step under way, or take it out of the line."""
    if request.session_hash in _stops:
        _stops[request.session_hash].set()


def stop_all() -> None:
    """As if every visitor had pressed Stop: what was learned is kept."""
    for stop in list(_stops.values()):
        stop.set()


def build(trained: gr.State, use_trained: gr.Radio, tabs: gr.Tabs) -> None:
    """The tab's components and events."""
    with gr.Tab(text("train_tab"), id="train", elem_id="train-tab") as tab:
        gr.Markdown(text("train_intro"))
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                data = source, _, pictures = own_pictures.build()
                settings = [*recipe.build(), source, pictures]
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    go = gr.Button(text("train_go"), variant="primary", elem_id="train-go")
                    stop = gr.Button(text("stop"), elem_id="train-stop")
                view = progress.view("train-view")
                with gr.Row():
                    use = gr.Button(text("train_use"), interactive=False, elem_id="train-use")
                    file = gr.DownloadButton(
                        text("train_download"), interactive=False, elem_id="train-file"
                    )
        gr.Markdown(text("train_equation"), latex_delimiters=LATEX)
        with gr.Accordion(text("show_code"), open=False):
            for source in (ddpm.p_losses, ddpm.train):
                gr.Code(
                    inspect.getsource(source),
                    language="python",
                    show_label=False,
                    interactive=False,
                )

        at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        own_pictures.connect(tab, view, data, _data)
        go.click(
            run,
            settings,
            [view, trained, file, use],
            preprocess=False,  # settings are checked in our words
            api_name="train",
            concurrency_limit=None,  # the pool's
            show_progress="hidden",
        )
        stop.click(ask_to_stop, **at_once)
        use.click(
            lambda: (True, gr.Tabs(selected="generate")),
            outputs=[use_trained, tabs],
            queue=False,
            api_visibility="private",
        )
