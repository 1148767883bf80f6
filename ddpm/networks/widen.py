"""A U-Net that begins with what another has learned: a wider one, or one with less attention."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from ddpm.config import UnetConfig
from ddpm.networks.blocks import ATTENTION
from ddpm.networks.unet import Unet

SPREAD = 0.2  # of the shares of equal channels: shares alike would learn alike for good
TIMES = 1000  # at which both embeddings of the time must lead to the same
LEAST = 0.01  # a singular value below this share of the largest asks for weights too large for bf16


def resized(network: Unet, config: UnetConfig) -> Unet:
    """The network of `config` with the weights of `network`: itself if it is that already, without
    the attention that it has no place for, or `widened`. ValueError if it can't begin so."""
    own = network.config
    if own == config:
        return network
    less = ATTENTION.index(config.attention) > ATTENTION.index(own.attention)
    if not (less and replace(own, attention=config.attention) == config):
        return widened(network, config)
    found, weights = Unet(config), network.state_dict()
    found.load_state_dict({name: weights[name] for name in found.state_dict()})
    return found


@torch.no_grad()
def widened(narrow: Unet, config: UnetConfig) -> Unet:
    """The network of `config` that draws what `narrow` draws (Chen et al. 2016, Net2WiderNet):
    channels appear several times, and what reads them shares their weights out among the copies.

    Equal but for rounding, the embedding of the time and, unless every channel appears equally
    often, the norms before attention, which are over all channels.

    ValueError unless `config` is that of `narrow`, of resnet blocks, with a larger `dim` and groups
    of the same size.
    """
    own = narrow.config
    same = own.dim * config.norm_groups == config.dim * own.norm_groups
    rest = {name for name, value in vars(own).items() if vars(config)[name] != value}
    wider = config.dim > own.dim and own.block == "resnet" and rest <= {"dim", "norm_groups"}
    if not (same and wider):
        raise ValueError(
            "a network can begin as one with more attention, or as a narrower one of resnet "
            f"blocks, with norms over as many channels ({own.dim} in {own.norm_groups} groups), "
            f"and else the same settings, {own}; not {config}"
        )
    generator = torch.Generator().manual_seed(0)
    wide = Unet(config)
    modules = dict(narrow.named_modules())
    for name, module in wide.named_modules():
        old = modules[name]
        for key, weight in module.named_parameters(recurse=False):
            weight.copy_(_wider(name, module, old.get_parameter(key), weight.shape, generator))
    old, new = list(narrow.time_mlp.children()), list(wide.time_mlp.children())
    t = torch.arange(TIMES).double()
    wide_t, narrow_t = new[0](t).double(), old[0](t).double()
    across = torch.linalg.lstsq(wide_t, narrow_t, driver="gelsd", rcond=LEAST).solution
    read = old[1].get_parameter("weight").double() @ across.T
    into = new[1].get_parameter("weight")
    into.copy_(read[_origin(len(into), len(read))])
    return wide


def _origin(wide: int, narrow: int, parts: int = 1) -> Tensor:
    """Which of `narrow` channels each of `wide` ones copies: they repeat, within each part."""
    wide, narrow = wide // parts, narrow // parts
    return torch.cat([torch.arange(wide) % narrow + part * narrow for part in range(parts)])


def _wider(name: str, module: nn.Module, old: Tensor, shape: torch.Size, generator) -> Tensor:
    """A parameter in its new shape."""
    scales = 2 if ".mlp." in name else 1  # a scale and a shift for each channel
    if len(shape) == 1:
        return old[_origin(shape[0], len(old), scales)]
    if isinstance(module, nn.Embedding):
        return old[:, _origin(shape[1], old.shape[1])]
    if isinstance(module, nn.ConvTranspose2d):  # (in, out, …)
        turned = torch.Size((shape[1], shape[0], *shape[2:]))
        return _wider(name, nn.Identity(), old.transpose(0, 1), turned, generator).transpose(0, 1)
    parts = 2 if _reads_skip(name) else 1
    origin = _origin(shape[1], old.shape[1], parts)
    share = 1 + SPREAD * torch.rand(shape[1], generator=generator)
    total = torch.zeros(old.shape[1]).index_add(0, origin, share)
    rows = old[_origin(shape[0], len(old), scales)][:, origin]
    return rows * (share / total[origin]).view(1, -1, *[1] * (len(shape) - 2))


def _reads_skip(name: str) -> bool:
    """Whether its input is two tensors side by side: what came up, and the skip."""
    place = name.split(".")
    reads = place[-1] == "res_conv" or place[-2:] == ["block1", "proj"]
    return reads and (place[0] == "final_block" or (place[0] == "ups" and place[2] == "0"))
