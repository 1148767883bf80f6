"""All models of this folder, what a visitor can choose from, and the request that they share."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ddpm
from ddpm.settings import Setting, setting, settings_of
from page.compute import COMPUTE, interface
from page.in_browser import files
from page.models.base import Model
from page.models.guides import Guide
from page.models.request import ALL_TIMES, ANY, COMMON, TAB, Common
from page.server.listeners.validation import check_setting
from page.texts import Refusal


def _found() -> Iterator[Model]:
    for each in pkgutil.iter_modules([str(Path(__file__).parent)], "page.models."):
        if each.name != __name__:
            module = importlib.import_module(each.name)
            yield from [module.MODEL] if hasattr(module, "MODEL") else getattr(module, "MODELS", ())


# Every model by name, in the order of the list; and those whose files are there.
KINDS: dict[str, Model] = {each.name: each for each in sorted(_found(), key=lambda m: m.order)}
MODELS = {name: each for name, each in KINDS.items() if each.file is None or each.file.exists()}
BY_AGE = sorted(KINDS.values(), key=lambda model: model.joined)  # as programs know their settings
_DECLARED = dict.fromkeys(each.settings for each in reversed(BY_AGE) if each.settings != Common)


@dataclass(frozen=True)
class Request(*_DECLARED, Common):
    """The settings of a run. gr.Error names one that is wrong."""

    model: str = setting("shipped", ", ".join(one.about for one in KINDS.values()), choices=MODELS)

    @property
    def kind(self) -> Model:
        return KINDS[self.model]

    @property
    def guide(self) -> Guide | None:
        """Besides the labels that the model has learned."""
        return self.kind.guides.get(self.guided_by)

    @property
    def is_shipped(self) -> bool:
        return self.kind.file is not None

    @property
    def passes(self) -> int:
        """How often each picture goes through a network in a call, forwards or backwards."""
        one_is_enough = (0, 1) if self.interval == ALL_TIMES and not self.by_worse else (1,)
        is_guided = self.by_classifier or self.guidance not in one_is_enough
        towards = self.by_worse or self.label != ANY or "words" in self.kind.heeds
        return 2 if is_guided and towards else 1


# What the page begins with. Links and programs that name no model mean the one that came before.
FIRST = next((name for name, model in MODELS.items() if model.file == interface.FIRST), "shipped")
SETTINGS = settings_of(Request)  # pyright: ignore[reportArgumentType]
OF_PICTURES = tuple(dict.fromkeys(name for each in BY_AGE for name in each.of_a_picture))
FROM_PICTURES = tuple(dict.fromkeys(name for each in BY_AGE for name in each.from_a_picture))
OF_ONE_MODEL = tuple(name for name in SETTINGS if name not in {*COMMON, "model", *OF_PICTURES})
CHANGES = tuple(name for each in BY_AGE for name in each.changes)  # axes that change a picture
# Endpoints had it before there were more than two models.
USE_TRAINED = Setting("use_trained", bool, "true for model=trained, whatever model says", False)


def with_model(use_trained: object, model: str) -> str:
    """The model that an endpoint's two arguments ask for."""
    check_setting(USE_TRAINED, use_trained, TAB)
    return "trained" if use_trained else model


def model_of(name: str) -> Model:
    """gr.Error unless there is one of this name."""
    check_setting(SETTINGS["model"], name, TAB)
    return KINDS[name]


def chosen(trained: str | ddpm.Checkpoint | None, name: str) -> Any:
    """What the model of this name draws with."""
    return MODELS[name].load(trained)


def load_all() -> None:
    """Load what the first click needs while the visitor is still reading."""
    with suppress(ddpm.CheckpointError):  # the click will report it
        for model in MODELS.values():
            model.warm_up()


def walker() -> Model | None:
    """The model that is fast enough to follow a hand, if its file is there."""
    return next((each for each in MODELS.values() if each.walk_calls), None)


def drawn_in_browser() -> Path | None:
    """That model as visitors' own browsers draw with it, if they can."""
    kind = walker()
    return files.exported(kind.file) if kind and kind.file else None


def trajectory(system: Any, *requests: Request) -> interface.Trajectory:
    """x_T (B, C, H, W), or x_t of the request's picture, and the steps from it to x_0. Several
    requests that are drawn as one: the pictures of each, one after the other."""
    return COMPUTE.trajectory(begun, system, *requests)


def begun(system: Any, request: Request, *others: Request) -> interface.Trajectory:
    """`trajectory` in this process, with the model that is shipped if no system is given."""
    kind = request.kind
    return kind.begin(request, system or kind.load(None), *others)


def finite(steps: Iterator[ddpm.Step], request: Request, system: Any) -> Iterator[ddpm.Step]:
    """The steps; gr.Error in place of one whose pictures are no numbers, which would be shown as
    black ones. It names the schedule, or under its own the model."""
    is_other = request.kind.other_schedule(request, system)
    key = "not_finite_schedule" if is_other else "not_finite_model"
    for step in steps:
        if not bool(step.x.isfinite().all() and step.x_start.isfinite().all()):
            raise Refusal(key, t=step.t)
        yield step
