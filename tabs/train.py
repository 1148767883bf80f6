"""The Train tab: a short run with a live loss plot, and samples that get better."""

from __future__ import annotations

import inspect
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gradio as gr
import torch

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.data import SOURCES, batches, best_fashion_mnist
from tabs import frames, models
from tabs.checks import MAX_SEED, check_whole
from tabs.progress import Preview, curve
from tabs.texts import LATEX, text

SHOW_S = 0.7  # seconds between two updates of the numbers and the plot
SAMPLE_S = 6.0  # seconds between two grids of samples
RANGES = {
    "T": (10, 1000),
    "dim": (8, 64),
    "steps": (10, 5000),
    "batch_size": (8, 256),
    "seed": (0, MAX_SEED),
}
BUDGET_S = 1800.0  # a run that nobody stops ends by itself

_loading = threading.Lock()
_stops: dict[str, threading.Event] = {}  # by visitor's session: set to end that run


def _data() -> tuple[str, torch.Tensor, torch.Tensor]:
    """Where the images come from, images and labels: loaded once, shared by all visitors."""
    with _loading:
        return _load_data()


@cache
def _load_data() -> tuple[str, torch.Tensor, torch.Tensor]:
    source, images, labels = best_fashion_mnist("train")
    return f"{SOURCES[source]}: {len(images):,} images", images, labels


def run_config(schedule, T, objective, loss, block, dim, steps, batch_size, rate, seed) -> Config:
    """The visitor's settings as a checked `Config`: an error names the field and its range."""
    if schedule not in ddpm.SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(ddpm.SCHEDULES)}, not {schedule!r}")
    whole = {"T": T, "dim": dim, "steps": steps, "batch_size": batch_size, "seed": seed}
    for name, value in whole.items():
        check_whole(name, value, *RANGES[name])
    return Config(
        UnetConfig(dim=dim, block=block),
        DiffusionConfig(schedule=schedule, T=T, objective=objective),
        TrainConfig(
            steps=steps,
            batch_size=batch_size,
            learning_rate=rate,
            warmup=min(100, steps // 10),
            loss=loss,
            ema_decay=0.99,
            seed=seed,
        ),
    )


def _note(step: int, steps: int, seconds: float, loss: float, device: str) -> str:
    rate = step / seconds
    left = (steps - step) / rate
    return f"{step} / {steps} · {rate:.1f} steps/s · {left:.0f} s left · loss {loss:.4f} · {device}"


def run(
    request: gr.Request, schedule, T, objective, loss, block, dim, steps, batch_size, rate, seed
) -> Iterator[tuple]:
    """Train a small network on Fashion-MNIST, and stream its loss and its samples.

    Ends after the last step, when the visitor presses Stop, or when the budget of time is
    spent; what was learned by then is kept. A closed page ends it too (GeneratorExit).

    Args:
        schedule: linear, quadratic, cosine or sigmoid.
        T: the number of noise levels, from 10 to 1000.
        objective: what the network predicts: eps, v or x0.
        loss: l1, l2 or huber.
        block: resnet or convnext.
        dim: width of the network, from 8 to 64 in steps of 8.
        steps: training steps, from 10 to 5000.
        batch_size: images a step, from 8 to 256.
        rate: learning rate, from 1e-8 to 1.
        seed: of weights, batches and noise, from 0 to 2147483647.

    Returns:
        a dict of pictures (ten classes by the network, as one PNG data URI) and a note
        the loss curve
        once the run has ended its checkpoint, safetensors: {"value": path}
    """
    try:
        config = run_config(schedule, T, objective, loss, block, dim, steps, batch_size, rate, seed)
    except ValueError as error:
        raise gr.Error(str(error)) from error
    stop = _stops[request.session_hash] = threading.Event()
    try:
        empty = gr.LinePlot(None, x_lim=[0, config.train.steps])
        yield _update(view={"pictures": [], "note": "…"}, plot=empty, ready=False)
        _, images, labels = _data()
        state = ddpm.TrainState(ckpt.build_network(config), config.train)
        feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
        yield from _stream(state, feed, config, stop)
    except (ValueError, OSError) as error:
        raise gr.Error(str(error)) from error
    finally:
        _stops.pop(request.session_hash, None)


def _stream(state: ddpm.TrainState, feed, config: Config, stop: threading.Event) -> Iterator[tuple]:
    schedule = ckpt.build_schedule(config)
    preview = Preview(config)
    model = ckpt.as_denoiser(state.averaged(), config).to(state.accelerator.device)
    device = models.device_name(model.schedule.device)
    picture = preview.draw(model)
    losses: list[float] = []
    begin = shown = drawn = time.monotonic()
    note, trouble = "", ""
    try:
        for step in ddpm.train(state, schedule, feed, config):
            losses.append(step.loss)
            now = time.monotonic()
            note = _note(step.step, config.train.steps, now - begin, step.loss, device)
            if stop.is_set() or now - begin > BUDGET_S:
                break
            if now - drawn > SAMPLE_S:
                picture = preview.draw(model.eval())
                drawn = time.monotonic()
            if now - shown > SHOW_S:
                yield _update(view=_view(picture, note), plot=curve(losses))
                shown = time.monotonic()
    except ddpm.TrainingDiverged as error:
        trouble = str(error)
        gr.Warning(trouble)
    if not losses:  # nothing was learned
        raise gr.Error(trouble or "The run ended before its first step.")
    picture = preview.draw(model.eval())
    info = {"steps": state.step, "seconds": round(time.monotonic() - begin, 1), "machine": device}
    trained = ddpm.Checkpoint(model, config, model.schedule, info)
    with tempfile.TemporaryDirectory() as folder:  # gradio copies what it serves to its cache
        file = Path(folder) / f"ddpm-{config.diffusion.schedule}-{state.step}-steps.safetensors"
        ddpm.save_checkpoint(file, model.network, config, **info)
        view = _view(picture, trouble or note)
        yield _update(view=view, plot=curve(losses), trained=trained, file=str(file), ready=True)


def _view(picture: str, note: str) -> dict:
    return {"pictures": [picture], "note": note}


def _update(view, plot, trained=None, file=None, ready=None) -> tuple:
    """One yield of `run`, in the order of its outputs; None leaves an output as it is."""
    return (
        view,
        plot,
        gr.skip() if trained is None else trained,
        gr.skip() if file is None else gr.update(value=file, interactive=True),
        gr.skip() if ready is None else gr.Button(interactive=ready),
    )


def ask_to_stop(request: gr.Request) -> None:
    """End this visitor's run after the step under way."""
    if request.session_hash in _stops:
        _stops[request.session_hash].set()


def build(trained: gr.State, use_trained: gr.Radio, tabs: gr.Tabs) -> None:
    """The tab's components and events."""
    with gr.Tab(text("train_tab"), id="train", elem_id="train-tab") as tab:
        gr.Markdown(text("train_intro"))
        source = gr.Markdown("…", elem_id="train-source")
        # not at the start: the answer may need the network
        tab.select(
            lambda: _data()[0],
            outputs=source,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                settings = _settings()
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    go = gr.Button(text("train_go"), variant="primary", elem_id="train-go")
                    stop = gr.Button(text("stop"), elem_id="train-stop")
                view = frames.view("train-view", "train_captions", min_height=220)
                plot = gr.LinePlot(
                    None, x="step", y="loss", color="curve", height=260,
                    title=text("train_loss_plot"), elem_id="train-plot",
                    color_map={"raw": "#c9b8f0", "smoothed": "#7c5cf0"},
                )  # fmt: skip
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

        go.click(
            run,
            settings,
            [view, plot, trained, file, use],
            api_name="train",
            concurrency_id="training",
            concurrency_limit=2,
            show_progress="hidden",
        )
        stop.click(ask_to_stop, queue=False, api_visibility="private")
        use.click(
            lambda: (True, gr.Tabs(selected="generate")),
            outputs=[use_trained, tabs],
            queue=False,
            api_visibility="private",
        )


def _settings() -> list[gr.components.Component]:
    """The controls, in the order of `run_config`'s arguments."""

    def pick(name: str, choices: list, value: str) -> gr.Radio:
        return gr.Radio(choices, value=value, label=text(name), elem_id=name.replace("_", "-"))

    def slide(name: str, value: int, step: int) -> gr.Slider:
        elem_id, label = f"train-{name}".replace("_", "-"), text(f"train_{name}")
        return gr.Slider(*RANGES[name], value, step=step, label=label, elem_id=elem_id)

    schedules = [(text(f"schedule_{name}"), name) for name in ddpm.SCHEDULES]
    return [
        pick("train_schedule", schedules, "cosine"),
        slide("T", 1000, 10),
        pick("train_objective", [("ε", "eps"), ("v", "v"), ("x₀", "x0")], "v"),
        pick("train_loss", [("L1", "l1"), ("L2", "l2"), ("Huber", "huber")], "l2"),
        pick("train_block", [("ResNet", "resnet"), ("ConvNeXt", "convnext")], "resnet"),
        slide("dim", 16, 8),
        slide("steps", 300, 10),
        slide("batch_size", 64, 8),
        gr.Number(2e-3, minimum=1e-8, maximum=1, label=text("train_rate"), elem_id="train-rate"),
        gr.Number(
            0, precision=0, minimum=0, maximum=MAX_SEED, label=text("seed"), elem_id="train-seed"
        ),
    ]
