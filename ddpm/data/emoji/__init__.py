"""Emoji in colour: the pictures of Noto Color Emoji, 32 × 32, in the nine groups of Unicode."""

import json
from pathlib import Path

import numpy as np
import torch
from einops import rearrange
from PIL import Image

from ddpm.data.dataset import Dataset, Pictures
from ddpm.files import SHIPPED as WEIGHTS

SHEET = Path(__file__).with_name("emoji.webp")  # written by devtools/emoji_sheet.py; see NOTICE
GROUPS = Path(__file__).with_name("groups.json")  # how many of each, in the sheet's order
SIZE, ROW = 32, 32  # pixels of a picture, pictures in a row
HELD_OUT = 10  # every tenth picture is for testing
CLASSES = (
    "Smiley", "Person", "Animal or plant", "Food", "Place or vehicle",
    "Activity", "Object", "Symbol", "Flag",
)  # fmt: skip


def _load(split: str, source: str = "auto") -> Pictures:
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    if source not in ("auto", "shipped"):
        raise ValueError(f"source must be 'auto' or 'shipped', not {source!r}")
    counts = list(json.loads(GROUPS.read_text("utf-8")).values())
    with Image.open(SHEET) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    images = rearrange(pixels, "(r h) (c w) k -> (r c) k h w", h=SIZE, c=ROW)[: sum(counts)]
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    is_test = torch.arange(len(labels)) % HELD_OUT == HELD_OUT - 1
    own = (is_test if split == "test" else ~is_test).nonzero().flatten()
    own = own[torch.randperm(len(own), generator=torch.Generator().manual_seed(0))]
    return Pictures(torch.from_numpy(images.copy())[own], labels[own], CLASSES, "emoji")


EMOJI = Dataset(
    name="emoji",
    classes=CLASSES,
    shape=(3, SIZE, SIZE),
    load=_load,
    sources=("shipped",),
    judge=WEIGHTS / "emoji_classifier.safetensors",
)
