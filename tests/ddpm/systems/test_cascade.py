"""A cascade of two tiny networks: shapes, seeds, conditions, its file, and what it refuses."""

from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.diffusion.augmentation import augment
from ddpm.systems.cascade import CascadeConfig
from devtools.configs import altered

close = torch.testing.assert_close


def test_the_way_shows_the_base_first_and_ends_at_the_pictures(cascade):
    steps = list(cascade.trajectory(2, labels=0, steps=4, seed=3))
    assert [step.stage for step in steps] == ["base"] * 4 + ["super_resolution"] * 4
    assert steps[3].step.x.shape == (2, 1, 4, 4) and steps[4].step.x.shape == (2, 1, 8, 8)
    close(steps[-1].step.x, cascade.sample(2, labels=0, steps=4, seed=3))
    # the second stage got what the first one drew
    close(cascade.enlarge(steps[3].step.x, labels=0, steps=4, seed=3), steps[-1].step.x)
    close(ddpm.sample(cascade.base, 2, labels=0, steps=4, seed=3), steps[3].step.x)


def test_from_one_takes_equal_labels_and_refuses_others(cascade):
    for equal, one in (([2, 2, 2], 2), (torch.tensor([[0.2, 0.8, 0.0]] * 3), None)):
        many = cascade.sample(3, labels=equal, from_one=True, steps=2)
        small = ddpm.sample(cascade.base, 1, labels=equal[:1], steps=2)
        close(many, cascade.enlarge(small.expand(3, -1, -1, -1), labels=equal, steps=2))
        if one is not None:
            assert torch.equal(many, cascade.sample(3, labels=one, from_one=True, steps=2))
    with pytest.raises(ValueError, match=r"give one label, not \[2, 2, 1\]"):
        cascade.trajectory(3, labels=[2, 2, 1], from_one=True)


def test_seeds_of_32_bits_keep_their_pictures_in_every_stage(cascade, monkeypatch):
    """Those of torch's generators, which forget what lies beyond; larger ones are all different."""
    seeds = [2**32 - 1, 2**32, 2**33]
    drawn = [cascade.sample(1, steps=2, seed=seed, aug=30) for seed in seeds]
    assert len(torch.cat(drawn).flatten(1).unique(dim=0)) == 3
    forgets = "ddpm.diffusion.process.generator"
    monkeypatch.setattr(forgets, lambda seed: torch.Generator().manual_seed(seed))
    assert torch.equal(cascade.sample(1, steps=2, seed=seeds[0], aug=30), drawn[0])


def test_the_second_stage_knows_the_noise_on_its_small_pictures(cascade):
    """By what enters its network: low at level aug, the same at every step, and never the noise
    that either stage began with."""
    entered = []
    network = cascade.super_resolution.model.network
    network.register_forward_pre_hook(lambda _, args: entered.append(args))
    low = torch.full((2, 1, 4, 4), 0.5)
    cascade.enlarge(low, aug=30, steps=3, seed=7)
    cascade.enlarge(low, aug=0, steps=3, seed=7)
    assert all(args[2].aug.tolist() == [30, 30] for args in entered[:3])
    assert all(torch.equal(args[2].low, entered[0][2].low) for args in entered[:3])
    assert torch.equal(entered[3][2].low, low) and entered[3][2].aug.tolist() == [0, 0]
    schedule = cascade.super_resolution.schedule
    power = schedule.alphas_cumprod[29]
    noise = (entered[0][2].low - power.sqrt() * low) / (1 - power).sqrt()
    close(augment(schedule, low, torch.tensor([30, 30]), noise), entered[0][2].low)
    for seed in (7, 8):  # of the base; and the second stage's first state
        gen = torch.Generator().manual_seed(seed)
        assert (torch.randn(1, 4, 4, generator=gen) - noise[seed - 7]).abs().max() > 0.1
    first = entered[0][0].flatten(1)[:, :16]
    assert (first - noise.flatten(1)).abs().max() > 0.1
    assert 0.3 < noise.std() < 2


def test_aug_matters_and_its_default_is_the_cascades_own(cascade):
    at = {aug: cascade.sample(2, labels=1, aug=aug) for aug in (None, 0, 11, 50)}
    assert torch.equal(at[None], at[11])
    assert (at[0] - at[11]).abs().max() > 1e-3 and (at[50] - at[11]).abs().max() > 1e-3
    unmeasured = replace(cascade, info={})
    assert torch.equal(unmeasured.sample(2, labels=1), at[0])


def test_guidance_acts_in_both_stages(cascade):
    plain, guided = (list(cascade.trajectory(2, labels=1, guidance=g, steps=3)) for g in (1.0, 4.0))
    assert (plain[2].step.x - guided[2].step.x).abs().max() > 1e-3
    low = torch.zeros(2, 1, 4, 4)
    a, b = (cascade.enlarge(low, labels=1, guidance=g) for g in (1.0, 4.0))
    assert (a - b).abs().max() > 1e-3


def test_a_saved_cascade_may_be_half_as_large(cascade, tmp_path):
    path = tmp_path / "new" / "cascade.safetensors"
    cascade.save(path)
    assert ddpm.Cascade.load(path, "cpu").configs == cascade.configs
    size = path.stat().st_size
    cascade.save(path, torch.float16)
    assert path.stat().st_size < 0.7 * size
    close(ddpm.Cascade.load(path, "cpu").sample(2), cascade.sample(2), rtol=0, atol=0.05)


def test_stages_must_fit_each_other(cascade_config):
    base, large = cascade_config.base, cascade_config.super_resolution
    for stages, says in (
        ((altered(base, unet={"image_size": 6}), large), "must be 12, not 8"),
        ((altered(base, unet={"channels": 3}), large), "the same channels"),
        ((altered(base, unet={"num_classes": 4}), large), "the same num_classes"),
        ((base, replace(large, network="unet")), "'super_resolution', not 'unet'"),
        ((replace(base, network="classifier"), large), "'unet', not 'classifier'"),
    ):
        with pytest.raises(ValueError, match=says):
            CascadeConfig(*stages)
