"""Draws thousands of pictures from a model, to measure it."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor
from tqdm import tqdm

import ddpm
from ddpm.checkpoint import write_whole

BATCH = 250


def draw(
    model: ddpm.Checkpoint | ddpm.Denoiser,
    n: int,
    *,
    seed: int = 0,
    kept: Path | None = None,
    **settings,
) -> Tensor:
    """n images uint8 (n, C, H, W), the ten classes in turn; image k has the seed `seed + k`.

    `settings` are those of `ddpm.sample`. Images that the file `kept` already holds are not drawn
    again, and new ones are added to it after each batch.
    """
    drawn = [load_file(kept)["images"]] if kept and kept.exists() else []
    for first in tqdm(range(sum(map(len, drawn)), n, BATCH), leave=False):
        labels = torch.arange(first, min(n, first + BATCH)) % 10
        x = ddpm.sample(model, len(labels), labels=labels, seed=seed + first, **settings)
        drawn.append(ddpm.to_uint8(x.cpu()))
        if kept:
            write_whole(kept, save({"images": torch.cat(drawn)}))
    return torch.cat(drawn)
