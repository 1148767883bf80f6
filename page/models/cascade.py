"""A cascade: one network draws small pictures, and one enlarges them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

import ddpm
from ddpm.checkpoint import SHIPPED, CheckpointError, configs_of, load_tensors
from ddpm.diffusion.augmentation import augment
from ddpm.networks.super_resolution import SuperResolution
from ddpm.sampling.sample import STEPS
from ddpm.settings import setting
from page.compute import COMPUTE, this_process
from page.models import two_stages
from page.models.base import Trajectory
from page.models.request import EACH, Common
from page.widgets.film.scrubber import Film

FILE = SHIPPED / "cascade_longer.safetensors"
MAX_AUG = 1000  # T
IMPORTS = """from dataclasses import replace

{imports}import ddpm
from ddpm.sampling.bf16 import in_bf16

"""
LOADED = """
def faster(stage):
    # as on the page: in bfloat16, where the processor computes in it
    return replace(stage, model=in_bf16(stage.model))


cascade = ddpm.Cascade.load({name!r})
stages = {{name: faster(getattr(cascade, name)) for name in ("base", "super_resolution")}}
cascade = replace(cascade, **stages)
"""
DRAWING = """
{each}steps = cascade.trajectory(
    {count}, labels={labels}, aug={aug}, from_one={from_one}, guidance={guidance},
    sampler={sampler!r}, steps={steps}, seed={seed},{within}
)
"""
COMPARING = """

def draw(**settings):
    return cascade.sample({count}, **settings)

"""
AMONG_OTHERS = """    if model == "cascade":  # under its own schedule, from smaller noise
        return cascade.sample({count}, aug={aug}, from_one={from_one}, **settings)
"""


def own_aug(file: Path = FILE) -> int:
    """The aug that the cascade of this file did best with; 0 without it."""
    try:
        return load_tensors(file, configs_of)[2].get("aug", 0)
    except CheckpointError:  # a click will report it
        return 0


@dataclass(frozen=True)
class Settings(Common):
    aug: int = setting(
        own_aug(),
        "steps of noise on the small pictures of model=cascade before they are enlarged, of 1000",
        low=0,
        high=MAX_AUG,
        step=5,
    )
    from_one: bool = setting(False, "of model=cascade: enlarge one small picture, count times")


class Cascade(two_stages.TwoStages):
    name, about = "cascade", "a cascade"
    order, joined = 20, 40
    file = FILE
    settings = Settings
    stage_steps = (STEPS, STEPS)
    usual: ClassVar = {"steps": 2 * STEPS}
    stops = two_stages.stops(2 * STEPS)
    drawing, comparison = DRAWING, COMPARING
    places: ClassVar = {"from_one": "main", "aug": "main"}
    axes: ClassVar = {"aug": [0, 200, 400, 600, 800, 1000]}
    film_about = (
        "of model=cascade and words also stages: the first one's steps and picture, and what the "
        "second was given, with aug"
    )
    code = (augment, SuperResolution, ddpm.Cascade.begin, ddpm.Cascade.enlarge)

    def read(self, path: Path) -> ddpm.Cascade:
        model = ddpm.Cascade.load(path, COMPUTE.here)
        faster = {each: this_process.faster(getattr(model, each)) for each in two_stages.STAGES}
        return replace(model, **faster)

    def suited(self, request: Settings, system: ddpm.Cascade) -> Settings:
        """One small picture is of one class: the first picture's."""
        request = super().suited(request, system)
        if not (request.from_one and request.label == EACH):
            return request
        return replace(request, label=request.seed % len(self.classes(None)))

    def begin(self, request: Settings, system: ddpm.Cascade, *others: Settings) -> Trajectory:
        self.check(request, system)
        run = system.begin(request.count, **self.arguments(request))
        return two_stages.begin(run, system.network.shape, request.count)

    def film(self, request: Settings, system: ddpm.Cascade, x: Tensor) -> Film:
        steps, one = self.split(request.steps), request.from_one
        return two_stages.film(x, system.schedule.T, steps, request.aug, from_one=one)

    def arguments(self, request: Settings) -> dict[str, Any]:
        """Of `Cascade.sample`."""
        names = ("aug", "from_one", "guidance", "sampler", "steps", "seed")
        own = {name: getattr(request, name) for name in names} | request.within
        labels = request.labels(len(self.names()))
        return own | {"steps": self.split(request.steps), "labels": labels}

    def loaded(self, request: Settings, imports: str = "") -> str:
        return IMPORTS.format(imports=imports) + LOADED.format(name=FILE.stem)

    def among_others(self, request: Settings) -> dict[str, str]:
        way = AMONG_OTHERS.format(count=request.count, aug=request.aug, from_one=request.from_one)
        return {"more": LOADED.format(name=FILE.stem), "ways": way}


MODEL = Cascade()
