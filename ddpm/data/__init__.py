"""The data sets by name, and which of them a model has learned from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ddpm.data.dataset import Dataset
from ddpm.data.emoji import EMOJI
from ddpm.data.fashion_mnist import FASHION_MNIST as USUAL  # of which there are shipped models

DATASETS = {each.name: each for each in (USUAL, EMOJI)}
SOURCES = ("auto", *dict.fromkeys(s for each in DATASETS.values() for s in each.sources))


def others_noted(info: Mapping[str, Any]) -> str | None:
    """The pictures that the writer of a file noted; None where the config names them. Older files
    note which source of the usual data set it was."""
    noted = info.get("data")
    return None if noted in (None, "", *SOURCES) else noted


def learned_from(name: str, info: Mapping[str, Any]) -> Dataset:
    """The data set of a network, by its config and by what the writer of its file noted."""
    found = Dataset(name=others_noted(info) or name)
    found = DATASETS.get(found.name, found)
    return replace(found, classes=tuple(info.get("classes") or found.classes))
