"""Both text models at a size that trains in moments."""

from dataclasses import replace

import pytest

from ddpm.config import Config, UnetConfig
from ddpm.systems import imagen, unclip
from devtools.configs import altered


def _tiny(config: Config) -> Config:
    size, patch = config.unet.image_size, config.unet.patch
    unet = UnetConfig(size, patch=patch, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=None)
    train = {"steps": 3, "batch_size": 8, "warmup": 1, "learning_rate": 1e-3}
    return altered(replace(config, unet=unet), diffusion={"T": 50}, train=train)


@pytest.fixture(scope="session")
def tiny_text_configs() -> dict[str, Config]:
    return {name: _tiny(config) for name, config in imagen.CONFIGS.items()}


@pytest.fixture(scope="session")
def tiny_unclip_configs() -> dict[str, Config]:
    return {name: _tiny(config) for name, config in unclip.CONFIGS.items()}
