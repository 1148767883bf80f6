"""The training of a cascade in a folder: what it learns from, how it stops and resumes."""

from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.checkpoint import load_tensors
from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.schedules import Schedule
from ddpm.systems.training import run_cascade
from ddpm.training import lessons
from ddpm.training.losses import super_resolution_loss


def test_a_run_leaves_a_cascade_that_draws(cascade_config, garments, tmp_path):
    path = run_cascade(tmp_path, cascade_config, garments)
    assert path == tmp_path / "model.safetensors"
    cascade = ddpm.Cascade.load(tmp_path, "cpu")
    assert cascade.sample(2, labels=1).isfinite().all()
    assert cascade.base.info["steps"] == cascade.super_resolution.info["steps"] == 6
    averaged = load_tensors(tmp_path / "base" / "model.safetensors")[0]
    for name, weight in cascade.base.model.network.state_dict().items():
        assert torch.equal(weight, averaged[name])
    assert ddpm.load_checkpoint(tmp_path / "base", "cpu").config == cascade_config.base


def test_the_base_learns_from_the_means_of_two_by_two_pixels(
    cascade_config, garments, tmp_path, monkeypatch
):
    seen = []
    real = lessons.batches
    monkeypatch.setattr(lessons, "batches", lambda images, *a, **k: seen.append(images) or real(
        images, *a, **k))  # fmt: skip
    run_cascade(tmp_path, cascade_config, garments)
    small, large = seen
    assert torch.equal(large, garments.images) and small.shape == (16, 1, 4, 4)
    mean = garments.images.double().reshape(16, 1, 4, 2, 4, 2).mean((3, 5))
    assert (small - mean).abs().max() <= 0.5 + 1e-3  # rounded to a grey level


def test_the_second_stage_learns_with_every_level_of_noise(tiny_config):
    """Its network is given what the formula says of the batch's own pictures, and asked for what
    `denoising_loss` asks for."""
    asked = []

    def listening(x, t, condition):
        asked.append((condition.low, condition.aug))
        return torch.zeros_like(x)

    schedule = Schedule.named("cosine", 50)
    config: Config = replace(tiny_config, network="super_resolution")
    denoiser = Denoiser(listening, schedule, "v")
    x_start = torch.rand(2000, 1, 1, 1).expand(2000, 1, 8, 8) * 2 - 1  # plain: its mean is itself
    draw = torch.Generator().manual_seed(0)
    loss = super_resolution_loss(denoiser, (x_start, torch.zeros(2000).long()), config, draw)
    assert 0.1 < float(loss) < 2
    ((low, aug),) = asked
    assert set(aug.tolist()) == set(range(51))
    power = torch.cat([torch.ones(1), schedule.alphas_cumprod])[aug].view(-1, 1, 1, 1)
    noise = low - power.sqrt() * x_start[:, :, :4, :4]
    assert torch.equal(low[aug == 0], x_start[aug == 0, :, :4, :4])
    for s in (5, 25, 50):
        spread = float((1 - power[aug == s][0]).sqrt())
        assert float(noise[aug == s].std()) == pytest.approx(spread, rel=0.15)
