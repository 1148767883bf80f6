"""What runs on a GPU that is lent (see `tabs.zero`): a sampler's steps, and a training run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.data.batches import batches
from page.compute import models, zero_gpu

START_S = 5  # until the first step, in a new process
CALL_S = 0.05  # a network call, or half a training step: several times what a data-centre GPU needs
SEND_S = 2.0  # seconds between two copies of the weights that are being trained

Weights = dict[str, np.ndarray]


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


# Moved as the program begins: a lent process finds it on its GPU, without a copy of its own.
_shipped = ddpm.load_checkpoint(models.SHIPPED, _device()) if zero_gpu.ON else None


def steps(draw: Callable, checkpoint: ddpm.Checkpoint, request) -> Iterator[ddpm.Step]:
    """The steps of `draw(checkpoint, request)`, a function of a module, on the lent GPU."""
    own = checkpoint is not models.shipped()
    packed = (checkpoint.config, _pack(checkpoint.model.network)) if own else None
    for i, t, *images in _steps(draw, packed, request):
        yield ddpm.Step(i, t, *map(torch.from_numpy, images))


@zero_gpu.gpu(
    lambda draw, packed, request: math.ceil(
        START_S + CALL_S * request.steps * (1 if request.guidance in (0, 1) else 2)
    )
)
def _steps(draw: Callable, packed: tuple[Config, Weights] | None, request) -> Iterator[tuple]:
    checkpoint = _unpack(*packed) if packed else _shipped or models.shipped()
    for step in draw(checkpoint, request)[1]:
        yield step.i, step.t, step.x.cpu().numpy(), step.x_start.cpu().numpy()


def follower(config: Config) -> ddpm.TrainState:
    """The state of a run in this process, which has no GPU."""
    from accelerate import Accelerator

    return ddpm.TrainState(ckpt.build_network(config), config.train, Accelerator(cpu=True))


def train(
    state: ddpm.TrainState, config: Config, load: Callable[[], tuple[Tensor, Tensor | None]]
) -> Iterator[ddpm.TrainStep]:
    """`ddpm.train` on the lent GPU, which ends early when its time is up. `state`, a `follower`,
    gets the averaged weights every `SEND_S`, and the last ones.
    """
    for step, weights in _train(config, load):
        if weights is not None:
            state.averaged().load_state_dict(_tensors(weights))
            state.step = step.step
        if not math.isfinite(step.loss):
            raise ddpm.TrainingDiverged(f"the loss is no longer finite at step {step.step + 1}")
        yield step


def _training_s(config: Config, load: Callable | None = None) -> int:
    return min(zero_gpu.LONGEST_S, math.ceil(2 * START_S + 2 * CALL_S * config.train.steps))


@zero_gpu.gpu(_training_s)
def _train(config: Config, load: Callable) -> Iterator[tuple[ddpm.TrainStep, Weights | None]]:
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state(reset_partial_state=True)  # as `follower` set it
    images, labels = load()
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    state = ddpm.TrainState(ckpt.build_network(config), config.train)
    step = ddpm.TrainStep(0, 0.0, 0.0, 0.0)
    end = time.monotonic() + _training_s(config) - START_S
    sent = -math.inf
    try:
        for step in ddpm.train(state, ckpt.build_schedule(config), feed, config):
            now = time.monotonic()
            if now > end or step.step == config.train.steps:
                break
            yield step, (_pack(state.averaged()) if now - sent > SEND_S else None)
            sent = now if now - sent > SEND_S else sent
    except ddpm.TrainingDiverged:  # an error would arrive without its kind
        step = ddpm.TrainStep(state.step, math.nan, 0.0, 0.0)
    yield step, _pack(state.averaged())


def _pack(network: torch.nn.Module) -> Weights:
    return {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}


def _tensors(weights: Weights) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in weights.items()}


def _unpack(config: Config, weights: Weights) -> ddpm.Checkpoint:
    network = ckpt.build_network(config)
    network.load_state_dict(_tensors(weights))
    model = ckpt.as_denoiser(network, config).to(_device())
    return ddpm.Checkpoint(model, config, model.schedule, {})
