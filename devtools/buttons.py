"""What the buttons "Draw" and "Compare" do, as functions."""

from __future__ import annotations

from devtools.visit import VISITOR
from page.tabs.generate.compare.compare import TAKES, compare
from page.tabs.generate.drawing.request import Request
from page.tabs.generate.drawing.run import run


def drawn(asked: dict, **changes) -> list:
    """All that "Draw" shows."""
    return list(run(VISITOR, None, Request(**asked | changes)))


def compared(asked: dict, axis: str, across: str = "none", **changes) -> list[dict]:
    """All that "Compare" shows, in two steps per picture unless `changes` has others."""
    given = {name: each.default for name, each in TAKES.items()} | asked | {"across": across}
    given |= {"steps": 2} | changes
    return list(compare(VISITOR, None, False, axis, *(given[name] for name in TAKES)))
