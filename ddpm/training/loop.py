"""The training loop, as a generator. Stop it by closing it; resume it from its state."""

import itertools
import math
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ddpm.config import Config, TrainConfig
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.seeds import from_sequence
from ddpm.schedules import Schedule
from ddpm.training.losses import Loss, denoising_loss
from ddpm.training.optimizers import RULES
from ddpm.training.state import TrainState

SEED_APART, STEP_APART = 1_000_003, 4_096  # between the numbers of two seeds, and of two steps


class TrainingDiverged(RuntimeError):
    """The loss or its gradient is no longer finite. The state holds the last good weights."""


@dataclass(frozen=True)
class TrainStep:
    """What `train` yields after each optimizer step, when the averaged weights are up to date."""

    step: int  # steps done, 1 after the first
    loss: float  # of this step's batch, before the step
    learning_rate: float
    grad_norm: float  # before clipping
    # with the averaged weights: one for all steps of a stage, and it goes on learning
    model: Denoiser = field(compare=False, repr=False)


def learning_rate(step: int, config: TrainConfig) -> float:
    """Warm-up, plateau, then a linear fall, the cooldown (Hägele et al. 2024).

    Until the fall begins, the rate does not depend on the number of steps, so a run can be
    extended.
    """
    rise = (step + 1) / (config.warmup + 1)
    fall = (config.steps - step) / max(1.0, config.cooldown * config.steps)
    return config.learning_rate * max(0.0, min(1.0, rise, fall))


def train(
    state: TrainState,
    schedule: Schedule,
    batches: Iterable[tuple[Tensor | None, ...]],
    config: Config,
    loss_of: Loss = denoising_loss,
) -> Iterator[TrainStep]:
    """Train from `state.step` to `config.train.steps`, yielding after each step. Algorithm 1 of Ho
    et al. 2020; or with another `loss_of`, whose batches are its own.

    `schedule` is that of the forward process. batches gives (x in [-1, 1] (B, C, H, W), labels
    (B,) or None), `accumulate` of them a step, starting with the first of step `state.step`. When
    several processes train together, each has its own batches, and gradients are averaged. Raises
    TrainingDiverged, with the state at its last good step, when loss or gradient is not finite.
    """
    accelerator, accumulate = state.accelerator, config.train.accumulate
    denoiser = Denoiser(state.network, schedule.to(accelerator.device), config.diffusion.objective)
    model = Denoiser(state.averaged(), denoiser.schedule, denoiser.objective)
    model = model.eval().requires_grad_(False)
    feed = iter(batches)
    while state.step < config.train.steps:
        state.network.train()
        shares = list(itertools.islice(feed, accumulate))
        if len(shares) < accumulate:
            return
        loss = torch.zeros((), device=accelerator.device)
        for k, batch in enumerate(shares):
            share = k * accelerator.num_processes + accelerator.process_index
            last = k == accumulate - 1
            # between processes, gradients are exchanged once a step
            with nullcontext() if last else accelerator.no_sync(state.network):
                draw = step_generator(config.train.seed, state.step, share, state.rules)
                part = loss_of(denoiser, batch, config, draw) / accumulate
                accelerator.backward(part)
            loss += part.detach()
        loss = accelerator.reduce(loss, "mean")
        norm = accelerator.clip_grad_norm_(state.network.parameters(), config.train.grad_clip)
        assert isinstance(loss, Tensor) and isinstance(norm, Tensor)  # as both went in
        loss, norm = loss.item(), norm.item()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            state.network.zero_grad()
            raise TrainingDiverged(
                f"the loss is {loss} and its gradient {norm} at step {state.step + 1}: training "
                "stopped and kept the weights before this step. A smaller learning rate may help"
            )
        rate = learning_rate(state.step, config.train)
        for optimizer in state.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        state.network.zero_grad()
        with state.lock:
            state.ema.update_parameters(accelerator.unwrap_model(state.network))
            state.step += 1
        yield TrainStep(state.step, loss, rate, norm, model)


def place(state: TrainState, step: int) -> dict[str, int]:
    """Where this process goes on in a feed that has given the batches of so many steps: they are
    numbered through all steps and processes, and dealt out like cards."""
    processes = state.accelerator.num_processes
    start = step * state.config.accumulate * processes + state.accelerator.process_index
    return {"start": start, "stride": processes}


def step_generator(seed: int, step: int, share: int, rules: int = RULES) -> torch.Generator:
    """The randomness of one batch of a step, a function of their numbers: a resume needs nothing
    more, and two processes draw what one process draws that accumulates two batches."""
    number = (seed * SEED_APART + step) * STEP_APART + share
    counted = number < 2**32 and step < SEED_APART and share < STEP_APART
    if counted or rules == 1:
        return torch.Generator().manual_seed(number)
    return from_sequence(np.random.SeedSequence(seed, spawn_key=(step, share)))
