"""The models that the page samples from: the shipped ones, and what a visitor trained."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import gradio as gr
import torch

import ddpm
from ddpm.networks.network import Network
from page.compute import COMPUTE, this_process
from page.compute.interface import (
    CASCADE,
    NOISY_CLASSIFIER,
    SHIPPED,
    STUDENT,
    TEXT_TO_IMAGE,
    UNCLIP,
)
from page.texts import both

Model = ddpm.Checkpoint | ddpm.Cascade | ddpm.TextToImage | ddpm.UnClip


@cache
def shipped() -> ddpm.Checkpoint:
    """The pretrained model, loaded once and shared by all visitors; nothing writes to it.

    A failure is not cached: once the file is repaired, the next click works.
    """
    return COMPUTE.load(SHIPPED)


@cache
def student() -> ddpm.Checkpoint:
    """The pretrained model's student, which draws in one call or two."""
    return COMPUTE.load(STUDENT)


@cache
def cascade() -> ddpm.Cascade:
    """One network that draws small pictures, and one that enlarges them."""
    return COMPUTE.load_cascade(CASCADE)


@cache
def by_words() -> ddpm.TextToImage:
    """Imagen's way: two networks that draw by words."""
    return COMPUTE.load_by_words(TEXT_TO_IMAGE)


@cache
def unclip() -> ddpm.UnClip:
    """DALL·E 2's way: three networks that draw by words and by pictures."""
    return COMPUTE.load_unclip(UNCLIP)


@cache
def noisy_classifier(device: torch.device) -> ddpm.NoisyClassifier:
    """The classifier that guides, on the device of the model that it guides."""
    return ddpm.NoisyClassifier.load(NOISY_CLASSIFIER, device)


def _trained(trained: str | ddpm.Checkpoint | None) -> ddpm.Checkpoint:
    """The visitor's trained model, loaded from its file."""
    if isinstance(trained, ddpm.Checkpoint):
        return trained
    if trained is None:
        raise gr.Error(both("model_none"))
    if not Path(trained).exists():  # expired, or evicted to make room
        raise gr.Error(both("model_gone"))
    return COMPUTE.load(trained)


# What a visitor can choose from. Each entry is given what the visitor trained, if anything: the
# path of its file, or the model itself if the disk had no room for it.
MODELS: dict[str, Callable[[str | ddpm.Checkpoint | None], Model]] = {
    "shipped": lambda _: shipped(),
    "student": lambda _: student(),
    "cascade": lambda _: cascade(),
    "words": lambda _: by_words(),
    "unclip": lambda _: unclip(),
    "trained": _trained,
}
_FILES = {"student": STUDENT, "cascade": CASCADE, "words": TEXT_TO_IMAGE, "unclip": UNCLIP}
for name, file in _FILES.items():
    if not file.is_file():
        del MODELS[name]

# What a run may be guided by: the labels that the model has learned, or a classifier. Each entry is
# given the model's device.
GUIDES: dict[str, Callable[[torch.device], ddpm.NoisyClassifier | None]] = {
    "labels": lambda _: None,
    "classifier": noisy_classifier,
}
if not NOISY_CLASSIFIER.is_file():
    del GUIDES["classifier"]


def network_of(model: Model) -> Network:
    """The network that draws the pictures, of several the last."""
    if isinstance(model, ddpm.Checkpoint):
        return model.model.network
    if isinstance(model, ddpm.UnClip):
        return model.decoder.network
    last = model.super_resolution
    return (last.model if isinstance(last, ddpm.Checkpoint) else last).network


def device_name(model: Model) -> str:
    """Where it draws, as visitors see it."""
    device = model.schedule.device
    if not isinstance(model, ddpm.Checkpoint):  # never on a lent GPU
        return this_process.device_name(device)
    return COMPUTE.device_name(device)


def chosen(trained: str | ddpm.Checkpoint | None, name: str) -> Model:
    """The model of this name in `MODELS`."""
    return MODELS[name](trained)
