"""A model of two stages: both as one run, as one film, and at the end of a program."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor

from ddpm.systems.run import Run, enlarged
from page.compute.plain import Told
from page.models.base import System
from page.texts import Refusal
from page.widgets import data_uri
from page.widgets.film.scrubber import Film
from page.widgets.programs import scale

STAGES = ("base", "super_resolution")
LEAST = len(STAGES)  # network calls
FILM = """
film = {{"base": [], "super_resolution": []}}
for found in steps:
    film[found.stage].append(ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow})))

film["base"][-1].save("small_pictures.png")
given = ddpm.make_grid(found.low, nrow={nrow})
ddpm.to_pil(given, scale={scale}).save("given_to_the_second.png")
ddpm.to_pil(ddpm.make_grid(found.step.x, nrow={nrow}), scale={scale}).save("pictures.png")
ddpm.save_gif(film["super_resolution"], "film.gif", scale={scale})
"""


def stops(usual: int) -> tuple[int, ...]:
    """Of the slider of steps, `usual` among them."""
    return 2, 5, 10, usual, 50, 100, 200, 500, 1000


class TwoStages(System):
    stage_steps: tuple[int, int]  # of both, as they are usual
    drawing: str  # in a program, what begins the steps of both
    comparison: str  # and what draws a picture of a comparison

    def split(self, steps: int) -> tuple[int, int]:
        """So many network calls, shared between the stages as their usual numbers are."""
        usual = self.stage_steps
        small = min(steps - 1, max(1, round(steps * usual[0] / sum(usual))))
        return small, steps - small

    def fitted(self, request: Any, system: Any) -> Any:
        own = super().fitted(request, system)
        return replace(own, steps=max(LEAST, own.steps))

    def check(self, request: Any, system: Any) -> None:
        if request.picture is not None:
            raise Refusal("staged_sketch")
        super().check(request, system)

    def loaded(self, request: Any, imports: str = "") -> str:
        """The head of a program."""
        raise NotImplementedError

    def program(self, request: Any, system: Any, trained: object) -> str:
        self.check(request, system)
        each, labels = request.labels_in_program(len(self.names()))
        given = self.arguments(request) | {"each": each, "labels": labels}
        given["within"] = within(request)
        steps = self.drawing.format(count=request.count, **given)
        nrow = data_uri.columns(request.count)
        saved = FILM.format(nrow=nrow, scale=scale(request.count, nrow))
        return self.loaded(request) + steps + saved

    def comparing(self, request: Any) -> str:
        head = self.loaded(request, "import torch\n\n")
        return head + self.comparison.format(count=request.count)

    def refusal(self, setting: str) -> str:
        return "staged_steps" if setting == "steps" else super().refusal(setting)


def within(request: Any) -> str:
    """The argument of a program's call that says when guidance acts; nothing if it always does."""
    return "".join(f"\n    {name}={times}," for name, times in request.within.items())


def begin(
    run: Run, shape: tuple[int, int, int], count: int, tell: Callable[[], dict] = dict
) -> tuple[Tensor, Iterator[Told]]:
    """x_T of the first stage, and the steps of both, counted through: `count` pictures of this
    shape, whether the first stage has as many or one for all. `tell` is what there is to say of
    the first stage besides what it drew."""

    def whole(x: Tensor) -> Tensor:
        return enlarged(x, shape).expand(count, -1, -1, -1)

    def walk() -> Iterator[Told]:
        for i, each in enumerate(run.steps):
            step, before = each.step, each.before
            x, x_start, tell_step = step.x, step.x_start, dict
            if each.stage == STAGES[0]:
                tell_step = partial(_said, "picture", step.x, tell())
                x, x_start, before = map(whole, (x, x_start, before))
            elif step.i == 0 and each.low is not None:
                tell_step = partial(_said, "given", each.low, {})
            yield Told(i, step.t, x, x_start, before, tell_step)

    return whole(run.x), walk()


def _said(name: str, x: Tensor, more: dict) -> dict:
    return {"stages": more | {name: data_uri.grid_uri(x)}}


def film(x: Tensor, T: int, steps: tuple[int, int], aug: int, **more) -> Film:
    """Of both stages, one after the other. It also has what the first one drew, and what the second
    was given: the same with noise on it."""
    stages = {"picture": "", "given": "", "steps": steps[0], "aug": aug} | more
    return Film(x, T - 1, sum(steps), stages=stages)
