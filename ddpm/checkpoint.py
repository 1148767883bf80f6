"""Weights and configuration in one safetensors file. Nothing is ever unpickled.

A model's file holds the averaged weights of its network, or of several, whose names stand before
those of their tensors; a run's state file also holds all that resuming needs. Both carry the
`Config`, or one for each network by its name, as JSON in the header.
"""

import importlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save
from torch import Tensor, nn

from ddpm.config import Config
from ddpm.devices import best_device as best_device
from ddpm.devices import chosen_device
from ddpm.diffusion.denoiser import Denoiser
from ddpm.files import MODEL as MODEL
from ddpm.files import PIPELINE, CheckpointError, find_checkpoint, write_whole
from ddpm.files import SHIPPED as SHIPPED
from ddpm.files import UNFINISHED as UNFINISHED
from ddpm.networks.network import Network
from ddpm.networks.systems import NETWORKS as NETWORKS  # these two are asked for here too
from ddpm.networks.systems import build_network, what_it_is
from ddpm.schedules import Schedule

ONLY = "model"  # the part that the network of a file of one plays


@dataclass(frozen=True, eq=False)
class Part:
    """A network of a file, ready to be asked. Two are equal only if they are the same object."""

    model: Denoiser  # averaged weights, in evaluation mode
    config: Config
    schedule: Schedule  # the one that the model was trained on, on the model's device
    info: dict  # what the writer noted: steps, seconds, machine

    @property
    def network(self) -> Network:
        return self.model.network


def build_schedule(config: Config) -> Schedule:
    diffusion = config.diffusion
    return Schedule.named(diffusion.schedule, diffusion.T, rescale=diffusion.rescale)


def save_tensors(path: str | Path, tensors: dict[str, Tensor], config: Any, info: dict) -> None:
    """Write a safetensors file, whole or not at all; its settings as `as_dict` takes them."""
    header = {"config": json.dumps(as_dict(config)), "info": json.dumps(info)}
    data = save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, header)
    write_whole(Path(path), data)


def as_dict(config: Any) -> dict:
    """A configuration, or those of several networks by name, for JSON."""
    if isinstance(config, Mapping):
        return {name: part.to_dict() for name, part in config.items()}
    return asdict(config)


def configs_of(values: dict) -> dict[str, Config]:
    """The inverse of `as_dict`: the settings of each network. That of a file of one is ONLY."""
    parts = {ONLY: values} if "unet" in values else values
    return {name: Config.from_dict(part) for name, part in parts.items()}


def load_tensors(
    path: str | Path, read: Callable[[dict], Any] = Config.from_dict
) -> tuple[dict[str, Tensor], Any, dict]:
    """What `save_tensors` wrote, its configuration by `read`. CheckpointError if it is missing,
    damaged or foreign."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such checkpoint file")
    try:
        with safetensors.safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path}: not a whole safetensors file ({error}). It may be truncated, or be a "
            "pickle, which is not read for safety"
        ) from error
    try:
        values, info = json.loads(header["config"]), dict(json.loads(header.get("info", "{}")))
        config = read(values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: a safetensors file, but its header holds no configuration of this "
            f"project ({error})"
        ) from error
    return tensors, config, info


def save_checkpoint(path: str | Path, network: nn.Module, config: Config, **info) -> None:
    """Write the network's weights with its configuration `config` to `path`, whole or not at all;
    `info` is for its reader. OSError if it can't be written."""
    save_tensors(path, network.state_dict(), config, info)


def save_parts(
    path: str | Path,
    parts: Mapping[str, tuple[nn.Module, Config]],
    dtype: torch.dtype = torch.float16,
    **info,
) -> None:
    """Write networks with their settings, by the part that each plays. ValueError for one of
    diffusers."""
    for _, config in parts.values():
        if config.network not in NETWORKS:
            raise ValueError(
                f"a {config.network} is not saved as a file of this project: save its pipeline, "
                "with save_pretrained of diffusers"
            )
    tensors = {
        _prefix(name) + key: value.to(dtype)
        for name, (network, _) in parts.items()
        for key, value in network.state_dict().items()
    }
    configs = {name: config for name, (_, config) in parts.items()}
    save_tensors(path, tensors, configs.get(ONLY, configs), info)


def _prefix(name: str) -> str:
    """Before the names of a network's tensors, by the part that it plays."""
    return "" if name == ONLY else f"{name}."


def load_parts(
    path_or_name: str | Path,
    networks: tuple[str, ...] | None = None,
    device: torch.device | str | None = None,
    revision: str | None = None,
) -> tuple[dict[str, Part], dict]:
    """Each network of a file by the part that it plays, on `device` or the best one available
    (cuda, mps, cpu), and the file's info; `path_or_name` and `revision` as for `ddpm.load`.

    CheckpointError names the file and says what is wrong with it, or what it is if it doesn't hold
    these `networks`.
    """
    path = find_checkpoint(path_or_name, revision)
    if path.name == PIPELINE:  # what reads it stands on this file
        if networks not in (None, ("unet",)):
            raise CheckpointError(f"{path}: {what_it_is(('unet',))}")
        part = importlib.import_module("ddpm.exchange.diffusers_models").part_of(path, device)
        return {ONLY: part}, part.info
    tensors, configs, info = load_tensors(path, configs_of)
    held = tuple(config.network for config in configs.values())
    if networks not in (None, held) or not {*held} <= NETWORKS.keys():
        raise CheckpointError(f"{path}: {what_it_is(held)}")
    if "step" in tensors:
        raise CheckpointError(f"{path}: the state of a run, to resume it: load its folder instead")
    device, parts = chosen_device(device), {}
    for name, config in configs.items():
        prefix = _prefix(name)
        own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        noted = info if name == ONLY else info.get(name, {})
        parts[name] = as_part(filled_network(path, own, config), config, noted, device)
    return parts, info


def filled_network(path: Path, tensors: dict[str, Tensor], config: Config) -> Any:
    """The network of this config with these weights, which come from the file at `path`."""
    network = build_network(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: its weights do not fit the network of its own header: {error}"
        ) from error
    for name, weight in tensors.items():
        if not bool(weight.isfinite().all()):
            raise CheckpointError(f"{path}: its weights {name} are not all finite numbers")
    return network


def as_part(
    network: nn.Module, config: Config, info: dict, device: torch.device | str | None
) -> Part:
    """A network with its weights, ready to be asked on `device`, or on the best there is."""
    model = as_denoiser(network, config).to(chosen_device(device))
    return Part(model, config, model.schedule, info)


def as_denoiser(network: nn.Module, config: Config) -> Denoiser:
    """The network as a frozen model of ε under the schedule that it was trained on."""
    model = Denoiser(network, build_schedule(config), config.diffusion.objective)
    return model.eval().requires_grad_(False)


def __getattr__(name: str) -> Any:
    """What is in `ddpm` now, since it stands on what is above this file."""
    if name not in ("Checkpoint", "load_checkpoint"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"take ddpm.{name}, not {__name__}.{name}", DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module("ddpm"), name)
