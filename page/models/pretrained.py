"""One network on the page, as the pretrained ones: how it draws, alone or for several visitors at
once, and the program that does the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

import ddpm
from ddpm.files import SHIPPED as FOLDER
from ddpm.sampling.sample import SAMPLER, begin
from ddpm.sampling.samplers import ALL_SAMPLERS
from page.compute import COMPUTE
from page.compute.interface import FIRST, Trajectory
from page.models.base import Model
from page.models.guides import GUIDES, offered, worse
from page.models.request import ANY, COMMON, MAX_NOISE, TAB, Common
from page.server.listeners.validation import check_setting
from page.texts import Refusal
from page.widgets.film.scrubber import Film
from page.widgets.programs import quoted, saved
from page.widgets.sketch_pad import pad

LOADED = """\
from dataclasses import replace

{imports}import ddpm
from ddpm.sampling.bf16 import in_bf16


def load(name):
    checkpoint = ddpm.load_checkpoint(name)
    # as on the page: in bfloat16, where the processor computes in it
    return replace(checkpoint, model=in_bf16(checkpoint.model))

"""
DRAWING = """
model = load({model!r})
schedule = ddpm.Schedule.named({schedule}, model.schedule.T)
{guide}{begin}{each}steps = ddpm.trajectory(
    model, {count}, labels={labels}, sampler={sampler!r}, steps={steps}, guidance={guidance},
    seed={seed}, schedule=schedule{guided}{start},{interval}
)
film = [step.x for step in steps]
"""
SKETCH = """sketch = {sketch}
levels = torch.frombuffer(bytearray(base64.b64decode(sketch)), dtype=torch.uint8)
picture = levels.reshape(1, 28, 28) / 127.5 - 1
"""
NOISED = "t = round({noise} / {most} * (model.schedule.T - 1))\n"


class OneNetwork(Model):
    def read(self, path: Path | str) -> ddpm.Checkpoint:
        return COMPUTE.load(path)

    def check(self, request: Common, system: ddpm.Checkpoint) -> None:
        super().check(request, system)
        if request.by_classifier and request.label == ANY:
            raise Refusal("guide_needs_class")
        if system.network.needs_label and not request.by_classifier:
            if request.label == ANY:
                raise Refusal("model_needs_class")
            if request.guidance != 1:
                raise Refusal("model_unguided")
        shape = system.network.shape
        if request.by_classifier and guide_of(request, system)["classifier"].network.shape != shape:
            raise Refusal("guide_other_shape", size="{1} × {2} × {0}".format(*shape))

    def begin(self, request: Common, system: ddpm.Checkpoint, *others: Common) -> Trajectory:
        return drawn(system, request, *others)

    def film(self, request: Common, system: ddpm.Checkpoint, x: Tensor) -> Film:
        T = system.schedule.T
        return Film(x, request.first_time(T), request.calls(T))

    def other_schedule(self, request: Common, system: ddpm.Checkpoint) -> str | None:
        own = system.config.diffusion.schedule
        return None if request.schedule == own else request.schedule

    def explained(self, sampler: str) -> tuple[str, tuple[Callable | type, ...]]:
        return f"generate_equation_{sampler}", (ALL_SAMPLERS[sampler],)

    def program(self, request: Any, system: ddpm.Checkpoint, trained: object) -> str:
        self.check(request, system)
        from_sketch = request.picture is not None
        noised = NOISED.format(noise=request.noise, most=MAX_NOISE)
        guide, times = request.guide, request.guided_times(system.schedule.T)
        each, labels = request.labels_in_program(len(self.names(system)))
        body = DRAWING.format(
            model=self.saved_as(trained),
            schedule=quoted(request.schedule),
            guide=f"{guide.argument} = {guide.program}\n" if guide else "",
            guided=f", {guide.argument}={guide.argument}" if guide else "",
            interval=f"\n    interval={times}," if times else "",
            begin=sketch(request.picture) + noised if from_sketch else "",
            count=request.count,
            each=each,
            labels=labels,
            sampler=request.sampler,
            steps=request.calls(system.schedule.T),
            guidance=request.guidance,
            seed=request.seed,
            start=", start=(picture, t)" if from_sketch else "",
        )
        head = loaded(standard="import base64\n") if from_sketch else loaded("")
        return head + body + saved(request.count)


class Pretrained(OneNetwork):
    name, about = "shipped", "its first version, which learned from pictures alone"
    order = joined = 0
    file = FOLDER / "fashion_mnist.safetensors"
    batched = True
    ways: ClassVar = {10: SAMPLER, 1000: "ddpm"}
    guides = GUIDES


class Large(Pretrained):
    name, about = "large", "a wider one, nearer to real garments and slower"
    order, joined = 5, 80
    file = FOLDER / "fashion_mnist_large.safetensors"
    guides: ClassVar = offered({**GUIDES, "worse": worse("fashion_mnist_large_early", 1.5)})
    ways: ClassVar = {}  # of Compare's calls, which the pretrained one draws


class Taught(Pretrained):
    name, about = "taught", "the pretrained model"
    order, joined = -1, 95
    file = FIRST
    ways: ClassVar = {}


MODELS = Pretrained(), Large(), Taught()


def drawn(system: ddpm.Checkpoint, request: Any, *others: Any) -> Trajectory:
    """What one network draws, in this process. `others` differ in no more than what a batch's
    requests may: their pictures follow."""
    T = system.schedule.T
    check_setting(replace(COMMON["steps"], high=T), request.steps, TAB)
    request.kind.check(request, system)
    requests = (request, *others)
    start = None
    if request.picture is not None:
        read = [pad.read(each.picture).expand(each.count, 1, -1, -1) for each in requests]
        start = torch.cat(read), request.first_time(T)
    run = begin(
        system,
        sum(each.count for each in requests),
        labels=_labels(requests, system),
        sampler=request.sampler,
        steps=request.calls(T),
        guidance=request.guidance,
        interval=request.guided_times(T),
        start=start,
        seed=[each.seed + k for each in requests for k in range(each.count)],
        schedule=ddpm.Schedule.named(request.schedule, T),
        **guide_of(request, system),
    )
    return run.x, run.steps


def _labels(requests: Sequence[Any], system: ddpm.Checkpoint) -> list[int] | None:
    """One for each picture; all have one, or none has."""
    found = []
    for each in requests:
        own = each.labels(len(each.kind.names(system)))
        found += own if isinstance(own, list) else [own] * each.count
    return None if found[0] is None else found


def guide_of(request: Any, system: ddpm.Checkpoint) -> dict[str, Any]:
    """As `begin` takes it."""
    return request.guide.on(system.schedule.device) if request.guide else {}


def loaded(others: str = "import torch\n\n", standard: str = "") -> str:
    """The head of a program that also imports these."""
    return standard + LOADED.format(imports=others)


def sketch(picture: str | None) -> str:
    """What the sketch pad has, in a program."""
    return SKETCH.format(sketch=quoted(picture))
