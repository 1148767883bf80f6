"""What goes from one process to another: numbers and NumPy arrays, in place of tensors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser

Weights = dict[str, np.ndarray]
# A model: of a network that is not this project's, all of it, with the schedule it learned under
Packed = tuple[Config, Weights | Denoiser]


@dataclass(frozen=True)
class Told(ddpm.Step):
    """A step that also says something of its run."""

    before: Tensor  # x_t, which it began with
    tell: Callable[[], dict] = dict  # what is new in the parts of the film


def plain(steps: Iterator[ddpm.Step]) -> Iterator[tuple]:
    for step in steps:
        told = isinstance(step, Told)
        arrays = [x.cpu().numpy() for x in (step.x, step.x_start, *([step.before] if told else []))]
        yield step.i, step.t, arrays, step.tell() if told else None


def as_steps(values: Iterator[tuple]) -> Iterator[ddpm.Step]:
    for i, t, arrays, news in values:
        x, x_start, *before = map(torch.tensor, arrays)  # a cluster's may not be changed
        if news is None:
            yield ddpm.Step(i, t, x, x_start)
        else:
            yield Told(i, t, x, x_start, *before, tell=lambda news=news: news)


def weights_of(network: nn.Module) -> Weights:
    return {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}


def as_tensors(weights: Weights) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in weights.items()}


def packed(model: ddpm.Checkpoint) -> Packed:
    is_ours = model.config.network in ckpt.NETWORKS
    return model.config, weights_of(model.model.network) if is_ours else model.model


def unpacked(model: Packed, device: torch.device | None = None, **info) -> ddpm.Checkpoint:
    config, found = model
    if not isinstance(found, Denoiser):
        network = ckpt.build_network(config)
        network.load_state_dict(as_tensors(found))
        found = ckpt.as_denoiser(network, config)
    found = found.to(device or ckpt.best_device())
    return ddpm.Checkpoint(found, config, found.schedule, info)
