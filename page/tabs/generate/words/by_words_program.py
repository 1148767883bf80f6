"""What Draw and Compare show of the model that draws by words, as programs over `ddpm`."""

from __future__ import annotations

from page.compute.interface import TEXT_TO_IMAGE
from page.tabs.generate.drawing.request import Request
from page.tabs.generate.stages import stages_program
from page.tabs.generate.words.by_words import split
from page.widgets.programs import quoted

LOADED = """{imports}import ddpm
from ddpm.sampling.bf16 import in_bf16

model = ddpm.TextToImage.load({name!r})
# as on the page: in bfloat16, where the processor computes in it
model.base, model.super_resolution = in_bf16(model.base), in_bf16(model.super_resolution)
words = {words}
"""
DRAWING = """
steps = model.stages(
    [words] * {count}, guidance={guidance}, clip={clip}, sampler={sampler!r}, steps={steps},
    seed={seed},
)
"""
COMPARING = """

def draw(**settings):
    return model.sample([words] * {count}, **settings)

"""


def drawing(request: Request) -> str:
    """What the "Draw" button would draw now."""
    steps = DRAWING.format(count=request.count, **settings(request))
    return _loaded(request) + steps + stages_program.film(request.count)


def comparing(request: Request) -> str:
    """How each picture of a comparison is drawn; `request` is any of its own."""
    return _loaded(request, "import torch\n\n") + COMPARING.format(count=request.count)


def settings(request: Request) -> dict:
    """The arguments of `TextToImage.sample`."""
    return {
        "guidance": request.guidance,
        "clip": None if request.thresholding == "dynamic" else True,  # None: dynamic thresholding
        "sampler": request.sampler,
        "steps": split(request.steps),
        "seed": request.seed,
    }


def _loaded(request: Request, imports: str = "") -> str:
    name, words = TEXT_TO_IMAGE.stem, quoted(request.words)
    return LOADED.format(imports=imports, name=name, words=words)
