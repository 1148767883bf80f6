"""What the buttons "Draw" and "Compare" do, and the list of models, as functions."""

from __future__ import annotations

from devtools.visit import VISITOR
from page.models.registry import Request
from page.tabs.generate.compare.compare import TAKES, compare
from page.tabs.generate.controls.visibility import COLUMNS, for_model
from page.tabs.generate.run import run


def drawn(asked: dict, **changes) -> list:
    """All that "Draw" shows."""
    return list(run(VISITOR, None, Request(**asked | changes)))


def compared(asked: dict, axis: str, across: str = "none", **changes) -> list[dict]:
    """All that "Compare" shows, in two steps per picture unless `changes` has others."""
    given = {name: each.default for name, each in TAKES.items()} | asked | {"across": across}
    given |= {"steps": 2} | changes
    return list(compare(VISITOR, None, False, axis, *(given[name] for name in TAKES)))


def offered(model: str, sampler: str, steps: int | None) -> tuple[dict[str, bool], list]:
    """Which columns of settings are shown once it is chosen, and the updates of its way to draw."""
    found = for_model(model, sampler, steps)
    columns, (_, *way) = found[: len(COLUMNS)], found[len(COLUMNS) :]
    pairs = zip(COLUMNS, columns, strict=True)
    return {name: column.visible for names, column in pairs for name in names}, way
