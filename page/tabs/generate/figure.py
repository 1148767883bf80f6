"""A film as a strip, from the frames that its run has left."""

from pathlib import Path

from ddpm import figures
from ddpm.figures.pictures import MOST_PICTURES, Frame
from page.widgets.figure_menu import figure_menu
from page.widgets.figure_menu.figure_menu import Choice, Drawn

STRIP = "generate_figure_strip"


def save_strip(frames: list[Frame], folder: Path) -> None:
    """Keep a film's frames in its result's folder."""
    pictures = {
        f"{name}.{k}": frame[place][:MOST_PICTURES]
        for k, frame in enumerate(frames)
        for place, name in ((1, "x"), (2, "x_start"))
    }
    figure_menu.save(pictures, [t for t, _, _ in frames], folder)


def draw_strip(_: Choice, png: dict | str | None) -> Drawn:
    """Of the film whose PNG this is."""
    path = png.get("path") if isinstance(png, dict) else png
    pictures, times = figure_menu.read("generate", path)
    frames = [(t, pictures[f"x.{k}"], pictures[f"x_start.{k}"]) for k, t in enumerate(times)]
    return f"{Path(str(path)).stem}-strip", figures.strip(frames)
