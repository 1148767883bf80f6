"""A comparison as a labelled grid, from the pictures that it has left."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from ddpm import figures
from page.widgets.figure_menu import figure_menu
from page.widgets.figure_menu.figure_menu import Choice, Drawn
from page.widgets.names import value_name

GRID = "compare_figure_grid"


def save_grid(pictures: Mapping[str, Tensor], view: dict, folder: Path) -> str:
    """Keep a comparison in its result's folder: pictures by "row.column", and what they are.

    Returns the path that `draw_grid` takes.
    """
    rows = [
        {name: row[name] for name in ("value", "model", "sampler") if name in row}
        | {"cells": [{"value": cell["value"]} for cell in row.get("cells", [])]}
        for row in view["rows"]
    ]
    said = {name: view[name] for name in ("axis", "across", "same", "classes")} | {"rows": rows}
    return str(figure_menu.save(pictures, said, folder))


def draw_grid(choice: Choice, path: str | None) -> Drawn:
    """Of the comparison that `save_grid` kept there."""
    pictures, said = figure_menu.read("compare", path)
    axis, across, classes = said["axis"], said["across"], said["classes"]
    rows: dict[str, Tensor | dict[str, Tensor]] = {}
    for i, row in enumerate(said["rows"]):
        cells = {
            value_name(across, cell["value"], choice, classes): pictures[f"{i}.{j}"]
            for j, cell in enumerate(row["cells"])
            if f"{i}.{j}" in pictures  # unless it was stopped
        }
        if not across and f"{i}.0" in pictures:
            rows[_row_name(axis, row, choice, classes)] = pictures[f"{i}.0"]
        elif across and len(cells) == len(row["cells"]):
            rows[_row_name(axis, row, choice, classes)] = cells
    shared = " · ".join(value_name(*pair, choice, classes) for pair in said["same"].items())
    name = "-".join(filter(None, ("compare", axis, across)))
    return name, figures.comparison(rows, choice.say("compare_same") + shared)


def _row_name(axis: str, row: dict, choice: Choice, classes: list[str]) -> str:
    if axis != "calls":
        return value_name(axis, row["value"], choice, classes)
    names = [value_name(each, row[each], choice, classes) for each in ("model", "sampler")]
    return "\n".join([choice.say("compare_calls", calls=f"{row['value']:,}"), *names])
