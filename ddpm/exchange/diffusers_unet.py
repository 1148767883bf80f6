"""This project's U-Net as a model of diffusers."""

from typing import Any

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.unets.unet_2d import UNet2DOutput
from torch import Tensor

from ddpm.config import UnetConfig
from ddpm.networks.unet import Unet


class DdpmUnet(ModelMixin, ConfigMixin):
    """Called as a `UNet2DModel`: (x, timestep, class_labels=None), with `.sample` of its output. No
    labels, or the number of classes as one, means "no label". `unet` are the network's settings."""

    @register_to_config
    def __init__(
        self, unet: dict, sample_size: int, in_channels: int, num_class_embeds: int | None
    ):
        super().__init__()
        self.network = Unet(UnetConfig(**unet))

    def forward(
        self,
        sample: Tensor,
        timestep: Any,
        class_labels: Tensor | None = None,
        return_dict: bool = True,
    ) -> UNet2DOutput | tuple:
        t = torch.as_tensor(timestep, device=sample.device).expand(len(sample))
        output = self.network(sample, t, class_labels)[:, : sample.shape[1]]  # without a variance
        return UNet2DOutput(sample=output) if return_dict else (output,)
