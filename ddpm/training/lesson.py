"""What a network of a run learns, and what the run was given to learn from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ddpm.checkpoint import ONLY, build_network, build_schedule, load_parts
from ddpm.config import Config
from ddpm.data import others_noted
from ddpm.data.dataset import Pictures
from ddpm.data.folder import load_pictures
from ddpm.networks.unet import Unet
from ddpm.networks.widen import resized
from ddpm.training.loop import TrainStep, place, train
from ddpm.training.losses import Loss
from ddpm.training.state import TrainState


@dataclass(frozen=True)
class Materials:
    """What a run was given to learn from: see `run_training`."""

    data: str | Path | Pictures | None
    source: str
    teacher: str | Path | None
    classifier: str | Path | None
    out: Path
    start: str | Path | None = None

    def pictures(self, config: Config, noted: Mapping[str, Any]) -> Pictures:
        """For a new run, or for one that goes on, by what is noted of it. ValueError if they are
        not those that it began with."""
        data = self.data if self.data is not None else others_noted(noted) or config.data
        if not isinstance(data, Pictures):
            unet = config.unet
            data = load_pictures(str(data), unet.image_size, unet.channels, source=self.source)
        then, now = noted.get("images"), len(data.images)
        if then not in (None, now):
            raise ValueError(f"the same pictures are needed: there were {then} pictures, now {now}")
        classes = noted.get("classes")
        if classes not in (None, list(data.classes)):
            raise ValueError(
                f"the same pictures are needed: their classes were {classes}, now {data.classes}"
            )
        return data


@dataclass(kw_only=True)
class Lesson(ABC):
    """What one network learns."""

    config: Config
    about: str  # it, in words
    info: dict = field(default_factory=dict)  # what its files say of it
    dtype: torch.dtype = torch.float32  # of the file of all networks
    examples: Pictures | None = None  # what it learns from, to measure it by
    start: str | Path | None = None  # whose weights it begins with; None for random ones

    def network(self) -> nn.Module:
        """As it begins. With `start` a U-Net begins with the weights of another, which may be
        narrower or have more attention; ValueError if it can't."""
        if self.start is None:
            return build_network(self.config)
        network = load_parts(self.start, ("unet",), "cpu")[0][ONLY].network
        if not isinstance(network, Unet):
            raise ValueError(
                f"{self.start} is a network of diffusers: no training here begins with one"
            )
        return resized(network, self.config.unet).train().requires_grad_(True)

    @abstractmethod
    def steps(self, state: TrainState, trained: Mapping[str, nn.Module]) -> Iterator[TrainStep]:
        """Those that are left, given the networks that were trained before."""


@dataclass(kw_only=True)
class FromBatches(Lesson):
    """What is learned by one loss."""

    feed: Callable[..., Iterator[tuple]]  # (start=, stride=) -> batches, see `place`
    loss: Callable[[Mapping[str, nn.Module]], Loss]  # given the networks that were trained before

    def steps(self, state: TrainState, trained: Mapping[str, nn.Module]) -> Iterator[TrainStep]:
        feed, schedule = self.feed(**place(state, state.step)), build_schedule(self.config)
        return train(state, schedule, feed, self.config, self.loss(trained))
