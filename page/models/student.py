"""Students, distilled to draw in a call or two: the pretrained model's, which Walk draws with, and
the wider one's two."""

from dataclasses import replace
from typing import Any, ClassVar

import ddpm
from ddpm.checkpoint import SHIPPED as FOLDER
from page.models.pretrained import OneNetwork

SAMPLER = "consistency"
CALLS = 2


class Student(OneNetwork):
    name, about = "student", "its student for few calls"
    order, joined = 10, 20
    file = FOLDER / "fashion_mnist_few.safetensors"
    fixed = ("guidance", "schedule", "guided_by", "interval")
    usual: ClassVar = {"sampler": SAMPLER, "steps": CALLS}
    samplers = (SAMPLER,)
    few = stops = (1, 2, 4)  # for which its times were chosen
    batched = True
    ways = dict.fromkeys((1, 2), SAMPLER)
    walk_calls = CALLS

    def fitted(self, request: Any, system: ddpm.Checkpoint) -> Any:
        own = {"sampler": self.usual["sampler"], "guidance": 1, "guided_by": "labels"}
        own |= {"schedule": system.config.diffusion.schedule}
        return replace(request, **own, steps=self.steps_for(request.sampler, request.steps))

    def refusal(self, setting: str) -> str:
        return f"student_{setting}"

    def steps_for(self, sampler: str, steps: int | None) -> int | None:
        return steps if steps in self.few else self.usual["steps"]


class Matched(Student):
    name, about = "matched", "the wider one's student, which no classifier has judged"
    order, joined = 12, 90
    file = FOLDER / "fashion_mnist_moments_longer.safetensors"
    ways: ClassVar = {}  # of Compare's calls and of Walk, which the other draws
    walk_calls = 0


class Flow(Matched):
    name, about = "flow", "another student of the wider one, which draws what its teacher would"
    order, joined = 13, 100
    file = FOLDER / "fashion_mnist_flow_jumps.safetensors"
    samplers = ("flow_map",)
    usual: ClassVar = {"sampler": "flow_map", "steps": 4}


MODELS = Student(), Matched(), Flow()
