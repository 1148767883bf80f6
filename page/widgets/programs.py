"""Parts of the programs that visitors take home."""

import torch

import ddpm
from page.widgets.data_uri import columns
from page.widgets.saved_pictures import whole_scale

SIDE = 28  # pixels of a picture of any model here
LINE = 72  # characters of a text in one line
SAVED = """frames = [ddpm.make_grid(x, nrow={nrow}) for x in film]

ddpm.to_pil(frames[-1], scale={scale}).save("pictures.png")
ddpm.save_gif([ddpm.to_pil(frame) for frame in frames], "film.gif", scale={scale})
"""


def scale(count: int, nrow: int) -> int:
    """How many times as large the page saves so many pictures, nrow in a row."""
    return whole_scale(ddpm.make_grid(torch.zeros(count, 1, SIDE, SIDE), nrow).shape[-1])


def saved(count: int) -> str:
    """The end of a program that has drawn a `film` of so many pictures."""
    nrow = columns(count)
    return SAVED.format(nrow=nrow, scale=scale(count, nrow))


def quoted(value: object, indent: int = 0) -> str:
    """A value as Python writes it; a long text in several lines, those after the first indented."""
    if not isinstance(value, str) or len(value) <= LINE:
        return repr(value)
    space = " " * indent
    parts = [value[k : k + LINE] for k in range(0, len(value), LINE)]
    lines = "\n".join(f"{space}    {part!r}" for part in parts)
    return f"(\n{lines}\n{space})"


def listed(items: list[str], indent: int = 0) -> str:
    """Items of a list or dictionary, one per line, between its brackets."""
    space = " " * indent
    return "\n" + "".join(f"{space}    {item},\n" for item in items) + space
