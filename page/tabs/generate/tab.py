"""The Generate tab: noise to garments, frame by frame."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import gradio as gr
import torch
from PIL import Image

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from page.compute import COMPUTE, models
from page.server import result_files, run_queue
from page.server.uploads import opened
from page.server.validation import MAX_SEED, check_choice, check_number
from page.tabs.generate import compare
from page.tabs.generate.request import (
    ANY,
    FRAME_S,
    MAX_COUNT,
    Request,
    suited,
    trajectory,
)
from page.texts import LATEX, text
from page.widgets import data_uri
from page.widgets.film import scrubber
from page.widgets.sketch_pad import pad
from page.widgets.sketch_pad.pad import MAX_NOISE

# noise_view.js writes the log-SNR of the first chosen schedule, at the t of its slider
MOST_LOG_SNR = 100  # of a picture, and its opposite of noise: no schedule has more
READ_LOG_SNR = """(image, _, schedule) => {
    const told = document.querySelector("#noise-view [data-log-snr]")?.dataset.logSnr;
    window.scrollTo({ top: 0 });
    return [image, told === undefined ? null : Number(told), schedule];
}"""
SHOW_VIEW = """(...inputs) => {  // on a phone, the pad is far below it
    document.querySelector("#generate-view").scrollIntoView({ block: "nearest" });
    return inputs;
}"""


def sample(
    visit: gr.Request, trained, use_trained, label, count, sampler, steps, schedule, guidance, seed,
    picture=None, noise=MAX_NOISE,
) -> Iterator[tuple]:  # fmt: skip
    """Draw pictures from noise, step by step.

    Args:
        use_trained: false for the pretrained model, true for the one trained in this session.
        label: class of Fashion-MNIST from 0 to 9, or -1 for any.
        count: how many pictures, 1 to 64.
        sampler: ddpm, ddim, dpm_solver or deis.
        steps: network calls, 1 to 1000.
        schedule: linear, quadratic, cosine or sigmoid.
        guidance: from 0 to 10; 1 draws as learned, more insists on the label.
        seed: from 0 to 2147483647; picture k starts from the noise of seed + k.
        picture: what to start from instead of noise alone: base64 of 28 × 28 grey levels.
        noise: how far that picture is noised, as t of 0 to 999.

    Returns:
        The frames of the run, while it lasts (PNG data URIs); then a PNG of the pictures and a
        GIF of the run.
    """
    try:
        request = Request(
            label, count, sampler, steps, schedule, guidance, seed, picture, noise
        )  # fmt: skip
        checkpoint = models.chosen(trained, use_trained)
        request = suited(request, checkpoint)
        x, run = trajectory(checkpoint, request)
    except gr.Error:  # a ValueError too, but one that is worded already
        raise
    except ValueError as error:
        raise gr.Error(str(error)) from error

    T = checkpoint.schedule.T
    film = scrubber.Film(x, request.first_time(T), request.calls(T))
    facts = {
        "began": time.monotonic(),
        "device": COMPUTE.device_name(checkpoint.schedule.device),
        "doubled": request.label != ANY and guidance not in (0, 1),
    }

    def update(calls: int, seconds: float = 0.0, **more) -> tuple:
        progress = {"calls": calls, "seconds": f"{seconds:.1f}"} | more
        return film.value(**facts, **progress), gr.skip(), gr.skip()

    yield update(0)  # before it takes a place: a run that is stopped by now leaves nothing
    asked = asdict(request) | {"picture": picture is not None, "trained": use_trained}
    with run_queue.SAMPLING.turn("sample", **asked) as turn:
        for line in turn.waiting():
            yield update(0, **line)
        shown = 0.0
        for step in run:
            last = step.i + 1 == film.steps
            cut = turn.is_over and not last
            film.add(step, cut)
            if cut or last or time.monotonic() - shown > FRAME_S:
                yield update(step.i + 1, turn.seconds, cut=cut)
                shown = time.monotonic()
            if cut:
                turn.ended = "out_of_time"
                break
    with result_files.SHELF.folder("generate", visit) as folder:
        files = _files(film.pictures, request, folder)
    # Gradio repeats the last update when a run ends; without the film, that costs nothing
    yield gr.skip(), *(gr.DownloadButton(value=file, interactive=True) for file in files)


def _files(film: list[Image.Image], request: Request, folder: Path) -> tuple[str, str]:
    """The last frame as a PNG, and the film as a GIF, under names that say what they are."""
    label = "any" if request.label == ANY else CLASS_NAMES[request.label]
    start = f"-from-picture-t{request.noise}" if request.picture is not None else ""
    name = f"{label}-{request.sampler}-{request.steps}-steps-seed-{request.seed}{start}"
    stem = folder / name.lower().replace("/", "-").replace(" ", "-")
    png, gif = f"{stem}.png", f"{stem}.gif"
    film[-1].save(png)
    ddpm.save_gif(film, gif, scale=2)
    return png, gif


def _explained(sampler: str) -> tuple:
    """The equation of a sampler's step, and the code that takes it."""
    check_choice("generate_sampler", sampler, ddpm.SAMPLERS)
    return text(f"generate_equation_{sampler}"), inspect.getsource(ddpm.SAMPLERS[sampler])


def _from_noise_tab(image: dict | Path | None, log_snr: float | None, schedule: str) -> tuple:
    """The Noise tab's picture, with as much noise as it shows there: the same log-SNR."""
    with opened(image) as picture:
        drawn = pad.write(ddpm.from_pil(picture, pad.SIZE, 1))
    check_choice("generate_schedule", schedule, ddpm.SCHEDULES)
    noise = gr.skip()  # no schedule is chosen there: keep what was set here
    if log_snr is not None:
        check_number("generate_noise", log_snr, -MOST_LOG_SNR, MOST_LOG_SNR)
        t = ddpm.Schedule.named(schedule, MAX_NOISE + 1).t_of_log_snr(torch.tensor(float(log_snr)))
        noise = round(t.item())
    return drawn, noise, gr.Accordion(open=True), gr.Tabs(selected="generate")


def _warm_up() -> None:
    """Load what the first click needs, while its visitor still reads the page."""
    with suppress(ddpm.CheckpointError):  # the click will say what is wrong
        models.shipped()
    data_uri.grid_uri(torch.zeros(1, 1, 28, 28), 1)  # torchvision takes seconds to import


def build(trained: gr.State, tabs: gr.Tabs, noise_image: gr.Image, denoise: gr.Button) -> gr.Radio:
    """The tab's components and events. Returns the choice of model, for the Train tab.

    `noise_image` and `denoise` are the Noise tab's picture and its button to start from there.
    """
    with gr.Tab(text("generate_tab"), id="generate", elem_id="generate-tab") as tab:
        gr.Markdown(text("generate_intro"))
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                fold, picture, noise, finish = pad.fold()
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
                    [(text(f"sampler_{name}"), name) for name in ddpm.SAMPLERS],
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
                view = scrubber.view("generate-view")
                with gr.Row():
                    png, gif = (
                        gr.DownloadButton(text(key), interactive=False, elem_id=elem_id)
                        for key, elem_id in (
                            ("download_png", "generate-png"),
                            ("download_gif", "generate-gif"),
                        )
                    )
        compare.build(trained, use_trained, [label, sampler, steps, schedule, guidance, seed])
        formula, source = _explained(sampler.value)
        equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
        with gr.Accordion(text("show_code"), open=False):
            code = gr.Code(
                source, language="python", show_label=False, interactive=False,
                elem_id="generate-code",
            )  # fmt: skip
        sampler.change(
            _explained,
            sampler,
            [equation, code],
            queue=False,
            preprocess=False,
            show_progress="hidden",
            api_visibility="private",
        )

        settings = [trained, use_trained, label, count, sampler, steps, schedule, guidance, seed]
        shared = {
            "outputs": [view, png, gif],
            "concurrency_limit": None,  # the pool's
            "show_progress": "hidden",
            "preprocess": False,  # settings are checked in our words
        }
        from_picture = [*settings, picture, noise]
        log_snr = gr.Number(visible=False)  # only ever filled in by the script below
        taken = denoise.click(
            _from_noise_tab,
            [noise_image, log_snr, schedule],
            [picture, noise, fold, tabs],
            js=READ_LOG_SNR,
            queue=False,
            preprocess=False,
            api_visibility="private",
        )
        runs = [
            go.click(sample, settings, api_name="generate", **shared),
            finish.click(sample, from_picture, js=SHOW_VIEW, api_name="finish_picture", **shared),
            taken.success(sample, from_picture, api_visibility="private", **shared),
        ]
        stop.click(None, cancels=runs)
        tab.select(_warm_up, queue=False, show_progress="hidden", api_visibility="private")
    return use_trained
