"""All networks by name, and which of them belong together: how a file, or the folder of a run, says
what it is."""

import threading
from functools import partial
from typing import Any, NamedTuple

import torch

from ddpm.config import Config
from ddpm.networks.classifier import HalfUnet
from ddpm.networks.clip import EMBEDDING, ContrastivePair, Prior
from ddpm.networks.conditional import ConditionalUnet
from ddpm.networks.flow_map import FlowMap
from ddpm.networks.super_resolution import SuperResolution
from ddpm.networks.unet import Unet

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
FOREIGN = "UNet2DModel"  # what a config calls a network of diffusers, which nothing here builds
_global_rng = threading.Lock()


class Kind(NamedTuple):
    """A kind of model."""

    name: str  # of its class, which `ddpm` has
    path: str  # of the class in this package; below what it names, as an import would go up
    command: str  # that trains it


# All the networks of a kind of model, and what it is.
SYSTEMS = {
    ("unet",): Kind("Checkpoint", "systems.base", "train"),
    (FOREIGN,): Kind("Checkpoint", "systems.base", "train"),  # of diffusers
    ("classifier",): Kind("NoisyClassifier", "sampling.noisy_classifier", "train-classifier"),
    ("unet", "super_resolution"): Kind("Cascade", "systems.cascade", "train-cascade"),
    ("text_unet", "text_super_resolution"): Kind("Imagen", "systems.imagen", "train-text"),
    ("contrastive_pair", "prior", "decoder"): Kind("UnClip", "systems.unclip", "train-unclip"),
}


def build_network(config: Config) -> Any:
    """One of `NETWORKS` with fresh weights, drawn with the seed of the run."""
    # nn.Module only draws from the global RNG: one thread at a time, and restored afterwards
    with _global_rng, torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(config.train.seed)
        if config.distill is not None and config.distill.flow_map:
            return FlowMap(config.unet)
        return NETWORKS[config.network](config.unet)


def what_it_is(networks: tuple[str, ...]) -> str:
    """What a file of these networks is, for whoever took it for another."""
    listed = " and ".join(map(repr, networks))
    if networks in SYSTEMS:
        return f"it holds {listed}: load it with ddpm.{SYSTEMS[networks].name}.load"
    for whole, kind in SYSTEMS.items():
        if {*networks} < {*whole}:
            return f"it holds {listed} alone, a part of what ddpm.{kind.name}.load loads"
    return f"it holds {listed}, which nothing here loads"
