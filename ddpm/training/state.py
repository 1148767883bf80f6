"""What a training run changes, as one object that a file can hold."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from ddpm.config import TrainConfig
from ddpm.networks.bf16 import computes_in_bf16
from ddpm.training.accelerate_patches import new_accelerator
from ddpm.training.optimizers import RULES, make_optimizers


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
        self.memory: dict[str, Tensor] = {}  # what a loss keeps from step to step, by name
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
        the optimizers keep of each, (…,) as the network has them; what a loss keeps; step and
        rules, scalars."""
        network = self.accelerator.unwrap_model(self.network)
        tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
        tensors |= {f"ema.{k}": v for k, v in self.ema.state_dict().items()}
        for i, (optimizer, weight) in enumerate(self._moved()):
            slots = optimizer.state[weight].items()
            tensors |= {f"optimizer.{i}.{k}": v for k, v in slots}
        if self.critic is not None:
            own = self.critic.tensors().items()  # its average is nobody's
            tensors |= {f"critic.{k}": v for k, v in own if not k.startswith("ema.")}
        tensors |= {f"memory.{k}": v for k, v in self.memory.items()}
        return tensors | {"step": torch.tensor(self.step), "rules": torch.tensor(self.rules)}

    def _moved(self) -> Iterator[tuple[Optimizer, Tensor]]:
        """Every weight with the optimizer that moves it, in an order that does not change."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                yield from ((optimizer, weight) for weight in group["params"])

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """The inverse of `tensors`, with the same names and shapes (…,), of a run begun under any
        rules. RuntimeError if they are of another network."""
        kinds = ("network", "ema", "optimizer", "critic", "memory")
        groups: dict[str, dict[str, Tensor]] = {kind: {} for kind in kinds}
        for name, tensor in tensors.items():
            group, _, rest = name.partition(".")
            if rest:
                groups[group][rest] = tensor
        self.accelerator.unwrap_model(self.network).load_state_dict(groups["network"])
        if groups["ema"]:
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
        self.step, self.memory = int(tensors["step"]), groups["memory"]
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
