"""Figures made of pictures: the forward process, a sampler's way, and a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from PIL import Image
from torch import Tensor

from ddpm.data.images import make_grid, to_pil
from ddpm.diffusion.process import q_sample, randn_like
from ddpm.diffusion.seeds import generator
from ddpm.figures.style import SMALL, TEXT, TITLE, WIDTH, Writer, finished, lay, new_figure
from ddpm.sampling.samplers import Step
from ddpm.schedules import Schedule

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN, GAP, LINE = 24, 14, 44  # pixels; LINE is the height of a line of text
MOST_NAME = 400  # pixels, of the names at the left: longer ones are written smaller
MOST_HEIGHT = 420  # pixels, of a picture or a grid of them
MOST_PICTURES = 16  # in one place of a trajectory
COLUMNS = 8  # of a trajectory

Pictures = Tensor | Mapping[str, Tensor]
Frame = tuple[int | None, Tensor, Tensor]


def noise(
    schedules: Mapping[str, Schedule], x_start: Tensor, *, columns: int = 6, seed: int = 0
) -> Figure:
    """x_0, then x_t at times evenly up to T-1, one row for each schedule, all with the same noise.

    schedules by the names to write beside the rows; x_start (C, H, W) in [-1, 1]; `columns` times,
    at least 1; `seed` of the noise. ValueError unless all have the same T.
    """
    if not schedules:
        raise ValueError("choose at least one schedule")
    (T, *others) = {schedule.T for schedule in schedules.values()}
    if others:
        raise ValueError("the schedules of one figure must have the same T")
    eps = randn_like(x_start[None], generator(seed))
    times = torch.linspace(0, T - 1, min(T, columns + 1)).round().long()[1:]  # t = 0 is almost x_0
    rows = {}
    for name, schedule in schedules.items():
        x_t = q_sample(schedule, x_start.expand(len(times), -1, -1, -1), times, eps)
        rows[name] = [to_pil(x) for x in (x_start, *x_t)]
    return _tiles(rows, ["x₀", *(f"t = {t}" for t in times)])


def trajectory(x: Tensor, steps: Sequence[Step], *, columns: int = COLUMNS) -> Figure:
    """What a sampler held on its way, xₜ, above what the network took it for, x̂₀.

    x (B, C, H, W) is what the run began with, such as x_T; steps are all that it took, as
    `ddpm.trajectory` yields them, of which `columns` are shown. At most 16 pictures are shown of
    each. ValueError without a step.
    """
    if not steps:
        raise ValueError("a trajectory has at least one step")
    times = [*(step.t for step in steps), None]
    held = [x, *(step.x for step in steps)]
    guesses = [*(step.x_start for step in steps), steps[-1].x_start]
    return strip([(times[k], held[k], guesses[k]) for k in strip_places(len(steps), columns)])


def strip_places(steps: int, columns: int = COLUMNS) -> list[int]:
    """Which states of a run a strip of `columns` shows, of 0, x_T, to `steps`, x_0."""
    return torch.linspace(0, steps, min(columns, steps + 1)).round().long().tolist()


def strip(frames: Sequence[Frame]) -> Figure:
    """A trajectory by its frames: each a time t, x_t and the guess x̂_0 (B, C, H, W); without a time
    what the run ended with."""
    rows = {
        "xₜ": [_grid(x[:MOST_PICTURES]) for _, x, _ in frames],
        "x̂₀": [_grid(x_start[:MOST_PICTURES]) for _, _, x_start in frames],
    }
    return _tiles(rows, ["x₀" if t is None else f"t = {t}" for t, _, _ in frames])


def comparison(rows: Mapping[str, Pictures], title: str = "") -> Figure:
    """Pictures under the values of one setting, a row for each, or of two, with columns as well.

    rows by name: pictures (n, C, H, W), shown beside each other; or those of each column, by
    name, shown in a square. `title` says what all share. ValueError without a row.
    """
    if not rows:
        raise ValueError("a comparison has at least one row")
    columns: list[str] = []
    tiles: dict[str, list[Image.Image]] = {}
    for name, pictures in rows.items():
        if isinstance(pictures, Mapping):
            columns = columns or list(pictures)
            tiles[name] = [_grid(pictures[column]) for column in columns]
        else:
            tiles[name] = [_grid(pictures, len(pictures))]
    return _tiles(tiles, columns, title)


def _grid(pictures: Tensor, nrow: int | None = None) -> Image.Image:
    return to_pil(make_grid(pictures, nrow))


def _tiles(rows: Mapping[str, list[Image.Image]], titles: list[str], title: str = "") -> Figure:
    """Pictures of one size in rows and columns, with names at the left and titles above."""
    count = len(next(iter(rows.values())))
    sizes = {picture.size for row in rows.values() for picture in row}
    if len(sizes) > 1 or {len(row) for row in rows.values()} != {count}:
        raise ValueError("all rows need as many pictures, and all pictures one size")
    ((width, height),) = sizes
    figure = new_figure(LINE)
    write = Writer(figure)
    names = [write(name, TEXT, MOST_NAME) for name in rows]
    left = round(MARGIN + max(map(write.width, names)) + GAP)
    scale = (WIDTH - left - MARGIN - (count - 1) * GAP) / count / width
    scale = min(scale, MOST_HEIGHT / height)
    size = across, down = round(scale * width), round(scale * height)
    lefts = [left + k * (across + GAP) for k in range(count)]
    top = MARGIN + (LINE + GAP if title else 0) + (LINE if titles else 0)
    tops = [top + k * (down + GAP) for k in range(len(rows))]
    sheet = Image.new("RGB", (WIDTH, tops[-1] + down + MARGIN), "white")
    for y, row in zip(tops, rows.values(), strict=True):
        for x, picture in zip(lefts, row, strict=True):
            sheet.paste(_enlarged(picture, size), (x, y))
    lay(figure, sheet)
    if title:
        write.place(write(title, TITLE, WIDTH - 2 * MARGIN), MARGIN, MARGIN + LINE / 2)
    for name, y in zip(names, tops, strict=True):
        write.place(name, MARGIN, y + down / 2)
    for text, x in zip(titles, lefts, strict=False):
        above = write(text, SMALL + 1, across + GAP)
        write.place(above, x + (across - write.width(above)) / 2, top - LINE / 2)
    return finished(figure)


def _enlarged(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """At this size, each pixel a sharp square, whatever the scale."""
    whole = -(-size[0] // picture.width)
    large = picture.convert("RGB").resize(
        (whole * picture.width, whole * picture.height), Image.Resampling.NEAREST
    )
    return large.resize(size, Image.Resampling.BOX)
