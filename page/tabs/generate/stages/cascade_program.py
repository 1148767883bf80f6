"""What Draw and Compare show of a cascade, as programs over `ddpm`."""

from __future__ import annotations

from page.compute.interface import CASCADE
from page.tabs.generate.drawing.request import Request
from page.tabs.generate.stages import stages_program
from page.tabs.generate.stages.cascade import split

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
steps = cascade.trajectory(
    {count}, labels={labels}, aug={aug}, from_one={from_one}, guidance={guidance},
    sampler={sampler!r}, steps={steps}, seed={seed},
)
"""
COMPARING = """

def draw(**settings):
    return cascade.sample({count}, **settings)

"""
AMONG_OTHERS = """    if model == "cascade":  # under its own schedule, from smaller noise
        return cascade.sample({count}, aug={aug}, from_one={from_one}, **settings)
"""


def drawing(request: Request) -> str:
    """What the "Draw" button would draw now."""
    steps = DRAWING.format(count=request.count, **settings(request))
    return IMPORTS.format(imports="") + loaded() + steps + stages_program.film(request.count)


def comparing(request: Request) -> str:
    """How each picture of a comparison is drawn; `request` is any of its own."""
    head = IMPORTS.format(imports="import torch\n\n") + loaded()
    return head + COMPARING.format(count=request.count)


def among_others(request: Request) -> dict[str, str]:
    """The parts of a comparison's program that only one with a cascade among its models has."""
    way = AMONG_OTHERS.format(count=request.count, aug=request.aug, from_one=request.from_one)
    return {"more": loaded(), "cascade": way}


def settings(request: Request) -> dict:
    """The arguments of `Cascade.sample`."""
    return {
        "labels": request.labels,
        "aug": request.aug,
        "from_one": request.from_one,
        "guidance": request.guidance,
        "sampler": request.sampler,
        "steps": split(request.steps),
        "seed": request.seed,
    }


def loaded() -> str:
    return LOADED.format(name=CASCADE.stem)
