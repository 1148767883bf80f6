"""The page's head: its name, and the switches for language, theme and presenting."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from page.widgets.instrument import instrument

VIEWS = ("draw_tab", "compare_tab", "walk_tab", "points_tab")
TABS = ("noise_tab", "generate_tab", "train_tab", *VIEWS)


def header() -> gr.HTML:
    return instrument(Path(__file__), value=None, words=TABS, elem_id="header")
