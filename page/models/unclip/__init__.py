"""DALL·E 2's way on the page: pictures by words, or from a pair (z_i, x_T) that is moved."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, cast

from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from ddpm.networks.clip import scaled
from ddpm.sampling.inversion import mixed
from ddpm.settings import setting
from ddpm.systems.run import noise_of
from ddpm.systems.unclip import DECODER_STEPS, GUIDANCE, INVERSION_STEPS, rerank
from page.compute import COMPUTE
from page.compute.plain import Told
from page.models.base import Refused, Trajectory
from page.models.request import ALL_TIMES, SHARE
from page.models.unclip import film as unclip_film
from page.models.unclip import program as unclip_program
from page.models.unclip.film import Proposal, embedded
from page.models.words import GUIDED, ByWords, Worded
from page.widgets.film.scrubber import Film
from page.widgets.sketch_pad import pad

PRIOR = ("used", "skipped")
MOVES = ("amount", "place")  # settings that move the pair
# to draw from a pair
OWN_WAY = {"sampler": "ddim", "steps": INVERSION_STEPS, "guidance": 1, "interval": ALL_TIMES}


@dataclass(frozen=True)
class Settings(Worded):
    prior: str = setting(
        "used",
        "of model=unclip: used, the decoder is given what the prior proposes for the words; "
        "skipped, the embedding of the words themselves",
        choices=PRIOR,
    )
    eta: float = setting(
        1, "of model=unclip: how freely a picture is varied, 0 gives it back", **SHARE
    )
    words_before: str = setting(
        "a light ankle boot",
        "of model=unclip: what shows the picture as it is, where words change it",
        most=200,
    )
    amount: float | None = setting(
        None,
        "of model=unclip: how far the difference between words_before and words changes a picture",
        **SHARE,
    )
    place: float | None = setting(
        None, "of model=unclip: how far on the way to pictures drawn by the words", **SHARE
    )

    @property
    def is_moved(self) -> bool:
        return self.amount is not None or self.place is not None

    @property
    def from_pair(self) -> bool:
        """Whether it draws from the pair (z_i, x_T) of a picture, or moves one."""
        return self.is_moved or self.picture is not None

    @property
    def own_eta(self) -> float:
        """Pictures by words have a noise of their own already."""
        return self.eta if self.picture is not None else 0.0


class Unclip(ByWords):
    name, about = "unclip", "DALL·E 2's (unclip)"
    order, joined = 40, 50
    file = FOLDER / "unclip.safetensors"
    settings = Settings
    ignores = ("schedule", "guided_by", "label", "noise")
    usual: ClassVar = {"steps": DECODER_STEPS, "guidance": GUIDANCE}
    by_hand: ClassVar = {"interval": GUIDED}
    places: ClassVar = {"eta": "sketch"}
    of_a_picture = MOVES
    from_a_picture = ("eta", "words", "words_before", *MOVES)
    texts_of_a_picture = ("generate_go_variations", "generate_variations_info")
    axes: ClassVar = {
        "prior": list(PRIOR),
        "amount": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
        "place": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        "eta": [0.0, 0.25, 0.5, 0.75, 1.0],
    }
    changes = (*MOVES, "eta")
    comes_with_axes = True
    film_about = (
        "of unclip proposal: the real garments nearest to what the decoder was given (kept), and "
        "to what the prior proposed besides (passed), with their mean similarity to the words"
    )
    code = (rerank, ddpm.UnClip.in_stages, ddpm.UnClip.invert, ddpm.UnClip.turned, mixed)

    def read(self, path: Path) -> ddpm.UnClip:
        return ddpm.UnClip.load(path, COMPUTE.here)

    def warm_up(self) -> None:
        embedded(self.load(None))

    def suited(self, request: Any, system: ddpm.UnClip) -> Any:
        request = super().suited(request, system)
        return replace(request, **OWN_WAY) if request.from_pair else request

    def texts(self, request: Settings) -> list[str]:
        """Nothing if it only varies a picture."""
        if not request.from_pair:
            return [request.words]
        before = request.picture is None or request.amount is not None
        return [request.words_before] * before + [request.words] * request.is_moved

    def begin(self, request: Settings, system: ddpm.UnClip, *others: Settings) -> Trajectory:
        self.check(request, system)
        return begin_from_pair(system, request) if request.from_pair else by_words(system, request)

    def film(self, request: Settings, system: ddpm.UnClip, x: Tensor) -> Film:
        return unclip_film.film(x, system, request.steps, self.texts(request))

    def subject(self, request: Settings, system: ddpm.UnClip) -> str:
        return "variations" if request.from_pair else super().subject(request, system)

    def hides(self, is_sketch: bool, axes: Collection[str] | None) -> set[str]:
        is_moved = bool({*(axes or ())} & {*self.changes})
        has_before = is_sketch if axes is None else "amount" in axes or (is_moved and not is_sketch)
        hidden = {*OWN_WAY} if is_moved or is_sketch else set()
        hidden |= set() if is_sketch else {"eta"}
        if is_sketch and axes is not None and "place" not in axes:
            hidden |= {"prior"}  # nothing is drawn by words
        return hidden if has_before else hidden | {"words_before"}

    def unlinked(self, is_sketch: bool, is_compare: bool) -> set[str]:
        if is_compare:
            return set()
        return {*OWN_WAY} if is_sketch else {"eta", "words_before"}

    def relevant(self, request: Settings, axes: Collection[str]) -> set[str]:
        if not request.from_pair:
            return self.heeds - {"eta", "words_before"}
        if request.picture is None:
            return self.heeds - {*OWN_WAY, "eta"}
        amount, place = "amount" in axes, "place" in axes
        heeded = {"words_before": amount, "words": amount or place, "prior": place}
        return self.heeds - {*OWN_WAY} - {name for name in heeded if not heeded[name]}

    def check_axes(self, axes: Collection[str], asked: Settings) -> None:
        super().check_axes(axes, asked)
        if {*axes} & {*self.changes} and {*axes} & {*OWN_WAY}:
            raise Refused("unclip_fixed", steps=OWN_WAY["steps"])
        if "eta" in axes and asked.picture is None:
            raise Refused("needs_picture")

    def program(self, request: Settings, system: ddpm.UnClip, trained: object) -> str:
        self.check(request, system)
        return unclip_program.drawing(request, self.arguments(request), self.saved_as(None))

    def arguments(self, request: Settings) -> dict[str, Any]:
        """Of `UnClip.sample`, or of a comparison's `draw` from pairs."""
        shared = {"use_prior": request.prior == "used", "seed": request.seed}
        names = MOVES if request.from_pair else ("guidance", "sampler", "steps")
        own = {name: getattr(request, name) for name in names}
        if request.from_pair:
            return own | {"eta": request.own_eta} | shared
        return own | request.within | shared

    def comparing(self, request: Settings) -> str:
        return unclip_program.comparing(request, self.saved_as(None))

    def among_others(self, request: Settings) -> dict[str, str]:
        return unclip_program.among_others(request, self.saved_as(None))


def by_words(model: ddpm.UnClip, request: Settings) -> tuple[Tensor, Iterator[Told]]:
    """x_T (count, C, H, W), and the decoder's steps."""
    run = model.begin([request.words] * request.count, **MODEL.arguments(request))

    def walk() -> Iterator[Told]:
        text = draws = None
        for found in run.steps:
            z = cast(Tensor, found.given.embedding)
            if found.stage == "prior":
                text, draws = z, scaled(found.step.x)
            else:
                proposal = Proposal(z, z if text is None else text, draws)
                yield _with(model, found.step, found.before, proposal)

    return run.x, walk()


def begin_from_pair(model: ddpm.UnClip, request: Settings) -> tuple[Tensor, Iterator[Told]]:
    """The same from a pair. Of a picture the x_T is not yet known: the picture stands for it."""
    given = None if request.picture is None else pad.read(request.picture)

    def walk() -> Iterator[Told]:
        z, x = pair_of(model, request, given)
        proposal = Proposal(z, is_moved=request.is_moved)
        for found in model.begin_from(z, x, eta=request.own_eta, seed=request.seed).steps:
            yield _with(model, found.step, found.before, proposal)

    if given is None:
        x_T = noise_of(model.decoder, ddpm.generators(request.count, request.seed))
    else:
        x_T = given.expand(request.count, -1, -1, -1)
    return x_T, walk()


def pair_of(model: ddpm.UnClip, request: Settings, given: Tensor | None) -> tuple[Tensor, Tensor]:
    """z_i (count, EMBEDDING) and x_T (count, C, H, W) of the picture given (1, H, W), or of one
    drawn by the words before, moved as is asked for."""

    def imagined(words: str) -> tuple[Tensor, Tensor]:
        use_prior = request.prior == "used"
        return model.imagine([words] * request.count, use_prior=use_prior, seed=request.seed)

    if given is None:
        pair = imagined(request.words_before)
    else:
        z, x_T = model.invert(given[None])
        pair = z.expand(request.count, -1), x_T.expand(request.count, -1, -1, -1)
    if request.amount is not None:
        pair = model.turned(pair[0], request.words_before, request.words, request.amount), pair[1]
    if request.place is not None:
        pair = mixed(pair, imagined(request.words), request.place)
    return pair


def _with(model: ddpm.UnClip, step: ddpm.Step, before: Tensor, proposal: Proposal) -> Told:
    def tell() -> dict:
        return {"proposal": unclip_film.shown(model, proposal)} if step.i == 0 else {}

    return Told(step.i, step.t, step.x, step.x_start, before, tell)


MODEL = Unclip()
