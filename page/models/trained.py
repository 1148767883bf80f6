"""A visitor's own model, from the Train tab."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import gradio as gr

import ddpm
from page.models.pretrained import OneNetwork
from page.texts import Refusal


class Trained(OneNetwork):
    name, about = "trained", "or the one trained in this session"
    order, joined = 100, 10
    brings_schedule = True

    def load(self, trained: str | ddpm.Checkpoint | None) -> ddpm.Checkpoint:
        if isinstance(trained, ddpm.Checkpoint):
            return trained
        if trained is None:
            raise Refusal("model_none")
        if not Path(trained).exists():  # expired, or evicted to make room
            raise Refusal("model_gone")
        return self.read(trained)

    def classes(self, trained: str | ddpm.Checkpoint | None) -> tuple[str, ...]:
        with suppress(gr.Error, ddpm.CheckpointError):  # a click will report it
            own = _classes(trained) if isinstance(trained, str) else self.load(trained).classes
            return own or super().classes(trained)  # of what guides it
        return super().classes(trained)

    def warm_up(self) -> None:
        pass

    def saved_as(self, trained: object) -> str:
        return Path(trained).name if isinstance(trained, str) else "model.safetensors"


MODEL = Trained()


@lru_cache(500)  # asked at every change of a setting; a file never changes
def _classes(path: str) -> tuple[str, ...]:
    return MODEL.load(path).classes
