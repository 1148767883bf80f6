"""The Train tab: a short run with a live loss plot and improving samples."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import gradio as gr

import ddpm
from page.tabs.train import own_pictures, recipe
from page.tabs.train.recipe import Recipe
from page.tabs.train.run import add_endpoint, ask_to_stop, data, run
from page.texts import LATEX, text
from page.widgets.training_monitor import progress


def show_run(visit: gr.Request, *values) -> Iterator[tuple]:
    """A run as updates of the view, the trained model, the download and the "Use" button.

    An earlier model stays usable until the new one is ready.
    """
    *fields, source, pictures = values
    for report, file in run(visit, Recipe(*fields), source, pictures):
        if file is None:
            yield report or gr.skip(), gr.skip(), gr.skip(), gr.skip()
        else:
            download = gr.update(value=file, interactive=True)
            yield report, file, download, gr.Button(interactive=True)


def build(trained: gr.State) -> gr.Button:
    """The tab's components and events. Returns the "Use this model in Generate" button."""
    with gr.Tab(text("train_tab"), id="train", elem_id="train-tab") as tab:
        gr.Markdown(text("train_intro"))
        with gr.Row():
            with gr.Column(scale=1, min_width=300, elem_classes="settings"):
                source, files, pictures = own_pictures.build()
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
            for function in (ddpm.p_losses, ddpm.train):
                gr.Code(
                    inspect.getsource(function),
                    language="python",
                    show_label=False,
                    interactive=False,
                )

        at_once = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        own_pictures.connect(tab, view, (source, files, pictures), data)
        go.click(
            show_run,
            settings,
            [view, trained, file, use],
            preprocess=False,  # settings are checked with our own messages
            api_visibility="private",
            concurrency_limit=None,  # limited by run_queue
            show_progress="hidden",
        )
        stop.click(ask_to_stop, **at_once)
        add_endpoint(trained, pictures)
    return use
