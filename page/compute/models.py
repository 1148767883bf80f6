"""The models that the page samples from: the shipped one, and what a visitor trained."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import gradio as gr

import ddpm
from page.compute import COMPUTE
from page.compute.interface import SHIPPED
from page.texts import both


@cache
def shipped() -> ddpm.Checkpoint:
    """The pretrained model, loaded once and shared by all visitors; nothing writes to it.

    A failure is not cached: once the file is repaired, the next click works.
    """
    return COMPUTE.load(SHIPPED)


def chosen(trained: str | ddpm.Checkpoint | None, use_trained: bool) -> ddpm.Checkpoint:
    """The visitor's trained model, loaded from its file, or the shipped one.

    `trained` is the file's path, or the model itself if the disk had no room for it.
    """
    if not use_trained:
        return shipped()
    if isinstance(trained, ddpm.Checkpoint):
        return trained
    if trained is None:
        raise gr.Error(both("model_none"))
    if not Path(trained).exists():  # expired, or evicted to make room
        raise gr.Error(both("model_gone"))
    return COMPUTE.load(trained)
