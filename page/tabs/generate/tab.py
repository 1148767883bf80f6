"""The Generate tab: noise to garments, frame by frame."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import gradio as gr
import torch

import ddpm
from ddpm.data.fashion_mnist import CLASS_NAMES
from ddpm.settings import Setting
from page.compute import models
from page.server.uploads import open_upload
from page.server.validation import check_setting
from page.tabs.generate import compare
from page.tabs.generate.request import ANY, MAX_NOISE, SETTINGS, TAB, Request
from page.tabs.generate.run import add_endpoints, run
from page.texts import LATEX, text
from page.widgets import data_uri
from page.widgets.controls import control
from page.widgets.film import scrubber
from page.widgets.sketch_pad import pad

# written by noise_view.js for the first chosen schedule and the slider's t; bounds all schedules
LOG_SNR = Setting("noise", float, "log-SNR of a noised picture", None, low=-100, high=100)
READ_LOG_SNR = """(image, _, schedule) => {
    const logSnr = document.querySelector("#noise-view [data-log-snr]")?.dataset.logSnr;
    window.scrollTo({ top: 0 });
    return [image, logSnr === undefined ? null : Number(logSnr), schedule];
}"""
MODELS = [(text("generate_model_shipped"), False), (text("generate_model_trained"), True)]
CLASSES = [(text(f"class_{k}"), k) for k in range(len(CLASS_NAMES))]
SPECIAL = {  # choices that aren't part of the setting
    "use_trained": {"choices": MODELS},
    "label": {"choices": [(text("generate_any"), ANY), *CLASSES]},
}
SHOW_VIEW = """(...inputs) => {  // on a phone, it is far above the pad
    document.querySelector("#generate-view").scrollIntoView({ block: "nearest" });
    return inputs;
}"""


def sample(visit: gr.Request, trained: str | None, *values) -> Iterator[tuple]:
    """One run: its film as it grows, then the download buttons with its files."""
    for film, progress, files in run(visit, trained, Request(*values)):
        if not files:
            yield film.value(**progress), gr.skip(), gr.skip()
    # Gradio sends the last update again when a run ends, so leave out the film
    yield gr.skip(), *(gr.DownloadButton(value=file, interactive=True) for file in files)


def explained(sampler: str) -> tuple:
    """The equation of a sampler's step, and its code."""
    check_setting(SETTINGS["sampler"], sampler, TAB)
    return text(f"generate_equation_{sampler}"), inspect.getsource(ddpm.SAMPLERS[sampler])


def from_noise_tab(image: dict | Path | None, log_snr: float | None, schedule: str) -> tuple:
    """The Noise tab's picture with the same amount of noise, that is, the same log-SNR."""
    drawn = pad.write(ddpm.from_pil(open_upload(image), pad.SIZE, 1))
    check_setting(SETTINGS["schedule"], schedule, TAB)
    noise = gr.skip()  # no schedule is chosen there: keep the value here
    if log_snr is not None:
        check_setting(LOG_SNR, log_snr, TAB)
        t = ddpm.Schedule.named(schedule, MAX_NOISE + 1).t_of_log_snr(torch.tensor(float(log_snr)))
        noise = round(t.item())
    return drawn, noise, gr.Accordion(open=True), gr.Tabs(selected="generate")


def warm_up() -> None:
    """Load what the first click needs while the visitor is still reading."""
    with suppress(ddpm.CheckpointError):  # the click will report it
        models.shipped()
    data_uri.grid_uri(torch.zeros(1, 1, 28, 28), 1)  # torchvision takes seconds to import


def build(trained: gr.State, tabs: gr.Tabs, noise_image: gr.Image, denoise: gr.Button) -> gr.Radio:
    """The tab's components and events. Returns the choice of model, for the Train tab.

    `noise_image` and `denoise` are the Noise tab's picture and its "Denoise from here" button.
    """
    with gr.Tab(text("generate_tab"), id="generate", elem_id="generate-tab") as tab:
        gr.Markdown(text("generate_intro"))
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                noise = control(TAB, SETTINGS["noise"], render=False)
                fold, picture, finish = pad.fold(noise)
                controls = {
                    name: control(TAB, setting, **SPECIAL.get(name, {}))
                    for name, setting in SETTINGS.items()
                    if name not in ("picture", "noise")
                }
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
        compare.build(trained, controls)
        _explain(controls["sampler"])
        settings = [trained, *controls.values()]
        shared = {
            "outputs": [view, png, gif],
            "concurrency_limit": None,  # limited by run_queue
            "show_progress": "hidden",
            "preprocess": False,  # settings are checked with our own messages
            "api_visibility": "private",
        }
        from_picture = [*settings, picture, noise]
        log_snr = gr.Number(visible=False)  # filled in by the script below
        filled = denoise.click(
            from_noise_tab,
            [noise_image, log_snr, controls["schedule"]],
            [picture, noise, fold, tabs],
            js=READ_LOG_SNR,
            queue=False,
            preprocess=False,
            api_visibility="private",
        )
        runs = [
            go.click(sample, settings, **shared),
            finish.click(sample, from_picture, js=SHOW_VIEW, **shared),
            filled.success(sample, from_picture, **shared),
        ]
        stop.click(None, cancels=runs)
        tab.select(warm_up, queue=False, show_progress="hidden", api_visibility="private")
        add_endpoints(trained)
    return controls["use_trained"]


def _explain(sampler: gr.Radio) -> None:
    """The equation and the code of one step, which follow the sampler."""
    formula, source = explained(sampler.value)
    equation = gr.Markdown(formula, latex_delimiters=LATEX, elem_id="generate-equation")
    with gr.Accordion(text("show_code"), open=False):
        code = gr.Code(
            source, language="python", show_label=False, interactive=False, elem_id="generate-code"
        )
    sampler.change(
        explained,
        sampler,
        [equation, code],
        queue=False,
        preprocess=False,
        show_progress="hidden",
        api_visibility="private",
    )
