"""What the buttons "Draw" and "Compare" do, and the list of models, as functions."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import Tensor

from devtools.visit import VISITOR, picture_of
from page.models.registry import Request, trajectory
from page.tabs.generate.compare.compare import TAKES, compare
from page.tabs.generate.controls import visibility
from page.tabs.generate.run import run


def drawn(asked: dict, **changes) -> list:
    """All that "Draw" shows."""
    return list(run(VISITOR, None, Request(**asked | changes)))


def last_of(system: Any, **asked) -> Tensor:
    """The pictures that a run ends with."""
    *_, step = trajectory(system, Request(**asked))[1]
    return step.x


def compared(
    asked: dict, axis: str, across: str = "none", trained: str | None = None, **changes
) -> Iterator[dict]:
    """All that "Compare" shows, in two steps per picture unless `changes` has others."""
    given = {name: each.default for name, each in TAKES.items()} | asked | {"across": across}
    given |= {"steps": 2} | changes
    return compare(VISITOR, trained, False, axis, *(given[name] for name in TAKES))


def pixels(uri: str) -> np.ndarray:
    """The grey levels of a picture that is shown, to subtract from others."""
    return np.asarray(picture_of(uri))[..., 0].astype(int)


def shown(*given) -> dict[str, bool]:
    """What is seen of the settings and what stands around them, as `arranged` is given."""
    names = ["around", "go", "start", "sketch", "about"]
    names += [*visibility.OF_THE_SKETCH, *visibility.SHOWN]
    updates = zip(names, visibility.arranged(*given), strict=True)
    return {name: each["visible"] for name, each in updates if isinstance(each, dict)}


def offered(model: str, sampler: str, steps: int | None) -> tuple[dict[str, bool], list]:
    """Which columns of settings are shown once it is chosen, and the updates of its way to draw."""
    found, columns = visibility.for_model(model, sampler, steps), visibility.COLUMNS
    _, *way = found[len(columns) :]
    pairs = zip(columns, found, strict=False)
    return {name: column.visible for names, column in pairs for name in names}, way
