"""ZeroGPU: a GPU that a Space borrows for one call at a time.

A function under `spaces.GPU` runs in a forked process: its arguments and yields are pickled, its
side effects are lost, and it runs ahead of its consumer. So such functions take settings and yield
numbers and NumPy arrays; pictures, files, queues and cancellation stay in the page's own process.
When closed (GeneratorExit), they end after the current step, as they would in this process.
"""

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import spaces  # before torch

# isort: split
import torch

import ddpm
from ddpm import checkpoint as ckpt
from ddpm.config import Config
from ddpm.training import accelerate_patches
from page.compute.interface import FIRST, Draw, Load, Sampling, Trajectory
from page.compute.plain import Packed, Weights, as_steps, as_tensors, packed, plain, unpacked
from page.compute.this_process import ThisProcess
from page.compute.training import Training, device_name

MAX_CALL_S = 120  # a visitor has a few minutes per day
START_S = 5  # from the call to the first step, in a new process
CALL_S = 0.05  # per network call or half training step: several times what a data-centre GPU needs
SEND_S = 2.0  # seconds between two copies of the weights during training
NAME = "ZeroGPU"
NOT_SENT: Any = None  # the model of a step


class LentGPU(ThisProcess):
    """Checkpoints and training states stay on the CPU of the page's process. What takes a moment is
    not worth a call, and runs there."""

    continues = False  # the state's optimizers end with the forked process
    here = "cpu"

    def __init__(self):
        self._shipped: ddpm.Checkpoint | None = None
        with suppress(ddpm.CheckpointError):  # `load` will report it
            _shipped_on_gpu()  # at start, so that every forked process inherits it

    def load(self, path: str | Path) -> ddpm.Checkpoint:
        checkpoint = ddpm.load_checkpoint(path, "cpu")
        if Path(path) == FIRST:
            self._shipped = checkpoint
        return checkpoint

    def trajectory(self, draw: Draw, system: Any, *requests: Sampling) -> Trajectory:
        """Systems of several networks draw here: a second or two cost visitors no GPU minutes."""
        x, steps = draw(system, *requests)
        if not isinstance(system, ddpm.Checkpoint):
            return x, steps
        is_shipped = system is self._shipped  # the forked process already has its weights
        model = None if is_shipped else packed(system)
        return x, as_steps(_sample(draw, model, *requests))

    def warm_up(self, steps: Iterator[ddpm.Step]) -> None:
        """Useless here: each trajectory runs in a new process."""

    def train(self, config: Config, load: Load, earlier: str | None = None) -> Training:
        """Its model gets the averaged weights every `SEND_S` seconds and at the end, which comes
        early when the GPU's time is up."""
        examples = load()  # cached here, so that no forked process loads it again
        accelerator = accelerate_patches.new_accelerator(cpu=True)
        state = ddpm.TrainState(ckpt.build_network(config), config.train, accelerator)
        return Training(config, state, _follow(state, config, load), examples, device=NAME)

    def device_name(self, system: Any) -> str:
        is_lent = isinstance(system, ddpm.Checkpoint)
        return NAME if is_lent else device_name(system.schedule.device)

    def most_in_batch(self) -> int:
        return 0  # a call is paid for with the minutes of the one visitor who made it


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def _shipped_on_gpu() -> ddpm.Checkpoint:
    """The pretrained model. What is moved to the GPU before a fork is there after it."""
    return ddpm.load_checkpoint(FIRST, _device())


def _sampling_s(draw: Draw, model: Packed | None, request: Sampling) -> int:
    return math.ceil(START_S + CALL_S * request.steps * request.passes)


@spaces.GPU(duration=_sampling_s)
def _sample(draw: Draw, model: Packed | None, request: Sampling) -> Iterator[tuple]:
    system = unpacked(model, _device()) if model else _shipped_on_gpu()
    yield from plain(draw(system, request)[1])


def _follow(state: ddpm.TrainState, config: Config, load: Load) -> Iterator[ddpm.TrainStep]:
    model = ckpt.as_denoiser(state.averaged(), config)
    for step, weights in _train(config, load):
        if weights is not None:
            with state.lock:
                state.averaged().load_state_dict(as_tensors(weights))
                state.step = step.step
        if not math.isfinite(step.loss):
            raise ddpm.TrainingDiverged(f"the loss is no longer finite at step {step.step + 1}")
        yield replace(step, model=model)


def _training_s(config: Config) -> int:
    return min(MAX_CALL_S, math.ceil(2 * START_S + 2 * CALL_S * config.train.steps))


@spaces.GPU(duration=lambda config, load: _training_s(config))
def _train(config: Config, load: Load) -> Iterator[tuple[ddpm.TrainStep, Weights | None]]:
    """Steps, and now and then the weights that they have led to."""
    accelerate_patches.reset_state()  # inherited from the page's process, on the CPU
    training = ThisProcess().train(config, load)
    last = ddpm.TrainStep(0, 0.0, 0.0, 0.0, NOT_SENT)
    end = time.monotonic() + _training_s(config) - START_S
    sent = -math.inf
    try:
        for (step,) in training.steps:
            last, now = replace(step, model=NOT_SENT), time.monotonic()
            if now > end or step.step == config.train.steps:
                break
            yield last, (_learned(training) if now - sent > SEND_S else None)
            sent = now if now - sent > SEND_S else sent
    except ddpm.TrainingDiverged:  # exceptions lose their type on the way back
        last = ddpm.TrainStep(training.done(), math.nan, 0.0, 0.0, NOT_SENT)
    yield last, _learned(training)


def _learned(training: Training) -> Weights:
    weights = training.packed(0)[0][1]
    assert isinstance(weights, dict)  # of a network of this project
    return weights
