import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from safetensors.torch import load_file

from ddpm import checkpoint, load_checkpoint
from ddpm.checkpoint import build_network, build_schedule, save_checkpoint
from ddpm.diffusion.denoiser import Denoiser
from devtools.configs import altered


def test_a_round_trip_gives_the_same_outputs(saved, network, tiny_config):
    loaded = load_checkpoint(saved, "cpu")
    x, t, labels = torch.randn(3, 1, 8, 8), torch.tensor([0, 20, 49]), torch.tensor([0, 2, 3])
    before = Denoiser(network, build_schedule(tiny_config), tiny_config.diffusion.objective)
    with torch.no_grad():
        assert torch.equal(loaded.model(x, t, labels), before(x, t, labels))
        assert torch.equal(loaded.model(x, t), before(x, t))
    assert loaded.config == tiny_config
    assert loaded.info == {"steps": 7, "machine": "a toaster"}
    assert torch.equal(loaded.schedule.betas, build_schedule(tiny_config).betas)
    assert loaded.schedule is loaded.model.schedule


def test_a_loaded_model_is_ready_for_sampling(saved):
    model = load_checkpoint(saved, "cpu").model
    assert isinstance(model, Denoiser) and not model.training
    assert not any(p.requires_grad for p in model.parameters())


def test_without_a_device_the_best_one_is_chosen(saved):
    loaded = load_checkpoint(saved)
    assert next(loaded.model.parameters()).device.type == checkpoint.best_device().type
    assert loaded.schedule.device.type == checkpoint.best_device().type


def test_the_file_is_plain_safetensors_with_the_config_as_json(saved, network):
    """Read by its format: 8 bytes of length, then JSON."""
    raw = saved.read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    config = json.loads(header["__metadata__"]["config"])
    assert config["unet"]["dim"] == 8 and config["diffusion"]["schedule"] == "cosine"
    assert load_file(saved).keys() == network.state_dict().keys()


def test_weights_follow_the_seed_alone_also_of_networks_built_at_the_same_time(
    tiny_config, global_rng_untouched
):
    """Visitors share the process: their weights and the global RNG don't depend on each other."""
    expected = build_network(tiny_config).state_dict()
    torch.manual_seed(123)
    with global_rng_untouched(), ThreadPoolExecutor(8) as pool:
        built = list(pool.map(lambda _: build_network(tiny_config).state_dict(), range(32)))
    for weights in built:
        assert all(torch.equal(weights[name], expected[name]) for name in expected)
    other = build_network(altered(tiny_config, train={"seed": 1})).state_dict()
    assert not torch.equal(other["init_conv.weight"], expected["init_conv.weight"])


def test_build_schedule_follows_the_config(tiny_config):
    def acp_end(**options):
        schedule = build_schedule(altered(tiny_config, diffusion=options))
        return schedule.T, float(schedule.alphas_cumprod[-1])

    assert acp_end(schedule="linear", T=200, rescale=False) == (200, pytest.approx(0.132, abs=1e-3))
    assert acp_end(schedule="linear", T=200, rescale=True)[1] < 1e-3
    assert acp_end(schedule="quadratic", T=200, rescale=False)[1] == pytest.approx(0.236, abs=1e-3)
    assert acp_end(schedule="cosine", T=30, rescale=False)[0] == 30


# ------------------------------------------------------------------ whole or not at all


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_failed_write_leaves_the_old_file(saved, tiny_config, monkeypatch, call):
    """A full disk or a crash, while the bytes are written and at the rename."""
    before = saved.read_bytes()

    def fail(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="no space"):
        save_checkpoint(saved, build_network(tiny_config), tiny_config)
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == ["model.safetensors"]  # no .part left


@pytest.mark.skipif(os.name != "posix", reason="folders can't be opened on Windows")
def test_file_and_rename_reach_the_disk(saved, tiny_config, monkeypatch):
    """First the bytes, then the name, then its folder, so that a power failure loses nothing."""
    fsync, replace, done = os.fsync, os.replace, []

    def note_fsync(fd):
        done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file")
        fsync(fd)

    def note_replace(*args):
        done.append("rename")
        replace(*args)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    save_checkpoint(saved, build_network(tiny_config), tiny_config)
    assert done == ["file", "rename", "folder"]
