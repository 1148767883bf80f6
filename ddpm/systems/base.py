"""What a model of any kind is: `load` one, `begin` a run, `sample`, or watch its `trajectory`.

A model draws in stages, each with a network of its own that begins with noise. A `Checkpoint` is
the simplest: one stage. What all stages were given, and the noise that they began with, stays in
the `Run`, so that nobody needs to draw or to encode it again.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from ddpm.checkpoint import ONLY, CheckpointError, Part, load_parts, save_parts
from ddpm.config import Config
from ddpm.data import learned_from
from ddpm.data.dataset import Dataset
from ddpm.networks.systems import SYSTEMS, what_it_is
from ddpm.sampling import checks, sample
from ddpm.schedules import Schedule
from ddpm.shown import progress, shown_by
from ddpm.systems.run import Run, Stage, StageStep

_OWN = "the shipped one"
Kind = TypeVar("Kind", bound="System")


class System(ABC):
    """A model of any kind."""

    NAME: ClassVar[str]  # of the shipped one
    PARTS: ClassVar[tuple[str, ...]]  # its networks, by the part that each plays, in a file's order
    BY_WORDS: ClassVar[bool] = False  # whether `begin` is given texts, in place of a number
    info: Any  # a dictionary: what the writer of its file noted
    _repr_html_ = shown_by("model_html")

    @classmethod
    def load(
        cls: type[Kind],
        path: str | Path = _OWN,
        device: torch.device | str | None = None,
        revision: str | None = None,
    ) -> Kind:
        """From a file, the folder of a run, a shipped name or a Hub id, as `ddpm.load`.

        CheckpointError names the file and says what is wrong with it, or what it is.
        """
        networks = next(key for key, kind in SYSTEMS.items() if kind.name == cls.__name__)
        path = cls.NAME if path is _OWN else path
        return _made(cls, path, *load_parts(path, networks, device, revision))

    @classmethod
    @abstractmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> System:
        """From the networks of a file, `parts` by name, and its `info`. ValueError if they don't
        fit."""

    configs: Any  # of each of `PARTS`, by name

    def save(self, path: str | Path, dtype: torch.dtype = torch.float32) -> None:
        """All networks in one file, with their settings and `info`."""
        parts = {name: (each, self.configs[name]) for name, each in self.networks.items()}
        save_parts(path, parts, dtype, **self.info)

    @property
    def networks(self) -> dict[str, nn.Module]:
        """All of them, by the part that each plays."""
        parts = {name: getattr(self, name) for name in self.PARTS}
        return {name: getattr(part, "network", part) for name, part in parts.items()}

    @abstractmethod
    def begin(self, *args, **settings) -> Run:
        """A run with these settings. ValueError says which is wrong, before a network is asked."""

    def trajectory(self, *args, **settings) -> Iterator[StageStep]:
        """The way from noise to pictures, a step for each network call. Settings as in `begin`."""
        return self.begin(*args, **settings).steps

    def sample(self, *args, **settings) -> Tensor:
        """Pictures (n, C, H, W) in [-1, 1]. Settings as in `begin`."""
        run = self.begin(*args, **settings)
        total = sum(map(len, run.times.values()))
        (last,) = deque(progress(run.steps, "step", total), maxlen=1)
        return last.step.x

    @property
    def network(self) -> Any:
        """The one that draws the pictures, a `Network`; of several the last."""
        return self.networks[self.PARTS[-1]]

    schedule: Schedule  # of the first network that draws pictures

    def push_to_hub(self, name: str, **settings) -> str:
        """Upload it to the Hugging Face Hub as "owner/name", and return the address of the commit:
        see `ddpm.exchange.model_card.push`, which stands on this file."""
        return importlib.import_module("ddpm.exchange.model_card").push(self, name, **settings)

    @property
    def dataset(self) -> Dataset:
        """What it learned from."""
        last = self.PARTS[-1]
        noted = self.info.get(last)  # of one of several networks
        info = self.info | (noted if isinstance(noted, dict) else {})
        return learned_from(self.configs[last].data, info)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels that it knows, or of those that can be asked of it in words."""
        names = self.dataset.classes
        count = len(names) if self.BY_WORDS else self.network.num_classes or 0
        return names if len(names) == count else tuple(map(str, range(count)))

    @property
    def device(self) -> torch.device:
        return self.schedule.device


@dataclass(frozen=True, eq=False)
class Checkpoint(Part, System):
    """A model of one network. Two are equal only if they are the same object."""

    NAME = "fashion_mnist"
    PARTS = (ONLY,)

    @classmethod
    def of_parts(cls, parts: dict[str, Part], info: dict) -> Checkpoint:
        return cls(**vars(parts[ONLY]))

    @property
    def configs(self) -> dict[str, Config]:
        """The settings of its one network."""
        return {ONLY: self.config}

    def begin(self, n: int = 16, *, steps: checks.Steps = None, **settings) -> Run:
        """n pictures; `steps` and the other settings are those of `ddpm.trajectory`."""
        calls = checks.stage_steps(steps, self.PARTS)[ONLY]
        run = sample.begin(self, n, steps=calls, **settings)
        return Run(run.x, {ONLY: run}, [Stage(ONLY, run.x, run.steps)])


def load(
    path_or_name: str | Path, device: torch.device | str | None = None, revision: str | None = None
) -> Any:
    """Whatever model it is: a `Checkpoint`, a `Cascade`, an `Imagen`, an `UnClip`, or what guides
    one, a `NoisyClassifier`.

    `path_or_name` is a file, or the folder of a run; the name of a shipped model, such as
    "fashion_mnist"; or a model on the Hugging Face Hub, "owner/name", which holds a
    model.safetensors as a run writes it; `revision` is a branch, a tag or a commit of it. A folder
    or a Hub id may also be of a pipeline of diffusers with a UNet2DModel. CheckpointError names the
    file and says what is wrong.
    """
    parts, info = load_parts(path_or_name, device=device, revision=revision)
    networks = tuple(part.config.network for part in parts.values())
    if networks not in SYSTEMS:
        raise CheckpointError(f"{path_or_name}: {what_it_is(networks)}")
    kind = SYSTEMS[networks]
    found = getattr(importlib.import_module(f"ddpm.{kind.path}"), kind.name)
    return _made(found, path_or_name, parts, info)


def _made(kind: Any, path: str | Path, parts: dict[str, Part], info: dict) -> Any:
    """A model of this class, from the networks of the file at `path`."""
    try:
        if tuple(parts) != kind.PARTS:
            raise ValueError(f"its networks are called {', '.join(parts)}")
        return kind.of_parts(parts, info)
    except ValueError as error:
        raise CheckpointError(f"{path}: not a whole {kind.__name__} ({error})") from error


def load_checkpoint(
    path_or_name: str | Path, device: torch.device | str | None = None, revision: str | None = None
) -> Checkpoint:
    """A model of one network; `path_or_name`, `device` and `revision` as for `load`.
    CheckpointError for any other kind."""
    return Checkpoint.load(path_or_name, device, revision)
