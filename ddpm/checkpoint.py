"""Weights and configuration in one safetensors file. Nothing is ever unpickled.

A shipped checkpoint holds the averaged weights; a run's state file also holds all that resuming
needs. Both carry their `Config` as JSON in the header.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save
from torch import Tensor, nn

from ddpm.config import Config
from ddpm.diffusion.process import Denoiser
from ddpm.networks.classifier import HalfUnet
from ddpm.networks.clip import EMBEDDING, ContrastivePair, Prior
from ddpm.networks.conditional import ConditionalUnet
from ddpm.networks.super_resolution import SuperResolution
from ddpm.networks.systems import networks_of, what_it_is
from ddpm.networks.unet import Unet
from ddpm.schedules import Schedule

_PACKAGED = Path(__file__).parent / "checkpoints"  # where an installed package keeps them
SHIPPED = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "checkpoints"
MODEL = "model.safetensors"  # its name in the folder of a run, and on the Hugging Face Hub
FILES = {".safetensors", ".pt", ".pth", ".ckpt", ".bin"}  # suffixes that no model on the Hub has
UNFINISHED = ".part"  # suffix of a file that is still being written
# What a `Config` builds, by its `network`. Only the first makes pictures of noise alone.
NETWORKS = {
    "unet": Unet,
    "super_resolution": SuperResolution,
    "classifier": HalfUnet,
    "text_unet": ConditionalUnet,
    "text_super_resolution": partial(ConditionalUnet, enlarges=True),
    "contrastive_pair": ContrastivePair,
    "prior": Prior,
    "decoder": partial(ConditionalUnet, embedding=EMBEDDING),
}
_global_rng = threading.Lock()


class CheckpointError(ValueError):
    """A file that is not a usable checkpoint; the message names it and says what is wrong."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded checkpoint, ready to sample with. Two are equal only if they are the same object."""

    model: Denoiser  # averaged weights, in evaluation mode
    config: Config
    schedule: Schedule  # the one that the model was trained on, on the model's device
    info: dict  # what the writer noted: steps, seconds, machine


def build_network(config: Config) -> Any:
    """One of `NETWORKS` with fresh weights, drawn with the seed of the run."""
    # nn.Module only draws from the global RNG: one thread at a time, and restored afterwards
    with _global_rng:
        before = torch.default_generator.get_state()
        torch.default_generator.manual_seed(config.train.seed)
        try:
            return NETWORKS[config.network](config.unet)
        finally:
            torch.default_generator.set_state(before)


def build_schedule(config: Config) -> Schedule:
    diffusion = config.diffusion
    return Schedule.named(diffusion.schedule, diffusion.T, rescale=diffusion.rescale)


def save_tensors(path: str | Path, tensors: dict[str, Tensor], config: Any, info: dict) -> None:
    """Write a safetensors file, whole or not at all. `config` is a `Config`, or one of several
    networks, and has a `to_dict` like it."""
    header = {"config": json.dumps(config.to_dict()), "info": json.dumps(info)}
    data = save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, header)
    write_whole(Path(path), data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, whatever happens: a temporary file, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the folder holds the rename, and must reach the disk as well
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def load_tensors(
    path: str | Path,
    read: Callable[[dict], Any] = Config.from_dict,
    networks: tuple[str, ...] | None = None,
) -> tuple[dict[str, Tensor], Any, dict]:
    """What `save_tensors` wrote, its configuration by `read`. CheckpointError if it is missing,
    damaged or foreign, or is no model of these `networks`."""
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
        held = networks_of(values)
        config = read(values) if networks in (None, held) else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: a safetensors file, but its header holds no configuration of this "
            f"project ({error})"
        ) from error
    if config is None:
        raise CheckpointError(f"{path}: {what_it_is(held)}")
    if networks is not None and "step" in tensors:
        raise CheckpointError(f"{path}: the state of a run, to resume it: load its folder instead")
    return tensors, config, info


def save_checkpoint(path: str | Path, network: nn.Module, config: Config, **info) -> None:
    """Write the network's weights with its configuration; `info` is for its reader."""
    save_tensors(path, network.state_dict(), config, info)


def load_checkpoint(
    path_or_name: str | Path, device: torch.device | str | None = None
) -> Checkpoint:
    """A model to sample with, on `device` or the best one available (cuda, mps, cpu).

    `path_or_name` is a file, or the folder of a run; the name of a shipped checkpoint, such as
    "fashion_mnist"; or a model on the Hugging Face Hub, "owner/name", which holds a
    model.safetensors as a run writes it. Raises CheckpointError, which names the file and says
    what is wrong with it.
    """
    path = find_checkpoint(path_or_name)
    tensors, config, info = load_tensors(path, networks=("unet",))
    return as_checkpoint(filled_network(path, tensors, config), config, info, device)


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


def as_checkpoint(
    network: nn.Module, config: Config, info: dict, device: torch.device | str | None
) -> Checkpoint:
    """A network with its weights, ready to sample with on `device`, or on the best there is."""
    model = as_denoiser(network, config).to(chosen_device(device))
    return Checkpoint(model, config, model.schedule, info)


def find_checkpoint(path_or_name: str | Path) -> Path:
    """The file that `load_checkpoint` reads for this path, shipped name or Hub id."""
    if not isinstance(path_or_name, str | os.PathLike):
        raise CheckpointError(f"a checkpoint is a path or a name, not {path_or_name!r:.80}")
    name = str(path_or_name)
    if (path := Path(path_or_name)).is_file():
        return path
    if (path / MODEL).is_file():  # the folder of a run
        return path / MODEL
    if (shipped := SHIPPED / f"{name}.safetensors").is_file():
        return shipped
    if path.is_dir() and name:
        raise CheckpointError(f"{name}: there is no such checkpoint file, and no {MODEL} in it")
    is_id = name.count("/") == 1 and path.suffix not in FILES
    if is_id and not name.startswith((".", "~", "/")):
        return _from_hub(name)
    names = ", ".join(sorted(file.stem for file in SHIPPED.glob("fashion_mnist*.safetensors")))
    raise CheckpointError(
        f"{name}: there is no such checkpoint file. A shipped checkpoint is one of {names}, and "
        "one on the Hugging Face Hub is named owner/name"
    )


def _from_hub(name: str) -> Path:
    from huggingface_hub import hf_hub_download  # needed only here
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(hf_hub_download(name, MODEL))
    except (OSError, HFValidationError) as error:  # not found, offline, refused: its own words
        raise CheckpointError(
            f"{name}: there is no such file, and no {MODEL} can be had from a model of this name "
            f"on the Hugging Face Hub ({error})"
        ) from error


def as_denoiser(network: nn.Module, config: Config) -> Denoiser:
    """The network as a frozen model of ε under the schedule that it was trained on."""
    model = Denoiser(network, build_schedule(config), config.diffusion.objective)
    return model.eval().requires_grad_(False)


def best_device() -> torch.device:
    """cuda or mps if there is one, otherwise the CPU."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def chosen_device(device: torch.device | str | None) -> torch.device:
    """The device of this name, the best one for None. ValueError if there is none such here."""
    if device is None:
        return best_device()
    try:
        return torch.empty(0, device=device).device  # "cuda" is "cuda:0" once a tensor is there
    except (AssertionError, RuntimeError, TypeError) as error:
        known = " or ".join(sorted({"cpu", best_device().type}))
        raise ValueError(f"device must be one of this machine, {known}, not {device!r}") from error
