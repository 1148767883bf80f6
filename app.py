"""The page: three tabs over one core. `python app.py` opens it."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # no request leaves the machine

from tabs import zero  # noqa: F401  on ZeroGPU it must come before gradio and torch

# isort: split
import gradio as gr

from tabs import generate, noise, train
from tabs.serve import serve
from tabs.texts import I18N, text

CSS = """
.pixel-art img { image-rendering: pixelated; }
.prose:has(.katex) { padding-block: 4px; }  /* room for indices, else each equation scrolls */
@media (max-width: 700px) { .settings { order: 2; } }  /* a phone shows the pictures first */
"""
# Soft's own greys and violets have less contrast than WCAG asks for (4.5)
THEME = gr.themes.Soft(
    font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
).set(
    body_text_color_subdued="*neutral_600",
    block_info_text_color="*neutral_600",
    background_fill_primary="*neutral_50",  # Soft's own, which set() forgets
    checkbox_border_color="*neutral_500",  # else an empty box can't be seen
    block_label_text_color="*primary_700",
    block_title_text_color="*primary_700",
    checkbox_label_background_fill_selected="*primary_600",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_hover_dark="*primary_700",
)
SESSIONS = 2000  # as many as Gradio keeps messages for; then the oldest forgets what it trained
TRAINED_KEPT_S = 3600  # a model trained by a visitor is forgotten after an hour
FILES_KEPT_S = (600, 3000)  # looked at every 600 s: uploads and results go within the hour, too


def build() -> gr.Blocks:
    with gr.Blocks(title="Diffusion, hands on", delete_cache=FILES_KEPT_S) as page:
        gr.Markdown(text("title"))
        trained = gr.State(None, time_to_live=TRAINED_KEPT_S)
        with gr.Tabs() as tabs:
            image, denoise = noise.build()
            use_trained = generate.build(trained, tabs, image, denoise)
            train.build(trained, use_trained, tabs)
        page.unload(train.ask_to_stop)
    return page


if __name__ == "__main__":
    serve(
        build(),
        i18n=I18N,
        theme=THEME,
        css=CSS,
        show_error=True,
        max_file_size="20mb",
        state_session_capacity=SESSIONS,
        mcp_server=find_spec("mcp") is not None,  # pip install "gradio[mcp]"
        inbrowser=sys.stdout.isatty(),  # a person at a terminal wants to see the page
    )
