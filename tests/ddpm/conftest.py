"""A network and a checkpoint of it, a tiny cascade, a few pictures, a device to train on, a Hub."""

from dataclasses import replace

import pytest
import torch
from accelerate.state import AcceleratorState
from huggingface_hub import constants

from ddpm.checkpoint import as_part, build_network, save_checkpoint
from ddpm.config import Config
from ddpm.data.dataset import Pictures
from ddpm.systems.cascade import Cascade, CascadeConfig
from devtools.configs import altered
from devtools.hub import TOKEN, Hub


def shaken(config: Config) -> torch.nn.Module:
    """Weights that no seed gives, so that only a file can restore them."""
    network = build_network(config).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) / 10)
    return network


@pytest.fixture
def network(tiny_config):
    return shaken(tiny_config)


@pytest.fixture
def saved(tmp_path, network, tiny_config):
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, network, tiny_config, steps=7, machine="a toaster")
    return path


@pytest.fixture
def cascade_config(tiny_config) -> CascadeConfig:
    """From 4 × 4 to 8 × 8."""
    base = altered(tiny_config, unet={"image_size": 4})
    return CascadeConfig(base, replace(tiny_config, network="super_resolution"))


@pytest.fixture
def cascade(cascade_config) -> Cascade:
    configs = cascade_config.base, cascade_config.super_resolution
    return Cascade(*(as_part(shaken(of), of, {}, "cpu") for of in configs), {"aug": 11})


@pytest.fixture(autouse=True)
def fresh_accelerator():
    """Forgets the device and precision that Accelerate keeps for the process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def pictures():
    """16 of noise, (16, 1, 8, 8), and labels of three classes."""
    gen = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (16, 1, 8, 8), generator=gen, dtype=torch.uint8)
    return images, torch.arange(16) % 3


@pytest.fixture
def garments(pictures) -> Pictures:
    return Pictures(*pictures, ("shirt", "bag", "boot"), "memory")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Nothing of this machine's own login or cache is used."""
    server = Hub()
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(constants, name, 0.3)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    yield server
    server.close()
