"""The Generate tab: noise to garments, frame by frame."""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import torch
from PIL import Image
from torch import Tensor

import ddpm
from ddpm.data import CLASS_NAMES
from ddpm.samplers import BEST_SPACING
from tabs import frames, models
from tabs.checks import MAX_SEED, check_whole
from tabs.texts import LATEX, text

ANY = -1  # the class "any": sampled without a label
MAX_COUNT = 64
SAMPLER_NAMES = {"ddpm": "DDPM", "ddim": "DDIM", "dpm_solver": "DPM-Solver++", "deis": "DEIS"}
GIF_FRAMES = 60  # at most; a thousand steps make no better film
FRAME_S = 0.12  # a browser shows no more than about ten frames a second


@dataclass(frozen=True)
class Request:
    """What a visitor asked for, checked: the error names the field and its range."""

    label: int
    count: int
    sampler: str
    steps: int
    schedule: str
    guidance: float
    seed: int

    def __post_init__(self):
        check_whole("The class", self.label, ANY, len(CLASS_NAMES) - 1)
        check_whole("The number of pictures", self.count, 1, MAX_COUNT)
        check_whole("The seed", self.seed, 0, MAX_SEED)
        if self.sampler not in ddpm.SAMPLERS:
            raise ValueError(f"The sampler must be one of {', '.join(ddpm.SAMPLERS)}.")
        if self.schedule not in ddpm.SCHEDULES:
            raise ValueError(f"The schedule must be one of {', '.join(ddpm.SCHEDULES)}.")
        if not isinstance(self.guidance, int | float) or not 0 <= self.guidance <= 10:
            raise ValueError(f"The guidance must be a number from 0 to 10, not {self.guidance!r}.")


def trajectory(checkpoint: ddpm.Checkpoint, request: Request) -> tuple[Tensor, Iterator[ddpm.Step]]:
    """x_T (B, C, H, W), and the steps that lead from it to the pictures."""
    unet = checkpoint.config.unet
    schedule = ddpm.Schedule.named(request.schedule, checkpoint.schedule.T)
    schedule = schedule.to(checkpoint.schedule.device)
    labels = None
    if unet.num_classes is not None and request.label != ANY:
        labels = torch.full((request.count,), request.label, device=schedule.device)
    eps_fn = ddpm.conditioned(checkpoint.model, labels, request.guidance)
    # the network knows the log-SNR of its own schedule; ask it about the same noise
    eps_fn = ddpm.retimed(eps_fn, checkpoint.schedule, schedule)
    # a seed for each picture: picture k is the same one however many are drawn
    seeds = [torch.Generator().manual_seed(request.seed + k) for k in range(request.count)]
    shape = (request.count, unet.channels, unet.image_size, unet.image_size)
    x = ddpm.randn_like(torch.empty(shape, device=schedule.device), seeds)
    times = ddpm.spaced_timesteps(schedule, request.steps, BEST_SPACING[request.sampler])
    return x, ddpm.SAMPLERS[request.sampler](eps_fn, schedule, x, times, generator=seeds)


def _chosen(trained: ddpm.Checkpoint | None) -> ddpm.Checkpoint:
    if trained is None:
        raise ValueError(
            "You have not trained a model yet. Train one in the Train tab, or choose the "
            "pretrained one."
        )
    return trained


def _frame(x: Tensor, x_start: Tensor, note: str) -> dict:
    nrow = frames.columns(len(x))
    return {"pictures": [frames.grid_uri(images, nrow) for images in (x, x_start)], "note": note}


def sample(trained, use_trained, label, count, sampler, steps, schedule, guidance, seed):
    """Draw garments out of noise: frames stream while sampling, then come the GIF and the PNG.

    Args:
        use_trained: false for the pretrained model, true for the one trained in this session.
        label: class of Fashion-MNIST from 0 to 9, or -1 for any.
        count: how many pictures, from 1 to 64.
        sampler: ddpm, ddim, dpm_solver or deis.
        steps: network calls, from 1 to 1000 or the T of a model trained here.
        schedule: linear, quadratic, cosine or sigmoid.
        guidance: from 0 to 10; 1 draws as learned, more insists on the label.
        seed: from 0 to 2147483647; picture k is drawn with seed + k.

    Returns:
        a dict of pictures (x_t and the guess of x_0, grids as PNG data URIs) and a note
        the path of the GIF of the run
        the path of the PNG of its end
        the path of the GIF again
    """
    try:
        request = Request(label, count, sampler, steps, schedule, guidance, seed)
        checkpoint = _chosen(trained) if use_trained else models.shipped()
        x, run = trajectory(checkpoint, request)
    except ValueError as error:
        raise gr.Error(str(error)) from error

    device = models.device_name(checkpoint.schedule.device)
    nrow = frames.columns(count)
    film = [ddpm.to_pil(ddpm.make_grid(x, nrow))]
    filmed = {round(k * steps / (GIF_FRAMES - 1)) for k in range(GIF_FRAMES)}
    yield _frame(x, torch.zeros_like(x), f"0 / {steps} · {device}"), None, None, None
    begin = shown = time.monotonic()
    for step in run:
        if step.i + 1 in filmed:
            film.append(ddpm.to_pil(ddpm.make_grid(step.x, nrow)))
        now = time.monotonic()
        note = f"{step.i + 1} / {steps} · {now - begin:.1f} s · {device}"
        if now - shown > FRAME_S and step.i + 1 < steps:
            yield _frame(step.x, step.x_start, note), None, None, None
            shown = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:  # gradio copies what it serves to its cache
        png, gif = _files(film, request, Path(folder))
        yield _frame(step.x, step.x_start, note), gif, png, gif


def _files(film: list[Image.Image], request: Request, folder: Path) -> tuple[str, str]:
    """The last frame as a PNG, and the film as a GIF, under names that say what they are."""
    label = "any" if request.label == ANY else CLASS_NAMES[request.label]
    name = f"{label}-{request.sampler}-{request.steps}-steps-seed-{request.seed}"
    stem = folder / name.lower().replace("/", "-").replace(" ", "-")
    png, gif = f"{stem}.png", f"{stem}.gif"
    film[-1].save(png)
    ddpm.save_gif(film, gif, scale=2)
    return png, gif


def _source(sampler: str) -> str:
    return inspect.getsource(ddpm.SAMPLERS[sampler])


def build(trained: gr.State) -> gr.Radio:
    """The tab's components and events. Returns the choice of model, for the Train tab."""
    with gr.Tab(text("generate_tab"), id="generate", elem_id="generate-tab"):
        gr.Markdown(text("generate_intro"))
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                use_trained = gr.Radio(
                    [
                        (text("generate_model_shipped"), False),
                        (text("generate_model_trained"), True),
                    ],
                    value=False,
                    label=text("generate_model"),
                    elem_id="generate-model",
                )
                label = gr.Dropdown(
                    [(text("generate_any"), ANY)]
                    + [(text(f"class_{k}"), k) for k in range(len(CLASS_NAMES))],
                    value=ANY,
                    label=text("generate_class"),
                    elem_id="generate-class",
                )
                count = gr.Slider(
                    1, MAX_COUNT, 16, step=1, label=text("generate_count"), elem_id="generate-count"
                )
                steps = gr.Slider(
                    1, 1000, 10, step=1, label=text("generate_steps"), elem_id="generate-steps"
                )
                sampler = gr.Radio(
                    [(SAMPLER_NAMES[name], name) for name in ddpm.SAMPLERS],
                    value="dpm_solver",
                    label=text("generate_sampler"),
                    elem_id="generate-sampler",
                )
                schedule = gr.Radio(
                    [(text(f"schedule_{name}"), name) for name in ddpm.SCHEDULES],
                    value="cosine",
                    label=text("generate_schedule"),
                    info=text("generate_schedule_info"),
                    elem_id="generate-schedule",
                )
                guidance = gr.Slider(
                    0, 10, 1, step=0.5,
                    label=text("generate_guidance"),
                    info=text("generate_guidance_info"),
                    elem_id="generate-guidance",
                )  # fmt: skip
                seed = gr.Number(
                    0, precision=0, minimum=0, maximum=MAX_SEED,
                    label=text("seed"), elem_id="generate-seed",
                )  # fmt: skip
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    go = gr.Button(text("generate_go"), variant="primary", elem_id="generate-go")
                    stop = gr.Button(text("stop"), elem_id="generate-stop")
                view = frames.view("generate-view", "generate_captions", min_height=420)
                with gr.Row():
                    png = gr.DownloadButton(text("download_png"), elem_id="generate-png")
                    gif_file = gr.DownloadButton(text("download_gif"), elem_id="generate-gif-file")
                gif = gr.Image(
                    format="gif", interactive=False, show_label=False, buttons=[],
                    elem_id="generate-gif", elem_classes="pixel-art",
                )  # fmt: skip
        from tabs import compare  # it needs what is above

        compare.build(trained, use_trained, [label, sampler, steps, schedule, guidance, seed])
        gr.Markdown(text("generate_equation"), latex_delimiters=LATEX)
        with gr.Accordion(text("show_code"), open=False):
            code = gr.Code(
                _source(sampler.value), language="python", show_label=False, interactive=False,
                elem_id="generate-code",
            )  # fmt: skip
        sampler.change(
            _source, sampler, code, queue=False, show_progress="hidden", api_visibility="private"
        )

        run = go.click(
            sample,
            [trained, use_trained, label, count, sampler, steps, schedule, guidance, seed],
            [view, gif, png, gif_file],
            api_name="generate",
            concurrency_id="sampling",
            concurrency_limit=2,
            show_progress="hidden",
        )
        stop.click(None, cancels=run)
    return use_trained
