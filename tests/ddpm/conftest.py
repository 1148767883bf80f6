"""Tiny networks and their files, a few pictures, what distances are held against, a Hub."""

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
def by_eigenvalues():
    """by_eigenvalues(a, b): the Fréchet distance between features (N, D) and (M, D), in float64:
    |μ_a - μ_b|² + tr(Σ_a + Σ_b - 2 (Σ_a Σ_b)^½)."""

    def distance(a: torch.Tensor, b: torch.Tensor) -> float:
        ours, theirs = a.double().T.cov(), b.double().T.cov()
        root = torch.linalg.eigvals(ours @ theirs).sqrt().real.sum()
        apart = (a.double().mean(0) - b.double().mean(0)).square().sum()
        return (apart + ours.trace() + theirs.trace() - 2 * root).item()

    return distance


class Halves(torch.nn.Module):
    """In place of Inception: the means of the upper and the lower half of RGB bytes."""

    num_features = 2

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert images.dtype == torch.uint8 and images.shape[1] == 3
        return images.double().mean((1, 3)).unflatten(1, (2, -1)).mean(2)


@pytest.fixture
def of_halves():
    """Makes the metric that stands for Inception's."""
    from torchmetrics.image.fid import FrechetInceptionDistance  # 4 s to import

    return lambda: FrechetInceptionDistance(feature=Halves())


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
