"""What the page asks of a model, whatever draws its pictures.

A model is one file in this folder, whose `MODEL` is an object of a class below; a file that has
several of one kind lists them as `MODELS`. Nothing else on the page names it. `system` is what
`load` returned, `request` is a `registry.Request`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import gradio as gr
from torch import Tensor

import ddpm
from ddpm.data import DATASETS, USUAL
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.sampling.samplers import SAMPLERS
from ddpm.settings import settings_of
from page.compute.interface import Trajectory
from page.models.guides import GUIDES, Guide
from page.models.request import ANY, COMMON, EACH, TAB, Common
from page.texts import TEXTS, Refusal, both, key_of
from page.widgets.film.scrubber import Film

WAY = ("sampler", "guidance", "guided_by", "schedule", "steps")  # in which a picture is drawn


class Refused(Refusal):
    """A comparison that makes no sense, or takes too long: `key` names the text that says why."""

    def __init__(self, key: str, **values):
        super().__init__(f"compare_{key}", **values)
        self.key = key


class Model:
    name: str  # in requests, links and the keys of texts
    about: str  # in the descriptions of endpoints
    order = 50  # in the list of models
    joined = 50  # settings of models that came later are last: programs pass them by position
    file: Path | None = None  # a model whose file is missing is not offered
    data = USUAL.name  # the data set that it learned from

    # ---- settings
    settings: type[Common] = Common
    ignores: Collection[str] = ()  # of those that all have, as axes of Compare too
    fixed: Collection[str] = ()  # of them it takes one value alone, so that none is shown
    usual: ClassVar[Mapping[str, Any]] = {}  # what it is best with, if that is not the default
    by_hand: ClassVar[Mapping[str, Any]] = {}  # besides, for who chooses it: links say theirs
    samplers: Collection[str] = tuple(SAMPLERS)
    # what can guide it
    guides: ClassVar[Mapping[str, Guide | None]] = {
        name: guide for name, guide in GUIDES.items() if name != "worse"
    }
    few: tuple[int, ...] = ()  # the only numbers of network calls, if there are few
    brings_schedule = False  # whether choosing it chooses the schedule that it learned under
    stops: Collection[int] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # of the slider of steps
    places: ClassVar[Mapping[str, str]] = {}  # of its own settings: sketch, main, more

    # ---- a given picture
    of_a_picture: Collection[str] = ("noise",)  # what is done with it
    from_a_picture: Collection[str] = ()  # its own settings for one, as programs pass them
    texts_of_a_picture = ("generate_go_sketch", "generate_from_picture_info")

    # ---- views
    batched = False  # whether visitors' runs are drawn as one
    compared = True  # whether its noise is of the size of others'
    axes: ClassVar[Mapping[str, list]] = {}  # of Compare, which it alone has
    changes: Collection[str] = ()  # axes along which a picture is changed
    comes_with_axes = False  # an axis of its own chooses the model
    ways: ClassVar[Mapping[int, str]] = {}  # on the axis "calls": its samplers, by network calls
    walk_calls = 0  # with which it follows a hand in Walk; 0 if it can't
    film_about = ""  # what its film also has, for programs

    @property
    def heeds(self) -> set[str]:
        """The settings that matter to it."""
        return settings_of(self.settings).keys() - {*self.ignores}

    @property
    def shows(self) -> set[str]:
        return self.heeds - {*self.fixed}

    def placed(self, where: str) -> tuple[str, ...]:
        return tuple(name for name, place in self.places.items() if place == where)

    # ---- its weights
    def load(self, trained: str | ddpm.Checkpoint | None) -> Any:
        """The system to draw with; `trained` is what the visitor trained, if anything: the path of
        its file, or the model itself if the disk had no room for it."""
        assert self.file is not None
        return shared(self, self.file)

    def read(self, path: Path) -> Any:
        raise NotImplementedError

    def warm_up(self) -> None:
        """Load what the first click needs."""
        self.load(None)

    def classes(self, trained: str | ddpm.Checkpoint | None) -> tuple[str, ...]:
        """The names of the labels that it knows, without its weights where that is possible."""
        return DATASETS[self.data].classes

    # ---- drawing

    def suited(self, request: Any, system: Any) -> Any:
        """The request without what this model has no use for. A label is dropped with a warning if
        only the model is to follow it and it was trained without classes. A picture is of a class
        already."""
        hidden = {*self.ignores} & {"schedule", "guided_by", "interval", "label"}
        request = replace(request, **{name: COMMON[name].default for name in hidden})
        if request.label == EACH and request.picture is not None:
            request = replace(request, label=ANY)
        if request.label == ANY or request.by_classifier or system.network.num_classes is not None:
            return request
        if request.label != EACH:
            gr.Warning(both("generate_no_classes"))
        return replace(request, label=ANY)

    def fitted(self, request: Any, system: Any) -> Any:
        """The request with the model's own way of drawing where it asks for another's."""
        own: dict = {} if request.guided_by in self.guides else {"guided_by": "labels"}
        if request.sampler not in self.samplers:
            own |= {"sampler": SAMPLER, "steps": STEPS}
        return replace(request, **own)

    def check(self, request: Any, system: Any) -> None:
        """gr.Error names a setting of the request that this model can't draw with."""
        own = self.fitted(request, system)
        for name in WAY:
            asked, instead = getattr(request, name), getattr(own, name)
            if asked != instead:
                names = _said(name, asked), _said(name, instead)
                sentences = zip(TEXTS[self.refusal(name)], *names, strict=True)
                message = "<br>".join(each.format(asked=a, own=b) for each, a, b in sentences)
                raise gr.Error(message, print_exception=False)

    def refusal(self, setting: str) -> str:
        """Text key of what is said of a setting in which another model draws."""
        return "guide_of_another" if setting == "guided_by" else "not_a_student"

    def begin(self, request: Any, system: Any, *others: Any) -> Trajectory:
        """What it draws, in this process; `others` are requests that are drawn as one with it, if
        it is `batched`."""
        raise NotImplementedError

    def film(self, request: Any, system: Any, x: Tensor) -> Film:
        """The film of a run that begins with x."""
        raise NotImplementedError

    def other_schedule(self, request: Any, system: Any) -> str | None:
        """The request's schedule if the model learned under another."""
        return None

    def subject(self, request: Any, system: Any) -> str:
        """What is drawn, in the names of files."""
        return {ANY: "any", EACH: "each"}.get(request.label) or self.names(system)[request.label]

    def names(self, system: Any = None) -> tuple[str, ...]:
        """Of the labels that it knows, or what guides it."""
        return (system and system.classes) or DATASETS[self.data].classes

    def steps_for(self, sampler: str, steps: int | None) -> int | None:
        """The number of network calls to go on with, once it is chosen."""
        return steps if sampler in self.samplers else self.usual.get("steps", STEPS)

    # ---- what is shown, linked and compared

    def hides(self, is_sketch: bool, axes: Collection[str] | None) -> set[str]:
        """What it heeds but not with this beginning; `axes` are Compare's, if that is open."""
        return set()

    def unlinked(self, is_sketch: bool, is_compare: bool) -> set[str]:
        """What it heeds, but not here: links leave it out."""
        return set()

    def relevant(self, request: Any, axes: Collection[str]) -> set[str]:
        """What all pictures of a comparison share."""
        return self.heeds

    def check_axes(self, axes: Collection[str], asked: Any) -> None:
        """Raises Refused if it has no use for one."""
        if {*axes} & {*self.ignores}:
            raise Refused(f"{self.name}_axis")

    # ---- in words and as programs

    def explained(self, sampler: str) -> tuple[str, tuple[Callable | type, ...]]:
        """Text key of the equation of a step, and the functions that take it."""
        raise NotImplementedError

    def saved_as(self, trained: object) -> str:
        """What programs load it by."""
        assert self.file is not None
        return self.file.stem

    def program(self, request: Any, system: Any, trained: object) -> str:
        """What the "Draw" button would draw now, as a program over `ddpm`."""
        raise NotImplementedError

    def split(self, steps: int) -> Any:
        """Network calls, as the system takes them."""
        return steps

    def arguments(self, request: Any) -> dict:
        """Of `draw` in the program of a comparison for which `comparing` has the head."""
        raise NotImplementedError

    def comparing(self, request: Any) -> str | None:
        """How a program draws each picture of a comparison with this model alone; None: as one
        network does."""
        return None

    def among_others(self, request: Any) -> dict[str, str]:
        """The parts of a comparison's program that only one with this among its models has."""
        return {}


class System(Model):
    """A model of several networks."""

    ignores: Collection[str] = ("schedule", "guided_by", "picture", "noise")
    code: tuple[Callable | type, ...]  # which shows how it draws

    def fitted(self, request: Any, system: Any) -> Any:
        return self.suited(super().fitted(request, system), system)

    def explained(self, sampler: str) -> tuple[str, tuple[Callable | type, ...]]:
        return f"generate_equation_{self.name}", self.code


def _said(setting: str, value: object) -> tuple[str, str]:
    return TEXTS.get(key_of(TAB, f"{setting}_{value}"), (str(value), str(value)))


@cache
def shared(model: Model, file: Path) -> Any:
    """Loaded once for all visitors; nothing writes to it. A failure is not kept: once the file is
    repaired, the next click works."""
    return model.read(file)
