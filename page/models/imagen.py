"""Imagen's way: two networks that draw by words, with thresholding."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from ddpm.sampling.bf16 import in_bf16
from ddpm.sampling.text_guidance import text_guided
from ddpm.settings import setting
from ddpm.systems.imagen import AUG, GUIDANCE, STEPS
from page.compute import COMPUTE
from page.models import two_stages
from page.models.base import Trajectory
from page.models.words import COMPARING, GUIDED, ByWords, Worded, understood
from page.widgets.film.scrubber import Film
from page.widgets.programs import quoted

THRESHOLDING = ("dynamic", "static")
LEVEL = 1 / 127.5  # between two levels of grey
LOADED = """{imports}import ddpm
from ddpm.sampling.bf16 import in_bf16

model = ddpm.Imagen.load({name!r})
# as on the page: in bfloat16, where the processor computes in it
model.base, model.super_resolution = in_bf16(model.base), in_bf16(model.super_resolution)
words = {words}
"""
DRAWING = """
steps = model.trajectory(
    [words] * {count}, guidance={guidance}, clip={clip}, sampler={sampler!r}, steps={steps},
    seed={seed},{within}
)
"""


@dataclass(frozen=True)
class Settings(Worded):
    thresholding: str = setting(
        "dynamic",
        "how model=words holds what guidance drives beyond black and white",
        choices=THRESHOLDING,
    )


class Imagen(ByWords, two_stages.TwoStages):
    name, about = "words", "Imagen's way from words to a picture (words)"
    order = joined = 30
    file = FOLDER / "text_to_image_longer.safetensors"
    settings = Settings
    stage_steps = STEPS
    usual: ClassVar = {"steps": sum(STEPS), "guidance": GUIDANCE}
    by_hand: ClassVar = {"interval": GUIDED, "thresholding": "static"}
    stops = two_stages.stops(sum(STEPS))
    drawing, comparison = DRAWING, COMPARING
    places: ClassVar = {"thresholding": "more"}
    compared = False
    axes: ClassVar = {"thresholding": list(THRESHOLDING)}
    film_about = (
        "of words the percentage of pixels beyond black and white that thresholding held, and the "
        "unknown words"
    )
    code = (text_guided, ddpm.dynamic_threshold, ddpm.Imagen.in_stages)

    def read(self, path: Path) -> ddpm.Imagen:
        model = ddpm.Imagen.load(path, COMPUTE.here)
        model.base, model.super_resolution = in_bf16(model.base), in_bf16(model.super_resolution)
        return model

    def begin(self, request: Settings, system: ddpm.Imagen, *others: Settings) -> Trajectory:
        self.check(request, system)
        threshold = Threshold(request.thresholding)
        texts = [request.words] * request.count
        own = {**self.arguments(request), "clip": threshold}
        run, beyond = system.begin(texts, **own), []

        def tell() -> dict:
            beyond.append(threshold.beyond)
            return {"beyond": round(100 * sum(beyond) / len(beyond), 1)}

        return two_stages.begin(run, system.network.shape, request.count, tell)

    def film(self, request: Settings, system: ddpm.Imagen, x: Tensor) -> Film:
        """It also has how much thresholding had to hold back, and the words that mean nothing to
        the encoder."""
        aug = round(AUG * system.super_resolution.schedule.T)
        more = {"thresholding": request.thresholding, "beyond": 0.0}
        more |= understood(system.encoder, [request.words])
        return two_stages.film(x, system.schedule.T, self.split(request.steps), aug, **more)

    def arguments(self, request: Settings) -> dict[str, Any]:
        """Of `Imagen.sample`."""
        return {
            "guidance": request.guidance,
            **request.within,
            "clip": None if request.thresholding == "dynamic" else True,  # None: dynamic
            "sampler": request.sampler,
            "steps": self.split(request.steps),
            "seed": request.seed,
        }

    def loaded(self, request: Settings, imports: str = "") -> str:
        name, words = self.saved_as(None), quoted(request.words)
        return LOADED.format(imports=imports, name=name, words=words)


class Threshold:
    """Dynamic or static thresholding, for `clip=` of a sampler, that notes what it had to do."""

    def __init__(self, how: str):
        self.beyond = 0.0  # of the newest x̂_0: the share of pixels blacker or whiter than can be
        self._hold = ddpm.dynamic_threshold() if how == "dynamic" else lambda x: x.clamp(-1, 1)

    def __call__(self, x_start: Tensor) -> Tensor:
        self.beyond = (x_start.abs() > 1 + LEVEL).float().mean().item()
        return self._hold(x_start)


MODEL = Imagen()
