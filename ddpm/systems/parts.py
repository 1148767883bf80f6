"""Several networks with their settings in one safetensors file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ddpm.checkpoint import filled_network, find_checkpoint, load_tensors, save_tensors
from ddpm.config import Config


@dataclass(frozen=True)
class PartConfigs:
    """The settings of each network of a system, by the part that it plays."""

    parts: dict[str, Config]

    def to_dict(self) -> dict:
        return {name: config.to_dict() for name, config in self.parts.items()}


def save_parts(path: str | Path, parts: Mapping[str, tuple[nn.Module, Config]], **info) -> None:
    """Write the networks' weights, in float16, with their settings; `info` is for the reader."""
    tensors = {
        f"{name}.{key}": value.half()
        for name, (network, _) in parts.items()
        for key, value in network.state_dict().items()
    }
    configs = PartConfigs({name: config for name, (_, config) in parts.items()})
    save_tensors(path, tensors, configs, info)


def load_parts(
    path_or_name: str | Path, usual: Mapping[str, Config]
) -> tuple[dict[str, tuple[nn.Module, Config]], dict]:
    """What `save_parts` wrote: each network in float32 and evaluation mode, and the info.

    A path, the folder of a run, or a shipped name, as `load_checkpoint` takes them.
    CheckpointError if the file is missing or damaged, or holds other networks than `usual`.
    """
    path = find_checkpoint(path_or_name)

    def read(values: dict) -> dict[str, Config]:
        return {name: Config.from_dict(values[name]) for name in usual}

    networks = tuple(config.network for config in usual.values())
    tensors, configs, info = load_tensors(path, read, networks)
    parts = {}
    for name, config in configs.items():
        prefix = f"{name}."
        own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        network = filled_network(path, {k: v.to(torch.float32) for k, v in own.items()}, config)
        parts[name] = (network.eval().requires_grad_(False), config)
    return parts, info
