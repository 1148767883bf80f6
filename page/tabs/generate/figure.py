"""The Generate tab's figures: a film as a strip, and a comparison as a labelled grid.

A run that ends leaves in its folder what they need; they are drawn when somebody asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

import ddpm
from ddpm import figures
from ddpm.data.images import to_float
from ddpm.figures.pictures import MOST_PICTURES, Frame
from page.server.files import result_files
from page.texts import both
from page.widgets.figure_menu.figure_menu import Choice
from page.widgets.names import value_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRIP, GRID = "generate_figure_strip", "compare_figure_grid"
KEPT = "figure.safetensors"


def save_strip(frames: list[Frame], folder: Path) -> None:
    """Keep a film's frames in its result's folder."""
    pictures = {
        f"{name}.{k}": frame[place][:MOST_PICTURES]
        for k, frame in enumerate(frames)
        for place, name in ((1, "x"), (2, "x_start"))
    }
    _save(pictures, [t for t, _, _ in frames], folder)


def draw_strip(_: Choice, png: dict | str | None) -> tuple[str, Figure]:
    """Of the film whose PNG this is."""
    path = png.get("path") if isinstance(png, dict) else png
    pictures, times = _read("generate", path)
    frames = [(t, pictures[f"x.{k}"], pictures[f"x_start.{k}"]) for k, t in enumerate(times)]
    return f"{Path(str(path)).stem}-strip", figures.strip(frames)


def save_grid(pictures: Mapping[str, Tensor], view: dict, folder: Path) -> str:
    """Keep a comparison in its result's folder: pictures by "row.column", and what they are.

    Returns the path that `draw_grid` takes.
    """
    rows = [
        {name: row[name] for name in ("value", "model", "sampler") if name in row}
        | {"cells": [{"value": cell["value"]} for cell in row.get("cells", [])]}
        for row in view["rows"]
    ]
    said = {name: view[name] for name in ("axis", "across", "same")} | {"rows": rows}
    return str(_save(pictures, said, folder))


def draw_grid(choice: Choice, path: str | None) -> tuple[str, Figure]:
    """Of the comparison that `save_grid` kept there."""
    pictures, said = _read("compare", path)
    axis, across = said["axis"], said["across"]
    rows: dict[str, Tensor | dict[str, Tensor]] = {}
    for i, row in enumerate(said["rows"]):
        cells = {
            value_name(across, cell["value"], choice): pictures[f"{i}.{j}"]
            for j, cell in enumerate(row["cells"])
            if f"{i}.{j}" in pictures  # unless it was stopped
        }
        if not across and f"{i}.0" in pictures:
            rows[_row_name(axis, row, choice)] = pictures[f"{i}.0"]
        elif across and len(cells) == len(row["cells"]):
            rows[_row_name(axis, row, choice)] = cells
    shared = " · ".join(value_name(*pair, choice) for pair in said["same"].items())
    name = "-".join(filter(None, ("compare", axis, across)))
    return name, figures.comparison(rows, choice.say("compare_same") + shared)


def _row_name(axis: str, row: dict, choice: Choice) -> str:
    if axis != "calls":
        return value_name(axis, row["value"], choice)
    names = [value_name(setting, row[setting], choice) for setting in ("model", "sampler")]
    return "\n".join([choice.say("compare_calls", calls=f"{row['value']:,}"), *names])


def _save(pictures: Mapping[str, Tensor], said: Any, folder: Path) -> Path:
    tensors = {name: ddpm.to_uint8(x).cpu().contiguous() for name, x in pictures.items()}
    save_file(tensors, folder / KEPT, {"said": json.dumps(said)})
    return folder / KEPT


def _read(kind: str, path: object) -> tuple[dict[str, Tensor], Any]:
    """What a run kept beside this file of its result. gr.Error if it is no longer there."""
    if not isinstance(path, str) or not result_files.STORE.holds(kind, path):
        raise gr.Error(both("figure_menu_nothing"), print_exception=False)
    with safe_open(Path(path).with_name(KEPT), "pt") as kept:
        pictures = {name: to_float(kept.get_tensor(name)) for name in kept.keys()}  # noqa: SIM118
        return pictures, json.loads(kept.metadata()["said"])
