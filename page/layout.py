"""The Blocks: title, theme, three tabs, and what passes between them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from page.tabs.generate import tab as generate_tab
from page.tabs.noise import tab as noise_tab
from page.tabs.train import tab as train_tab
from page.texts import text

CSS = Path(__file__).with_suffix(".css").read_text("utf-8")
THEME = gr.themes.Soft(
    text_size="lg",  # 14, 16 and 20 pixels, for the instruments too
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    button_large_text_size="*text_md",
    block_label_text_size="*text_sm",
    block_title_text_size="*text_sm",
    # Soft's greys and violets fall short of the contrast that WCAG requires (4.5)
    body_text_color_subdued="*neutral_600",
    block_info_text_color="*neutral_600",
    background_fill_primary="*neutral_50",  # Soft's value, which set() would drop
    checkbox_border_color="*neutral_500",  # otherwise an empty box is invisible
    block_label_text_color="*primary_700",
    block_title_text_color="*primary_700",
    checkbox_label_background_fill_selected="*primary_600",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_hover_dark="*primary_700",
)
TRAINED_KEPT_S = 3600  # a visitor's trained model is dropped after an hour
FILES_KEPT_S = (600, 3000)  # check every 600 s, delete after 3,000 s: within the hour


def build() -> gr.Blocks:
    with gr.Blocks(title="Diffusion, hands on", delete_cache=FILES_KEPT_S) as page:
        gr.Markdown(text("title"))
        trained = gr.State(None, time_to_live=TRAINED_KEPT_S)
        with gr.Tabs() as tabs:
            image, denoise = noise_tab.build()
            draw_with_trained = generate_tab.build(trained, tabs, image, denoise)
            draw_with_trained(train_tab.build(trained))
        page.unload(train_tab.ask_to_stop)
    return page
