"""The page: three tabs over one core. `python app.py` opens it."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # no request leaves the machine

import gradio as gr

from tabs import generate, noise, train
from tabs.texts import I18N, text

CSS = """
.pixel-art img { image-rendering: pixelated; }
@media (max-width: 700px) { .settings { order: 2; } }  /* a phone shows the pictures first */
"""
TRAINED_KEPT_S = 3600  # a model trained by a visitor is forgotten after an hour


def build() -> gr.Blocks:
    with gr.Blocks(title="Diffusion, hands on", delete_cache=(600, 3600)) as page:
        gr.Markdown(text("title"))
        trained = gr.State(None, time_to_live=TRAINED_KEPT_S)
        with gr.Tabs() as tabs:
            image, denoise = noise.build()
            use_trained = generate.build(trained, tabs, image, denoise)
            train.build(trained, use_trained, tabs)
    return page


if __name__ == "__main__":
    build().queue(api_open=False).launch(
        i18n=I18N,
        theme=gr.themes.Soft(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        css=CSS,
        show_error=True,
        max_file_size="20mb",
        mcp_server=find_spec("mcp") is not None,  # pip install "gradio[mcp]"
        inbrowser=sys.stdout.isatty(),  # a person at a terminal wants to see the page
    )
