"""The training loop, as a generator. Stop it by closing it; resume it from its state."""

from __future__ import annotations

import copy
import itertools
import math
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from ddpm.config import Config, TrainConfig
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.seeds import from_sequence
from ddpm.networks.bf16 import computes_in_bf16
from ddpm.schedules import Schedule
from ddpm.training.accelerate_patches import new_accelerator
from ddpm.training.losses import Loss, denoising_loss
from ddpm.training.optimizers import RULES, make_optimizers

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
    # with the averaged weights: the same one at each step, and it goes on learning
    model: Denoiser = field(compare=False, repr=False)


def make_accelerator():
    """Hugging Face Accelerate's choice of device; bf16 if the device computes in it.

    `accelerate launch` overrides both.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    own = "bf16" if computes_in_bf16(device) else "no"
    for kind in ("FSDP", "DEEPSPEED", "MEGATRON_LM"):
        if os.environ.get(f"ACCELERATE_USE_{kind}", "").lower() == "true":
            raise ValueError(
                f"a network here fits each GPU as a whole, and {kind} would cut it into pieces: "
                "launch with --multi_gpu alone, which is DDP"
            )
    precision = os.environ.get("ACCELERATE_MIXED_PRECISION") or own
    if precision not in ("no", "bf16"):
        raise ValueError(f"mixed precision must be 'no' or 'bf16', not {precision!r}")
    return new_accelerator(mixed_precision=precision)


class TrainState:
    """What a run changes: network, averaged network, optimizers and the number of steps done.

    Batches, t and noise depend only on seed and step, so this is all that a resumed run needs.
    """

    def __init__(self, network: nn.Module, config: TrainConfig, accelerator=None):
        self.accelerator = accelerator or make_accelerator()
        network = network.to(self.accelerator.device)
        # torch's own annotations leave this out
        network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.ema = AveragedModel(
            copy.deepcopy(network), multi_avg_fn=_ema_with_warmup(config.ema_decay)
        )
        optimizers = make_optimizers(network, config)
        self.network, *self.optimizers = self.accelerator.prepare(network, *optimizers)
        self.config, self.rules, self.step = config, RULES, 0
        self.critic: TrainState | None = None  # of a student: what learns its pictures
        self.lock = threading.Lock()  # held while step and averaged weights change

    def add_critic(self) -> TrainState:
        """One with a network like this one's, of the averaged weights."""
        network = copy.deepcopy(self.averaged()).train().requires_grad_(True)
        self.critic = TrainState(network, self.config, self.accelerator)
        return self.critic

    def averaged(self) -> nn.Module:
        """The network to sample with: averaged weights, in evaluation mode."""
        return self.ema.module.eval()

    def snapshot(self) -> tuple[int, dict[str, Tensor]]:
        """The number of steps done, and a copy of the averaged weights after the last of them, by
        name as in a state_dict, each (…,) as the network has it.

        Another thread may ask at any time: it waits for no more than an update of the average,
        and not for the rest of the step.
        """
        with self.lock:
            weights = self.ema.module.state_dict()
            return self.step, {name: tensor.detach().clone() for name, tensor in weights.items()}

    def tensors(self) -> dict[str, Tensor]:
        """Everything as named tensors, for a safetensors file: weights, averaged weights and what
        the optimizers keep of each, (…,) as the network has them; step and rules, scalars."""
        network = self.accelerator.unwrap_model(self.network)
        tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
        tensors |= {f"ema.{k}": v for k, v in self.ema.state_dict().items()}
        for i, (optimizer, weight) in enumerate(self._moved()):
            slots = optimizer.state[weight].items()
            tensors |= {f"optimizer.{i}.{k}": v for k, v in slots}
        if self.critic is not None:
            tensors |= {f"critic.{k}": v for k, v in self.critic.tensors().items()}
        return tensors | {"step": torch.tensor(self.step), "rules": torch.tensor(self.rules)}

    def _moved(self) -> Iterator[tuple[Optimizer, Tensor]]:
        """Every weight with the optimizer that moves it, in an order that does not change."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                yield from ((optimizer, weight) for weight in group["params"])

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """The inverse of `tensors`, with the same names and shapes (…,), of a run begun under any
        rules. RuntimeError if they are of another network."""
        groups: dict[str, dict] = {"network": {}, "ema": {}, "optimizer": {}, "critic": {}}
        for name, tensor in tensors.items():
            group, _, rest = name.partition(".")
            if rest:
                groups[group][rest] = tensor
        self.accelerator.unwrap_model(self.network).load_state_dict(groups["network"])
        self.ema.load_state_dict(groups["ema"])
        self.rules = int(tensors.get("rules", 1))  # the first wrote no number
        if self.rules < RULES:
            network = self.accelerator.unwrap_model(self.network)
            theirs = make_optimizers(network, self.config, self.rules)
            self.optimizers = [self.accelerator.prepare_optimizer(each) for each in theirs]
        moved = list(self._moved())
        for name, tensor in groups["optimizer"].items():
            i, _, slot = name.partition(".")
            optimizer, weight = moved[int(i)]
            if tensor.ndim:  # the fused kernel walks memory: moments must lie as their weights do
                tensor = torch.empty_like(weight).copy_(tensor)
            optimizer.state[weight][slot] = tensor.to(weight.device)
        self.step = int(tensors["step"])
        if groups["critic"]:
            self.add_critic().load_tensors(groups["critic"])


Tensors = list[Tensor] | tuple[Tensor, ...]


def kept_of_average(n: int, decay: float) -> float:
    """The share of an average that its next update keeps: it starts short and lengthens."""
    return min(decay, (1 + n) / (10 + n))


def _ema_with_warmup(decay: float):
    @torch.no_grad()
    def update(averaged: Tensors, current: Tensors, n: Tensor | int) -> None:
        new = 1 - kept_of_average(int(n), decay)
        torch._foreach_lerp_(averaged, current, new)  # pyright: ignore[reportPrivateImportUsage]

    return update


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
        _check_finite(loss, norm, state)

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


def _check_finite(loss: float, norm: float, state: TrainState) -> None:
    if not (math.isfinite(loss) and math.isfinite(norm)):
        state.network.zero_grad()
        raise TrainingDiverged(
            f"the loss is {loss} and its gradient {norm} at step {state.step + 1}: training "
            "stopped and kept the weights before this step. A smaller learning rate may help"
        )


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
