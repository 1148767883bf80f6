"""What a run that ends leaves in its result's folder for its figure, drawn when somebody asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

import ddpm
from ddpm.data.images import to_float
from page.server.files import result_files
from page.texts import both

KEPT = "figure.safetensors"


def save(pictures: Mapping[str, Tensor], said: Any, folder: Path) -> Path:
    tensors = {name: ddpm.to_uint8(x).cpu().contiguous() for name, x in pictures.items()}
    save_file(tensors, folder / KEPT, {"said": json.dumps(said)})
    return folder / KEPT


def read(kind: str, path: object) -> tuple[dict[str, Tensor], Any]:
    """What a run kept beside this file of its result. gr.Error if it is no longer there."""
    if not isinstance(path, str) or not result_files.STORE.holds(kind, path):
        raise gr.Error(both("figure_menu_nothing"), print_exception=False)
    with safe_open(Path(path).with_name(KEPT), "pt") as kept:
        pictures = {name: to_float(kept.get_tensor(name)) for name in kept.keys()}  # noqa: SIM118
        return pictures, json.loads(kept.metadata()["said"])
