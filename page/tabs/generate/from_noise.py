"""The sketch that a drawing begins with when another place asks for it: "Denoise from here" in the
Noise tab, with as much noise, or a link."""

from pathlib import Path

import gradio as gr
import torch
from PIL import Image

import ddpm
from ddpm.settings import Setting
from page.models.registry import SETTINGS
from page.models.request import MAX_NOISE, TAB
from page.server.files.uploads import open_upload
from page.server.listeners.validation import check_setting
from page.tabs.generate.run import STOPS
from page.texts import both
from page.widgets.sketch_pad import pad

# written by noise_view.js for the first chosen schedule and the slider's t; bounds all schedules
LOG_SNR = Setting("noise", float, "log-SNR of a noised picture", None, low=-100, high=100)
READ_LOG_SNR = """(image, _, schedule) => {
    const logSnr = document.querySelector("#noise-view [data-log-snr]")?.dataset.logSnr;
    window.scrollTo({ top: 0 });
    return [image, logSnr === undefined ? null : Number(logSnr), schedule];
}"""
GARMENT = 9  # in the training set: an ankle boot, with an outline that noise leaves for long


def from_noise_tab(
    image: dict | Path | None, log_snr: float | None, schedule: str, example: bytes = b""
) -> tuple:
    """The Noise tab's picture with the same amount of noise, that is, the same log-SNR. The page's
    own `example` there, its pixels, is no garment: one takes its place."""
    picture = open_upload(image)
    if picture.convert("RGB").tobytes() == example:
        gr.Info(both("pad_cat"))
        drawn = pad.garment(GARMENT)
    else:
        drawn = pad.from_picture(picture)
    check_setting(SETTINGS["schedule"], schedule, TAB)
    noise = gr.skip()  # no schedule is chosen there: keep the value here
    if log_snr is not None:
        check_setting(LOG_SNR, log_snr, TAB)
        own = ddpm.Schedule.named(schedule, MAX_NOISE + 1)
        noise = min(round(own.t_of_log_snr(torch.tensor(float(log_snr))).item()), own.last)
    return drawn, noise, "sketch", *open_drawing()


def open_drawing() -> tuple[gr.Tabs, gr.Tabs]:
    return gr.Tabs(selected="generate"), gr.Tabs(selected="draw")


def pixels_of(image: gr.Image) -> bytes:
    """Of the picture that it opens with."""
    with Image.open(image.value["path"]) as picture:
        return picture.convert("RGB").tobytes()


def with_sketch(visit: gr.Request, start: str, picture: str):
    """End what the visit draws, for what a link names; and the sketch that it begins with."""
    STOPS.ask(visit)
    return pad.garment(GARMENT) if start == "sketch" and not picture else gr.skip()
