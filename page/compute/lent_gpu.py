"""ZeroGPU: a GPU that a Space borrows for one call at a time.

A function under `spaces.GPU` runs in a forked process: its arguments and yields are pickled, its
side effects are lost, and it runs ahead of its consumer. So such functions take settings and yield
numbers and NumPy arrays; pictures, files, queues and cancellation stay in the page's own process.
When closed (GeneratorExit), they end after the current step, as they would in this process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import spaces  # before torch

# isort: split
import numpy as np
import torch
from torch import Tensor

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.training import accelerate_patches
from page.compute.interface import SHIPPED, Draw, Load, Request, Trajectory

MAX_CALL_S = 120  # a visitor has a few minutes per day
START_S = 5  # from the call to the first step, in a new process
CALL_S = 0.05  # per network call or half training step: several times what a data-centre GPU needs
SEND_S = 2.0  # seconds between two copies of the weights during training

Weights = dict[str, np.ndarray]
Numbers = tuple[int, float, float, float]  # a TrainStep's step, loss, learning rate, gradient norm


class LentGPU:
    """Checkpoints and training states stay on the CPU of the page's process."""

    continues = False  # the state's optimizers end with the forked process
    here = "cpu"  # a second or two there costs visitors no GPU minutes

    def __init__(self):
        self._shipped: ddpm.Checkpoint | None = None
        with suppress(ddpm.CheckpointError):  # `load` will report it
            _shipped_on_gpu()  # at start, so that every forked process inherits it

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        checkpoint = ddpm.load_checkpoint(path, "cpu")
        if Path(path) == SHIPPED:
            self._shipped = checkpoint
        return checkpoint

    def trajectory(
        self, draw: Draw[Request], checkpoint: ddpm.Checkpoint, request: Request
    ) -> Trajectory:
        x, _ = draw(checkpoint, request)
        is_shipped = checkpoint is self._shipped  # the forked process already has its weights
        packed = None if is_shipped else (checkpoint.config, _pack(checkpoint.model.network))
        return x, _as_steps(_sample(draw, packed, request))

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Useless here: each trajectory runs in a new process."""

    def train(
        self, config: Config, load: Load, tensors: dict[str, Tensor] | None = None
    ) -> tuple[ddpm.TrainState, Iterator[ddpm.TrainStep]]:
        """The state gets the averaged weights every `SEND_S` seconds and at the end."""
        load()  # cached here, so that no forked process loads it again
        accelerator = accelerate_patches.new_accelerator(cpu=True)
        state = ddpm.TrainState(ckpt.build_network(config), config.train, accelerator)
        return state, _follow(state, config, load)

    def device_name(self, device: torch.device) -> str:
        return "ZeroGPU"

    def threads(self, device: torch.device) -> int:
        return 0

    def most_in_batch(self, device: torch.device) -> int:
        return 0  # a call is paid for with the minutes of the one visitor who made it


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def _shipped_on_gpu() -> ddpm.Checkpoint:
    """The pretrained model. What is moved to the GPU before a fork is there after it."""
    return ddpm.load_checkpoint(SHIPPED, _device())


def _sampling_s(
    draw: Draw[Request], packed: tuple[Config, Weights] | None, request: Request
) -> int:
    return math.ceil(START_S + CALL_S * request.steps * request.passes)


@spaces.GPU(duration=_sampling_s)
def _sample(
    draw: Draw[Request], packed: tuple[Config, Weights] | None, request: Request
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
    checkpoint = _unpack(*packed) if packed else _shipped_on_gpu()
    for step in draw(checkpoint, request)[1]:
        yield step.i, step.t, step.x.cpu().numpy(), step.x_start.cpu().numpy()


def _as_steps(
    arrays: Iterator[tuple[int, int, np.ndarray, np.ndarray]],
) -> Iterator[ddpm.Step]:
    for i, t, x, x_start in arrays:
        yield ddpm.Step(i, t, torch.from_numpy(x), torch.from_numpy(x_start))


def _follow(state: ddpm.TrainState, config: Config, load: Load) -> Iterator[ddpm.TrainStep]:
    model = ckpt.as_denoiser(state.averaged(), config)
    for numbers, weights in _train(config, load):
        step = ddpm.TrainStep(*numbers, model)
        if weights is not None:
            with state.lock:
                state.averaged().load_state_dict(_tensors(weights))
                state.step = step.step
        if not math.isfinite(step.loss):
            raise ddpm.TrainingDiverged(f"the loss is no longer finite at step {step.step + 1}")
        yield step


def _training_s(config: Config) -> int:
    return min(MAX_CALL_S, math.ceil(2 * START_S + 2 * CALL_S * config.train.steps))


@spaces.GPU(duration=lambda config, load: _training_s(config))
def _train(config: Config, load: Load) -> Iterator[tuple[Numbers, Weights | None]]:
    accelerate_patches.reset_state()  # inherited from the page's process, on the CPU
    images, labels = load()
    feed = batches(images, labels, config.train.batch_size, seed=config.train.seed)
    state = ddpm.TrainState(ckpt.build_network(config), config.train)
    numbers = (0, 0.0, 0.0, 0.0)
    end = time.monotonic() + _training_s(config) - START_S
    sent = -math.inf
    try:
        for step in ddpm.train(state, ckpt.build_schedule(config), feed, config):
            numbers = (step.step, step.loss, step.learning_rate, step.grad_norm)
            now = time.monotonic()
            if now > end or step.step == config.train.steps:
                break
            yield numbers, (_pack(state.averaged()) if now - sent > SEND_S else None)
            sent = now if now - sent > SEND_S else sent
    except ddpm.TrainingDiverged:  # exceptions lose their type on the way back
        numbers = (state.step, math.nan, 0.0, 0.0)
    yield numbers, _pack(state.averaged())


def _pack(network: torch.nn.Module) -> Weights:
    return {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}


def _tensors(weights: Weights) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in weights.items()}


def _unpack(config: Config, weights: Weights) -> ddpm.Checkpoint:
    network = ckpt.build_network(config)
    network.load_state_dict(_tensors(weights))
    model = ckpt.as_denoiser(network, config).to(_device())
    return ddpm.Checkpoint(model, config, model.schedule, {})
