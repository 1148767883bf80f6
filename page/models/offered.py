"""Models that a host offers by DDPM_MODELS: this project's, or a UNet2DModel of diffusers. Visitors
can choose one, and name none."""

import sys
from typing import Any

import ddpm
from ddpm.files import PIPELINE, find_checkpoint
from page.models.pretrained import OneNetwork
from page.texts.offered import PLACES, VARIABLE, shown
from page.widgets.sketch_pad.pad import SIZE


class Offered(OneNetwork):
    order, joined = 60, 60
    brings_schedule = True

    def __init__(self, name: str, where: str):
        self.name, self.where, self.about = name, where, f"{shown(where)}, which the host offers"
        file = find_checkpoint(where)
        self.file = file.parent if file.name == PIPELINE else file
        system = self.read(self.file)
        self._classes = system.classes
        self.compared = system.network.shape == (1, SIZE, SIZE)
        if not self.compared:
            self.ignores, self.of_a_picture = ("picture", "noise"), ()  # a sketch is 28 × 28, grey
        if system.config.distill is not None:
            raise ddpm.CheckpointError(f"{where}: a student draws with its own sampler alone")

    def classes(self, trained: Any) -> tuple[str, ...]:
        return self._classes or super().classes(trained)  # of what guides it

    def saved_as(self, trained: object) -> str:
        return self.where if "/" in shown(self.where) else shown(self.where)


def _offered() -> list[Offered]:
    try:
        return [Offered(*each) for each in PLACES.items()]
    except (ddpm.CheckpointError, ValueError, OSError) as error:
        sys.exit(f"The page can't start: {VARIABLE}: {error}")


MODELS = _offered()
