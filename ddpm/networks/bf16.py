"""A network in bfloat16, where the device computes in it: half the bytes, twice the products."""

import copy

import torch
from torch import Tensor, nn

from ddpm.networks.network import Given, Network


def computes_in_bf16(device: torch.device) -> bool:
    """Whether it has the instructions. Without, bfloat16 is emulated, slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


class InBf16(Network):
    """A copy of a network that computes under autocast to bfloat16, float32 on the outside.

    After ten calls, pictures differ from float32's by less than 1% in relative L2.
    """

    def __init__(self, network: Network):
        super().__init__()
        self.shape, self.num_classes = network.shape, network.num_classes
        self.needs_label = network.needs_label
        copied: nn.Module = copy.deepcopy(network)
        self.network = copied.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        for part in self.network.modules():
            # autocast would convert these in each call
            if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                part.to(torch.bfloat16)

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.network(x, t, condition).float()
